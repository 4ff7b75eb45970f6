/**
 * Timers and clocks as they were when this package was loaded. Fake timers (of Jest or Vitest) must neither block a
 * request nor make a command look late.
 */
export const realTime = {
  setTimeout: globalThis.setTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  /** Milliseconds, monotonic. */
  now: performance.now.bind(performance),
};

const { queueMicrotask } = globalThis;

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
