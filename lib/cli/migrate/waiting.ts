/** What a step waits for: said when it takes a while, and not at each look; and left alone after a Ctrl-C. */

/** Milliseconds before the first word, and between two. */
const patience = 2000;
/** Milliseconds without a look: what was waited for has come. */
const pause = 1000;

export function sayWaiting(say: (line: string) => void): (what: string) => void {
  let [saidAt, lookedAt] = [-Infinity, -Infinity];
  return (what) => {
    const now = performance.now();
    if (now - lookedAt > pause) saidAt = now;
    lookedAt = now;
    if (now - saidAt < patience) return;
    saidAt = now;
    say(`Waiting for ${what} …`);
  };
}

/** The same, or a rejection as soon as there is a Ctrl-C. Each change of the move is whole, so it may be left anywhere. */
export function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {}); // it fails later, when its connection is closed under it
  return new Promise((resolve, reject) => {
    work.then(resolve, reject);
    const stop = () => reject(new Error("stopped"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}
