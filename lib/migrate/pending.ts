/** Changes that one store, as a mirror, has missed: remembered, tried again one after the other, and counted. */

/** Sessions; more than this, and only a verification can tell which differ. */
const capacity = 100_000;
/** Milliseconds until the first retry; doubled until the longest. */
const firstDelay = 250;
const longestDelay = 5000;
/** So many failures in a row, and the store is taken for away: asking it for each session would only add to its trouble. */
const enough = 3;

export interface Missed {
  readonly what: "changed" | "destroyed";
}

export class Pending {
  readonly #retry: (sid: string, missed: Missed) => Promise<void>;
  readonly #missed = new Map<string, Missed>();
  #overflowed = false;
  #timer: NodeJS.Timeout | undefined;
  #delay = firstDelay;
  #isClosed = false;
  /** Mirror writes that failed, since this process began. */
  failures = 0;
  /** The mirror let somebody wait, and has not been heard of since; nobody else should wait for it. */
  isSlow = false;

  constructor(retry: (sid: string, missed: Missed) => Promise<void>) {
    this.#retry = retry;
  }

  get count(): number {
    return this.#missed.size;
  }

  get overflowed(): boolean {
    return this.#overflowed;
  }

  add(sid: string, what: Missed["what"]): void {
    this.failures++;
    // What was destroyed stays so. A new entry each time: what a retry began before, does not settle this one.
    const missed: Missed = { what: this.#missed.get(sid)?.what === "destroyed" ? "destroyed" : what };
    if (this.#missed.has(sid) || this.#missed.size < capacity) this.#missed.set(sid, missed);
    else this.#overflowed = true;
    this.#schedule();
  }

  of(sid: string): Missed | undefined {
    return this.#missed.get(sid);
  }

  /** The mirror has this session as it was after `missed` was noted. */
  settle(sid: string, missed: Missed | undefined): void {
    if (missed && this.#missed.get(sid) === missed) this.#missed.delete(sid);
  }

  /** All sessions were compared, and no two copies differ. */
  forgetOverflow(): void {
    this.#overflowed = false;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isClosed || this.#missed.size === 0) return;
    this.#timer = setTimeout(() => void this.#run(), this.#delay).unref();
  }

  async #run(): Promise<void> {
    let failed = 0;
    let inARow = 0;
    const round = Array.from(this.#missed); // what fails goes to the end of the map, and would come again
    for (const [sid, missed] of round) {
      if (this.#isClosed || inARow === enough) break;
      try {
        await this.#retry(sid, missed); // settles it
        this.isSlow = false;
        inARow = 0;
      } catch {
        failed++;
        inARow++;
        const now = this.#missed.get(sid);
        if (!now) continue;
        this.#missed.delete(sid); // to the end: one session that cannot be written must not hold up the others
        this.#missed.set(sid, now);
      }
    }
    this.#delay = failed > 0 ? Math.min(this.#delay * 2, longestDelay) : firstDelay;
    this.#timer = undefined;
    this.#schedule();
  }
}
