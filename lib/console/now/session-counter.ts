/** The number of sessions. A million take ten seconds to count, so it is counted rarely, and never twice at once. */
import type { SessionCount } from "./words.js";

/** Milliseconds between two counts, at least. */
const leastPause = 10_000;
/** The pause is so many times as long as the last count took. */
const share = 30;

export class SessionCounter {
  readonly #ask: (signal: AbortSignal) => Promise<number>;
  readonly #stopped: AbortSignal;
  #latest: SessionCount | undefined;
  #nextAt = 0;
  #isCounting = false;
  /** What is being counted has changed meanwhile. */
  #isOutdated = false;

  constructor(ask: (signal: AbortSignal) => Promise<number>, stopped: AbortSignal) {
    this.#ask = ask;
    this.#stopped = stopped;
  }

  /** The last count; begins another if it is time for it. */
  get latest(): SessionCount | undefined {
    if (!this.#isCounting && Date.now() >= this.#nextAt && !this.#stopped.aborted) void this.#count();
    return this.#latest;
  }

  /** Many sessions have come or gone at once, so the last count says nothing any more. */
  renew(): void {
    this.#nextAt = 0;
    this.#isOutdated = this.#isCounting;
  }

  async #count(): Promise<void> {
    this.#isCounting = true;
    const begun = Date.now();
    try {
      const count = await this.#ask(this.#stopped);
      if (!this.#stopped.aborted) this.#latest = { count, at: Date.now() };
    } catch {
      // The store does not answer, which the page says anyway.
    }
    this.#nextAt = this.#isOutdated ? 0 : Date.now() + Math.max(leastPause, share * (Date.now() - begun));
    this.#isOutdated = this.#isCounting = false;
  }
}
