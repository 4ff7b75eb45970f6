/** The expiry in a session's text is from its last write; if it was only touched since then, the session lives longer. */
import { propertyOf } from "../../errors/index.js";

/**
 * Gives the cookie of a session that is alive an expiry in the future, if the one that was stored has passed. Others rely
 * on it: @fastify/session ends a session by its cookie's expiry.
 */
export function renewPastExpiry(cookie: unknown, now = Date.now()): void {
  const [expires, maxAge] = [propertyOf(cookie, "expires"), propertyOf(cookie, "originalMaxAge")];
  if (typeof expires !== "string" || typeof maxAge !== "number" || !(maxAge > 0)) return;
  const end = new Date(now + maxAge);
  if (!(Date.parse(expires) <= now) || Number.isNaN(end.getTime())) return;
  Reflect.set(Object(cookie), "expires", end.toISOString()); // which a frozen cookie refuses
}
