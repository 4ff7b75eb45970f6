/** The payload of the signal about what an operator does in the console. */

export interface OperatorSignal {
  /** The store that the console is about. */
  readonly store: object;
  readonly action: "end-session" | "end-user";
  /** Who did it, if the option `authorize` tells the name. */
  readonly operator: string | undefined;
  /** A short hash of the session's id, if the action is about one session. */
  readonly session?: string | undefined;
  /** The id of the user, if the action is about one. */
  readonly user?: string | undefined;
  /** What was thrown, if the action failed. */
  readonly error: unknown;
}
