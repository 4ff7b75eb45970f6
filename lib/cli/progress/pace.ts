/** Rate and remaining time, from the last seconds only, because the rate changes. Pure. */

/** Milliseconds. */
const window = 15_000;

export class Pace {
  /** How many rows were done at which time, oldest first. */
  readonly #marks: { at: number; done: number }[] = [];

  note(done: number, at: number): void {
    this.#marks.push({ at, done });
    while (this.#marks.length > 2 && at - this.#marks[1]!.at >= window) this.#marks.shift();
  }

  /** Rows per second; undefined until known. */
  get rate(): number | undefined {
    const [oldest, newest] = [this.#marks[0], this.#marks.at(-1)];
    if (!oldest || !newest || newest.at - oldest.at < 100) return undefined;
    return ((newest.done - oldest.done) / (newest.at - oldest.at)) * 1000;
  }

  /** Remaining time in seconds; undefined until known. */
  secondsLeft(total: number): number | undefined {
    const newest = this.#marks.at(-1);
    if (!newest || !this.rate) return undefined;
    return Math.max(0, total - newest.done) / this.rate;
  }
}
