/** What a session knows about when it began and was last seen. Pure. */
import { readLogin } from "../../auth/logins/login-record.js";
import { isObject } from "../../options/index.js";
import type { JsonObject } from "../../session/index.js";

export interface Times {
  /** Seconds since its login of `holdfast/auth` began; nothing else in a session says when it began. */
  readonly age: number | undefined;
  /** Seconds since it was last known to be in use. */
  readonly idle: number | undefined;
}

export interface Remaining {
  /** Milliseconds to live; undefined without an expiry. */
  readonly milliseconds: number | undefined;
  /** The lifetime in seconds of a session whose cookie has none; undefined if not known. */
  readonly ttl: number | undefined;
}

/** Clocks of two machines may differ by so many milliseconds. */
const skew = 60_000;

export function timesOf(values: JsonObject, remaining: Remaining, now: number): Times {
  const login = readLogin(values);
  const seen = [login?.seen, values["lastActivity"], ...cookieTimes(values["cookie"], remaining, now)]
    .filter((time) => typeof time === "number")
    .filter((time) => time > 0 && time <= now + skew);
  return {
    age: login && secondsSince(login.since, now),
    idle: seen.length === 0 ? undefined : secondsSince(Math.max(...seen), now),
  };
}

/**
 * A write sets `expires` to its time plus the maximum age. A write or a touch sets the time to live to the lifetime, so
 * what is missing of it has passed since. After the short lifetime of a first visit, that time is too early, and the
 * other counts.
 */
function cookieTimes(cookie: unknown, { milliseconds, ttl }: Remaining, now: number): (number | undefined)[] {
  const { expires, originalMaxAge } = isObject(cookie) ? cookie : {};
  const maxAge = typeof originalMaxAge === "number" ? originalMaxAge : undefined;
  const written = maxAge !== undefined && typeof expires === "string" ? Date.parse(expires) - maxAge : undefined;
  const lifetime = maxAge ?? (ttl === undefined ? undefined : ttl * 1000);
  const isKnown = milliseconds !== undefined && lifetime !== undefined;
  return [written, isKnown ? now + milliseconds - lifetime : undefined];
}

function secondsSince(time: number, now: number): number {
  return Math.max(0, Math.round((now - time) / 1000));
}
