/** Limits how long work is waited for. */
import { realTime } from "./real-time.js";

/** The result of `work`, or a `TimeoutError` after `milliseconds`. The work itself continues. */
export function within<T>(work: Promise<T>, milliseconds: number, onSlow?: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = realTime.setTimeout(() => {
      onSlow?.();
      reject(Object.assign(new Error("it takes too long"), { name: "TimeoutError" }));
    }, milliseconds);
    timer.unref();
    work.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
