/** The settings of a session's cookie, without its expiry, which moves with every request. Pure. */

const names = [
  "originalMaxAge",
  "secure",
  "httpOnly",
  "domain",
  "path",
  "sameSite",
  "priority",
  "partitioned",
] as const;

/** A cookie's settings, of express-session's `Cookie` as well as of its JSON. */
export type CookieSettings = { readonly [name in (typeof names)[number]]?: unknown };

export function settingsOf(cookie: unknown): CookieSettings {
  const settings: Record<string, unknown> = {};
  for (const name of names) settings[name] = (cookie as CookieSettings | undefined)?.[name] ?? null;
  return settings;
}

/** JSON leaves `undefined` out, so a setting that is absent equals one that is `undefined` or `null`. */
export function sameSettings(a: unknown, b: unknown): boolean {
  for (const name of names) {
    if (!sameSetting((a as CookieSettings)?.[name] ?? null, (b as CookieSettings)?.[name] ?? null)) return false;
  }
  return true;
}

/** `Cookie` derives `originalMaxAge` from the clock, so setting the same `maxAge` again can yield a millisecond less. */
function sameSetting(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "number" && typeof b === "number" && Math.abs(a - b) < 1000);
}
