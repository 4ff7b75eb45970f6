/** Changes that the mirror has missed: remembered, tried again one after the other, and counted. */

/** Sessions; more than this, and only a verification can tell which differ. */
const capacity = 100_000;
/** Milliseconds until the first retry; doubled until the longest. */
const firstDelay = 250;
const longestDelay = 5000;

export class Pending {
  readonly #retry: (sid: string) => Promise<void>;
  readonly #sids = new Set<string>();
  #overflowed = false;
  #timer: NodeJS.Timeout | undefined;
  #delay = firstDelay;
  #isClosed = false;
  /** Mirror writes that failed, since this process began. */
  failures = 0;

  constructor(retry: (sid: string) => Promise<void>) {
    this.#retry = retry;
  }

  get count(): number {
    return this.#sids.size;
  }

  get overflowed(): boolean {
    return this.#overflowed;
  }

  add(sid: string): void {
    this.failures++;
    if (this.#sids.size < capacity) this.#sids.add(sid);
    else this.#overflowed = true;
    this.#schedule();
  }

  has(sid: string): boolean {
    return this.#sids.has(sid);
  }

  /** The mirror has this session's newest state. */
  settle(sid: string): void {
    this.#sids.delete(sid);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isClosed || this.#sids.size === 0) return;
    this.#timer = setTimeout(() => void this.#run(), this.#delay).unref();
  }

  async #run(): Promise<void> {
    let hasFailed = false;
    for (const sid of this.#sids) {
      if (this.#isClosed) return;
      try {
        await this.#retry(sid); // settles it
      } catch {
        hasFailed = true;
        break; // the store is still away; asking it for each session would only add to its trouble
      }
    }
    this.#delay = hasFailed ? Math.min(this.#delay * 2, longestDelay) : firstDelay;
    this.#timer = undefined;
    this.#schedule();
  }
}
