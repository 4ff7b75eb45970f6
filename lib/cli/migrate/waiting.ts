/** What a step waits for: said when it takes a while, and not at each look; and left alone after a Ctrl-C. */

/** Milliseconds before the first word, and between two. */
const patience = 2000;

export function sayWaiting(say: (line: string) => void): (what: string) => void {
  let saidAt = performance.now();
  return (what) => {
    const now = performance.now();
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
