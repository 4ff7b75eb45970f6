/** Small wrappers for what express-session has but its types omit. */
import session, { type CookieOptions, type SessionData } from "express-session";

const Cookie: new (options?: CookieOptions) => session.Cookie = session.Cookie;

/** @throws TypeError for settings that express-session rejects */
export function newCookie(options?: CookieOptions): session.Cookie {
  return new Cookie(options);
}

/** The cookie that a store creates from a stored one. @throws TypeError */
export function reviveCookie(stored: unknown): unknown {
  const data = { cookie: stored };
  Reflect.apply(session.Store.prototype.createSession, undefined, [{}, data]);
  return data.cookie;
}

/** As `session.touch()` does before the cookie is sent; a number in `expires` counts as an age. */
export function renewExpiry(cookie: session.Cookie): void {
  const renewed: { maxAge?: number | null | undefined } = cookie;
  renewed.maxAge = cookie.originalMaxAge; // `null`, too: the cookie then ends with the browser
}

/** The `Set-Cookie` line. @throws TypeError for attributes that cannot be sent */
export function serializeCookie(cookie: session.Cookie, name: string, value: string): string {
  return (cookie as SerializableCookie).serialize(name, value); // which the types omit
}

/** Gives the values of a session the type that express-session has for them. */
export function asSession(values: object): SessionData {
  return values as SessionData; // whether it has a cookie is checked where that matters
}

interface SerializableCookie extends session.Cookie {
  serialize(name: string, value: string): string;
}
