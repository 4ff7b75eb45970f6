/** The payload of the signal about logins. */

export interface LoginSignal {
  /** The name of the event, such as `login` or `login-failed`. */
  readonly name: string;
  /** What its listeners get. */
  readonly event: object;
  /** The `events` of the `localAuth()` that tells it, to tell several of them apart. */
  readonly events: object;
}
