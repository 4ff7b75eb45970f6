/**
 * Remembers when the lifetime of each session was last set, and to what, so that it is not refreshed on every request.
 * Uses the monotonic clock, which corrections of the system time do not affect. Pure.
 */

/** How many sessions are remembered. The least recently touched are forgotten first, which costs one touch each. */
const capacity = 100_000;

export interface Refresh {
  /** Seconds from then to the session's expiry; `undefined` if that is not known. */
  readonly seconds: number | undefined;
  /** Seconds during which the same lifetime need not be set again. */
  readonly interval: number;
  /** Milliseconds since then. @default 0 */
  readonly ago?: number;
}

/** Times are milliseconds of `performance.now()`. */
interface Entry {
  readonly at: number;
  readonly dueAt: number;
  readonly seconds: number | undefined;
}

export class TouchLedger {
  readonly #entries = new Map<string, Entry>();

  note(sid: string, { seconds, interval, ago = 0 }: Refresh, now = performance.now()): void {
    this.#entries.delete(sid); // so that the order of the map is the order of the last touches
    const at = now - ago;
    this.#entries.set(sid, { at, dueAt: at + interval * 1000, seconds });
    if (this.#entries.size > capacity) this.#entries.delete(this.#entries.keys().next().value!);
  }

  forget(sid: string): void {
    this.#entries.delete(sid);
  }

  /**
   * Whether a refresh is due: the last one was at least an interval ago, or gave the session a lifetime other than
   * `seconds` from now. `undefined` if this process knows of no refresh.
   */
  isDue(sid: string, seconds?: number, now = performance.now()): boolean | undefined {
    const entry = this.#entries.get(sid);
    if (!entry) return undefined;
    if (now >= entry.dueAt || now < entry.at) return true;
    return seconds !== undefined && entry.seconds !== undefined && !isSame(entry.seconds, seconds, now - entry.at);
  }
}

/** The same lifetime from now on, or the same expiry; both are rounded to whole seconds. */
function isSame(before: number, seconds: number, elapsed: number): boolean {
  return before === seconds || Math.abs(before - seconds) <= 1 || Math.abs(before - elapsed / 1000 - seconds) <= 1;
}

/** The default interval in seconds: a twentieth of the lifetime, at most a minute. */
export function defaultTouchInterval(ttl: number): number {
  return Math.min(60, ttl / 20);
}
