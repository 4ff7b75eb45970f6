/** Remembers when each session's lifetime was last refreshed, so that it is not refreshed on every request. Pure. */

/** How many sessions are remembered; the longest unseen are forgotten first, which costs each of them one touch. */
const capacity = 100_000;

export class TouchLedger {
  readonly #dueAt = new Map<string, number>();

  /** Notes when the session's lifetime is to be refreshed next (milliseconds). */
  note(sid: string, dueAt: number): void {
    this.#dueAt.delete(sid); // so that the order of the map is the order of the last touches
    this.#dueAt.set(sid, dueAt);
    if (this.#dueAt.size > capacity) this.#dueAt.delete(this.#dueAt.keys().next().value!);
  }

  forget(sid: string): void {
    this.#dueAt.delete(sid);
  }

  /** `undefined` where this process knows of no refresh. */
  dueAt(sid: string): number | undefined {
    return this.#dueAt.get(sid);
  }
}

/** The default interval in seconds: a twentieth of the lifetime, at most a minute. */
export function defaultTouchInterval(ttl: number): number {
  return Math.min(60, ttl / 20);
}
