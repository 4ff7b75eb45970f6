/** Promises for those who wait for them, callbacks for express-session. */

export type Callback<T = void> = (error?: unknown, result?: T) => void;

/**
 * Hands the result to `callback`, outside any `try`: a callback that throws ends up as an uncaught exception of its
 * own, is not called twice, and is not taken for a failure of the store. With a callback the promise never rejects.
 */
export function settle<T>(work: Promise<T>, callback: Callback<T> | undefined): Promise<T> {
  if (!callback) return work;
  work.then(
    (result) => process.nextTick(callback, null, result),
    (error: unknown) => process.nextTick(callback, error),
  );
  return work.catch(() => undefined as T);
}
