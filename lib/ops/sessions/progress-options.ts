/** How a long task is watched and stopped. */

export interface ProgressOptions {
  /** Stops early. @default none */
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of sessions that are done. @default none */
  readonly onProgress?: ((done: number) => void) | undefined;
  /**
   * Called with the number of values that were passed over because they cannot be read as a session: encrypted with a key
   * that is missing here, written by another serializer, or not a session at all. By `list` and `endUser`, only with those
   * of which it is not known whose they are. `endUser` looks several times, and counts anew each time.
   *
   * @default none
   */
  readonly onUnreadable?: ((count: number) => void) | undefined;
}
