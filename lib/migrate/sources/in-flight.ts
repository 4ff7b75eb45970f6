/**
 * Limits concurrent work by size in characters: 300 sessions of a megabyte each are too much at once, small ones are
 * not.
 */

/** Maximum characters in progress. */
const capacity = 8 * 1024 * 1024;
/** The minimum that a session counts, for the overhead. */
const minimumSize = 20_000;

/** A task of any size can always run alone. */
export class InFlight {
  #taken = 0;
  readonly #waiting: (() => void)[] = [];
  /** Characters of a typical recent session; large until known. */
  #typical = capacity / 20;
  #isKnown = false;

  async run<T>(size: number | undefined, work: () => Promise<T>): Promise<T> {
    const own = Math.max(minimumSize, size ?? this.#typical);
    while (this.#taken > 0 && this.#taken + own > capacity) await new Promise<void>((go) => this.#waiting.push(go));
    this.#taken += own;
    try {
      return await work();
    } finally {
      this.#taken -= own;
      for (const go of this.#waiting.splice(0)) go();
    }
  }

  /** Notes the sizes of sessions that were read. Larger sizes take effect at once, smaller ones gradually. */
  saw(sizes: readonly number[]): void {
    if (sizes.length === 0) return;
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    this.#typical = mean > this.#typical || !this.#isKnown ? mean : (this.#typical * 3 + mean) / 4;
    this.#isKnown = true;
  }

  /** Resets the estimate, for sessions of another store. */
  forget(): void {
    this.#typical = capacity / 20;
    this.#isKnown = false;
  }

  /** How many sessions to read at once. */
  pageSize(atMost: number): number {
    return Math.max(1, Math.min(atMost, Math.floor(capacity / Math.max(1, this.#typical))));
  }
}
