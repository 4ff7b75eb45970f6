/** Promises for callers that await them, callbacks for express-session. */
import { callOutside } from "../errors/index.js";

export type Callback<T = void> = (error?: unknown, result?: T) => void;

/**
 * Passes the result to `callback`, outside any `try`: if the callback throws, that is an uncaught exception; it is not
 * called twice, and its error does not count as a failure of the store. With a callback the promise never rejects.
 */
export function settle<T>(work: Promise<T>, callback: Callback<T> | undefined): Promise<T> {
  const handled = work.catch(noop); // express-session's `destroy()` passes no promise on, so nobody could handle it
  if (!callback) return work;
  work.then(
    (result) => callOutside(callback, null, result),
    (error: unknown) => callOutside(callback, error),
  );
  return handled; // the callback has the error
}

/** The same for a method that returns nothing; without a callback, a failure is ignored. */
export function answer<T>(work: Promise<T>, callback: Callback<T> | undefined): void {
  void settle(work, callback ?? noop);
}

function noop(): never {
  return undefined as never; // callers get what the callback got
}
