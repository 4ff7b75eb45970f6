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

/** A cookie's settings, from express-session's `Cookie` or from its JSON. */
export type CookieSettings = { readonly [name in (typeof names)[number]]?: unknown };

export function settingsOf(cookie: unknown): CookieSettings {
  const settings: Record<string, unknown> = {};
  for (const name of names) settings[name] = settingOf(cookie, name);
  return settings;
}

/** JSON omits `undefined`, so an absent setting equals one that is `undefined`, `null` or the default. */
export function sameSettings(a: unknown, b: unknown): boolean {
  for (const name of names) {
    if (!sameSetting(settingOf(a, name), settingOf(b, name))) return false;
  }
  return true;
}

/** The setting in express-session's `Cookie`: its defaults apply if the stored cookie lacks it. */
function settingOf(cookie: unknown, name: (typeof names)[number]): unknown {
  if (cookie === undefined || cookie === null) return null;
  const settings: CookieSettings = cookie; // any other value has properties to be read
  const value = settings[name];
  if (value !== undefined || !cookie) return value ?? null;
  return name === "httpOnly" ? true : name === "path" ? "/" : null;
}

/**
 * `Cookie` derives `originalMaxAge` from the clock, so setting the same `maxAge` again can yield a millisecond less.
 */
function sameSetting(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "number" && typeof b === "number" && Math.abs(a - b) < 1000);
}
