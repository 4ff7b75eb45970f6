/** How fast it goes, and how long it will take: from the last seconds, because the beginning says little about now. Pure. */

/** Milliseconds. */
const window = 15_000;

export class Pace {
  /** When how many rows were done, the oldest first. */
  readonly #marks: { at: number; done: number }[] = [];

  note(done: number, at: number): void {
    this.#marks.push({ at, done });
    while (this.#marks.length > 2 && at - this.#marks[1]!.at >= window) this.#marks.shift();
  }

  /** Rows a second; undefined until there is something to say. */
  get rate(): number | undefined {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (!first || !last || last.at - first.at < 100) return undefined;
    return ((last.done - first.done) / (last.at - first.at)) * 1000;
  }

  /** Seconds. */
  left(total: number): number | undefined {
    const last = this.#marks.at(-1);
    if (!last || !this.rate) return undefined;
    return Math.max(0, total - last.done) / this.rate;
  }
}
