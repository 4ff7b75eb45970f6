/** How long a session lives, and when its lifetime is due to be refreshed. */
import type { SessionData } from "express-session";
import { propertyOf, setupInvalid } from "../../errors/index.js";
import type { CookieSettings } from "../cookie/cookie-settings.js";
import { hasLogin } from "./first-visit.js";
import type { Stored } from "../stored.js";
import { splitText } from "../text/session-text.js";
import { invalidCookie } from "../cookie/stored-cookie.js";
import { defaultTouchInterval, TouchLedger } from "./touch-ledger.js";

export interface LifetimeOptions {
  ttl: number | ((session: SessionData) => number);
  touchInterval?: number;
  /** In seconds; see the option of the same name. */
  firstVisitTtl?: number | undefined;
  disableTTL: boolean;
  disableTouch: boolean;
}

export class Lifetime {
  readonly #options: LifetimeOptions;
  readonly #ledger = new TouchLedger();

  constructor(options: LifetimeOptions) {
    this.#options = options;
  }

  /**
   * Lifetime in seconds, computed as in connect-redis: from the cookie, else from the option `ttl`. 0 or less: expired.
   *
   * @throws HoldfastError `SESSION_COOKIE_INVALID`, `HOLDFAST_OPTION_INVALID`
   */
  seconds(session: SessionData): number {
    const { ttl } = this.#options;
    if (typeof ttl === "function") return checkedTtl(Math.ceil(ttl(session)));
    const { expires, originalMaxAge } = session.cookie ?? {};
    if (!expires) return ttl;
    const left = new Date(expires).getTime() - Date.now();
    // If a session was only touched since it was written, the time in it is in the past, although it is alive.
    const isStale = left <= 0 && typeof originalMaxAge === "number" && originalMaxAge > 0;
    const seconds = Math.ceil((isStale ? originalMaxAge : left) / 1000);
    if (!Number.isSafeInteger(seconds)) throw invalidCookie("its expiry is no date");
    return seconds;
  }

  /** Whether a session created now has the short lifetime of a first visit. */
  isShortAtFirst(session: SessionData): boolean {
    return this.#options.firstVisitTtl !== undefined && !hasLogin(session);
  }

  /** The lifetime of such a session, in seconds, instead of the full one. */
  firstSeconds(seconds: number): number {
    return Math.min(seconds, Math.ceil(this.#options.firstVisitTtl ?? seconds));
  }

  /** Whether keys expire, and may be refreshed without being written. */
  get isTouchable(): boolean {
    return !this.#options.disableTouch && !this.#options.disableTTL;
  }

  /** The expiry that a write sets, in seconds; 0 for none. */
  expiry(seconds: number): number {
    return this.#options.disableTTL ? 0 : seconds;
  }

  /**
   * Whether the last refresh was at least a touch interval ago, or gave a lifetime other than `seconds`. If this
   * process knows of no refresh, it takes the time at which the session's text was written, and remembers that. So a
   * process that has just started does not touch every session.
   */
  isTouchDue(sid: string, stored: Stored | undefined, seconds?: number): boolean {
    if (!this.isTouchable) return false;
    const isDue = this.#ledger.isDue(sid, seconds);
    if (isDue !== undefined) return isDue;
    if (this.#options.firstVisitTtl !== undefined) return true; // it may have the short lifetime of a first visit
    const write = stored && lastWrite(stored);
    if (!write) return true;
    const ago = Date.now() - write.at;
    if (ago < 0) return true; // by another clock, so nothing is known
    const interval = this.#interval(write);
    const given = typeof this.#options.ttl === "function" ? undefined : write.originalMaxAge / 1000;
    this.#ledger.note(sid, { seconds: given, interval, ago });
    return this.#ledger.isDue(sid, seconds)!;
  }

  /** The same for a save that may leave the key's expiry as it is. */
  isRefreshDue(sid: string, seconds: number): boolean {
    return this.#ledger.isDue(sid, seconds) ?? true;
  }

  /** The session's lifetime was just set to `seconds`; the touch interval depends on its cookie's settings. */
  noteRefresh(sid: string, settings: CookieSettings | undefined, seconds: number): void {
    this.#ledger.note(sid, { seconds, interval: this.#interval(settings) });
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

/** @throws HoldfastError if it cannot be a lifetime */
function checkedTtl(seconds: number): number {
  if (Number.isSafeInteger(seconds)) return seconds;
  throw setupInvalid(
    `The function given as \`ttl\` did not return a number of seconds (${String(seconds)}), so the session was not ` +
      "saved. For sessions that never expire, set `disableTTL: true`.",
  );
}

function cookieOf(stored: Stored): unknown {
  const part = stored.form === "hash" ? stored.fields["cookie"] : splitText(stored.text)?.cookie;
  if (part === undefined) return undefined;
  try {
    return JSON.parse(part);
  } catch {
    return undefined;
  }
}

/** When the session was written: a write sets `expires` to the current time plus the cookie's maximum age. */
function lastWrite(stored: Stored): { readonly at: number; readonly originalMaxAge: number } | undefined {
  const cookie = cookieOf(stored);
  const [expires, originalMaxAge] = [propertyOf(cookie, "expires"), propertyOf(cookie, "originalMaxAge")];
  if (typeof expires !== "string" || typeof originalMaxAge !== "number") return undefined;
  const at = Date.parse(expires) - originalMaxAge;
  return Number.isFinite(at) ? { at, originalMaxAge } : undefined;
}
