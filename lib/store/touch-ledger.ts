/** Remembers when each session's lifetime was last refreshed, so that it is not refreshed on every request. Pure. */

/** How many sessions are remembered; the longest unseen are forgotten first, which costs each of them one touch. */
const capacity = 100_000;

export class TouchLedger {
  readonly #refreshedAt = new Map<string, number>();

  /** Notes that the session got its full lifetime at `now` (milliseconds). */
  note(sid: string, now: number): void {
    this.#refreshedAt.delete(sid); // so that the order of the map is the order of the last touches
    this.#refreshedAt.set(sid, now);
    if (this.#refreshedAt.size > capacity) this.#refreshedAt.delete(this.#refreshedAt.keys().next().value!);
  }

  forget(sid: string): void {
    this.#refreshedAt.delete(sid);
  }

  /** Milliseconds of the last refresh that this process knows of. */
  lastRefresh(sid: string): number | undefined {
    return this.#refreshedAt.get(sid);
  }
}

/** The default interval in seconds: a twentieth of the lifetime, at most a minute. */
export function defaultTouchInterval(ttl: number): number {
  return Math.min(60, ttl / 20);
}
