/** How long a session lives, and when its lifetime is due to be refreshed. */
import type { SessionData } from "express-session";
import type { CookieSettings } from "./cookie-settings.js";
import type { Stored } from "./layout.js";
import { splitText } from "./session-text.js";
import { defaultTouchInterval, TouchLedger } from "./touch-ledger.js";

export interface LifetimeOptions {
  ttl: number | ((session: SessionData) => number);
  touchInterval?: number;
  disableTTL: boolean;
  disableTouch: boolean;
}

export class Lifetime {
  readonly #options: LifetimeOptions;
  readonly #ledger = new TouchLedger();

  constructor(options: LifetimeOptions) {
    this.#options = options;
  }

  /** Seconds, as connect-redis reckons: what the cookie says, else the option `ttl`. 0 or less: over already. */
  seconds(session: SessionData): number {
    const { ttl } = this.#options;
    if (typeof ttl === "function") return Math.ceil(ttl(session));
    const { expires, originalMaxAge } = session.cookie ?? {};
    if (!expires) return ttl;
    const left = new Date(expires).getTime() - Date.now();
    // A session that was only touched since it was written says a time that has passed, and is alive all the same.
    const isStale = left <= 0 && typeof originalMaxAge === "number" && originalMaxAge > 0;
    return Math.ceil((isStale ? originalMaxAge : left) / 1000);
  }

  /** Whether keys end at all, and may be refreshed without being written. */
  get isTouchable(): boolean {
    return !this.#options.disableTouch && !this.#options.disableTTL;
  }

  /** What a write passes on as the key's end: 0 for none. */
  expiry(seconds: number): number {
    return this.#options.disableTTL ? 0 : seconds;
  }

  /**
   * Whether the last refresh lies a touch interval back. Where this process knows of none, the time at which the
   * session's text was written counts, so that a process that has just started does not touch every session.
   */
  isTouchDue(sid: string, stored: Stored | undefined): boolean {
    if (!this.isTouchable) return false;
    const now = Date.now();
    const dueAt = this.#ledger.dueAt(sid);
    if (dueAt !== undefined) return now >= dueAt;
    const cookie = stored && cookieOf(stored);
    const written = writtenAt(cookie);
    if (written === undefined || written > now) return true;
    const next = written + this.#interval(cookie) * 1000;
    if (next > now) this.#ledger.note(sid, next);
    return next <= now;
  }

  /** The same for a save that may leave the key's end as it is. */
  isRefreshDue(sid: string): boolean {
    const dueAt = this.#ledger.dueAt(sid);
    return dueAt === undefined || Date.now() >= dueAt;
  }

  /** The session got its full lifetime just now; its cookie's settings say how long that is. */
  noteRefresh(sid: string, settings: CookieSettings | undefined): void {
    this.#ledger.note(sid, Date.now() + this.#interval(settings) * 1000);
  }

  forget(sid: string): void {
    this.#ledger.forget(sid);
  }

  #interval(cookie: CookieSettings | undefined): number {
    const { ttl, touchInterval } = this.#options;
    if (touchInterval !== undefined) return touchInterval;
    const own = cookie?.originalMaxAge;
    return defaultTouchInterval(typeof own === "number" ? own / 1000 : typeof ttl === "number" ? ttl : 60);
  }
}

interface StoredCookie {
  originalMaxAge?: unknown;
  expires?: unknown;
}

function cookieOf(stored: Stored): StoredCookie | undefined {
  const part = stored.form === "hash" ? stored.fields["cookie"] : splitText(stored.text)?.cookie;
  if (part === undefined) return undefined;
  try {
    return JSON.parse(part) as StoredCookie;
  } catch {
    return undefined;
  }
}

/** A write sets the expiry to its own time plus the cookie's maximum age. */
function writtenAt(cookie: StoredCookie | undefined): number | undefined {
  if (typeof cookie?.expires !== "string" || typeof cookie.originalMaxAge !== "number") return undefined;
  const time = Date.parse(cookie.expires) - cookie.originalMaxAge;
  return Number.isFinite(time) ? time : undefined;
}
