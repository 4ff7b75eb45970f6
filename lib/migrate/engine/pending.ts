/** Changes that one store, as the mirror, has missed: remembered, counted, and retried one after the other. */

/** Sessions; beyond this, only a comparison can tell which ones differ. */
const capacity = 100_000;
/** Milliseconds until the first retry; doubled up to the longest. */
const firstDelay = 250;
const longestDelay = 5000;
/** After so many failures in a row, the store counts as down: more requests would only add to its load. */
const failuresUntilDown = 3;

/** After so many failures while the store works otherwise, a session counts as rejected by the store. */
const failuresUntilStuck = 3;
/** How many such ids are reported. */
const mostReported = 20;

export interface Missed {
  readonly what: "changed" | "destroyed";
}

export class Pending {
  readonly #retry: (sid: string, missed: Missed) => Promise<void>;
  readonly #probe: () => Promise<unknown>;
  readonly #missed = new Map<string, Missed>();
  /** How often the store rejected a session although it works otherwise. */
  readonly #rejections = new Map<string, number>();
  #overflowed = false;
  #timer: NodeJS.Timeout | undefined;
  #delay = firstDelay;
  #isClosed = false;
  /** Mirror writes that failed since this process started. */
  failures = 0;
  #isSlow = false;
  #running: Promise<void> | undefined;

  /** @param probe rejects while the store is down; if it resolves, a failure is due to the session */
  constructor(retry: (sid: string, missed: Missed) => Promise<void>, probe: () => Promise<unknown>) {
    this.#retry = retry;
    this.#probe = probe;
  }

  /** The mirror timed out and has not answered since, so no request waits for it. */
  get isSlow(): boolean {
    return this.#isSlow;
  }

  /** It timed out. From now on it is asked until it answers, even if it has missed nothing: a read tells so too. */
  noteSlow(): void {
    this.#isSlow = true;
    this.#schedule();
  }

  noteAnswer(): void {
    this.#isSlow = false;
  }

  get count(): number {
    return this.#missed.size;
  }

  /** Ids of sessions that the store rejects although it works otherwise; the first twenty. */
  get stuck(): string[] {
    const all = [...this.#rejections].filter(([sid, times]) => times >= failuresUntilStuck && this.#missed.has(sid));
    return all.slice(0, mostReported).map(([sid]) => sid);
  }

  get overflowed(): boolean {
    return this.#overflowed;
  }

  add(sid: string, what: Missed["what"]): void {
    this.failures++;
    // Destroyed stays destroyed. Each call makes a new entry, so that a retry that is already running does not settle
    // it.
    const missed: Missed = { what: this.#missed.get(sid)?.what === "destroyed" ? "destroyed" : what };
    if (this.#missed.has(sid) || this.#missed.size < capacity) this.#missed.set(sid, missed);
    else this.#overflowed = true;
    this.#schedule();
  }

  of(sid: string): Missed | undefined {
    return this.#missed.get(sid);
  }

  /** Called when the mirror has the session at least as it was when `missed` was noted. */
  settle(sid: string, missed: Missed | undefined): void {
    if (!missed || this.#missed.get(sid) !== missed) return;
    this.#missed.delete(sid);
    this.#rejections.delete(sid);
  }

  /** Called after a comparison found that both stores are equal. */
  forgetOverflow(): void {
    this.#overflowed = false;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Tries once more what it has missed, before this process ends. */
  async flush(): Promise<void> {
    await this.#running;
    if (this.#missed.size > 0) await this.#run();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isClosed || (this.#missed.size === 0 && !this.#isSlow)) return;
    this.#timer = setTimeout(() => (this.#running = this.#run()), this.#delay).unref();
  }

  #isUp(): Promise<boolean> {
    return this.#probe().then(
      () => true,
      () => false,
    );
  }

  /** Counts a rejection of this session, unless the store is down; returns whether it was counted. */
  async #countIfRejected(sid: string): Promise<boolean> {
    const isUp = await this.#isUp();
    if (isUp) this.#rejections.set(sid, (this.#rejections.get(sid) ?? 0) + 1);
    return isUp;
  }

  async #run(): Promise<void> {
    let failed = 0;
    let inARow = 0;
    // A copy: what fails moves to the end of the map, and would be visited again.
    const round = Array.from(this.#missed);
    if (round.length === 0) {
      if (await this.#isUp()) this.noteAnswer();
      else failed++;
    }
    for (const [sid, missed] of round) {
      if (this.#isClosed || inARow === failuresUntilDown) break;
      try {
        await this.#retry(sid, missed); // settles it
        this.noteAnswer();
        inARow = 0;
      } catch {
        failed++;
        if (!(await this.#countIfRejected(sid))) inARow++;
        const now = this.#missed.get(sid);
        if (!now) continue;
        this.#missed.delete(sid); // to the end: one session that cannot be written must not block the others
        this.#missed.set(sid, now);
      }
    }
    this.#delay = failed > 0 ? Math.min(this.#delay * 2, longestDelay) : firstDelay;
    this.#timer = undefined;
    this.#schedule();
  }
}
