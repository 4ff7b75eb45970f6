/** Waiting: says what a step waits for if it takes a while, and stops waiting after Ctrl-C. */

/** Milliseconds before the first message, and between two. */
const messageInterval = 2000;
/** Milliseconds without a call after which the wait counts as over. */
const waitOverAfter = 1000;

export function sayWaiting(say: (line: string) => void): (what: string) => void {
  let [saidAt, calledAt] = [-Infinity, -Infinity];
  return (what) => {
    const now = performance.now();
    if (now - calledAt > waitOverAfter) saidAt = now;
    calledAt = now;
    if (now - saidAt < messageInterval) return;
    saidAt = now;
    say(`Waiting for ${what} …`);
  };
}

/** `work`, or a rejection on Ctrl-C. Each change of the move is atomic, so it may be abandoned at any point. */
export function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {}); // it may fail later, when its connection is closed
  return new Promise((resolve, reject) => {
    work.then(resolve, reject);
    const stop = () => reject(new Error("stopped"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}
