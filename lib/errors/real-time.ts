/**
 * Timers and clocks as they were when this package was loaded. Fake timers (of Jest or Vitest) must neither block a
 * request nor make a command look late. Those of Node.js's modules, because the global ones may be fake by then (Jest's
 * `enableGlobally`).
 */
import { performance } from "node:perf_hooks";
import { clearInterval, setInterval, setTimeout } from "node:timers";

const { queueMicrotask } = globalThis;

export const realTime = {
  setTimeout,
  setInterval,
  clearInterval,
  queueMicrotask,
  /** Milliseconds, monotonic. */
  now: performance.now.bind(performance),
};

/**
 * Calls the app's code from inside a promise. What it throws becomes an uncaught exception, instead of rejecting our
 * promise or causing a second call.
 */
export function callOutside<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): void {
  try {
    callback(...args);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
