/** The payload of the signal about what an operator does in the console. */

export interface OperatorSignal {
  /** The store that the console is about. */
  readonly store: object;
  /** What was done: `end-session`, `end-user`, or a step of a migration, such as `migration-set`. */
  readonly action: string;
  /** Who did it, if the option `authorize` tells the name. */
  readonly operator: string | undefined;
  /** A short hash of the session's id, if the action is about one session. */
  readonly session?: string | undefined;
  /** The id of the user, if the action is about one. */
  readonly user?: string | undefined;
  /** What was thrown, if the action failed. */
  readonly error: unknown;
}
