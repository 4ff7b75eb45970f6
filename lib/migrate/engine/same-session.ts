/** Whether two stores have the same session. Pure. */
import { isDeepStrictEqual } from "node:util";

/** Ignores the order of keys and the expiry in the cookie, which each store renews in its own way. */
export function sameSession(a: object | null | undefined, b: object | null | undefined): boolean {
  if (!a || !b) return !a && !b;
  return isDeepStrictEqual(comparable(a), comparable(b));
}

interface PlainSession {
  cookie?: { expires?: unknown } | null;
}

function comparable(session: object): object {
  const { cookie, ...contents }: PlainSession = JSON.parse(JSON.stringify(session));
  const { expires: _ignored, ...settings } = cookie ?? {};
  // In a cookie, absent and null mean the same.
  const set = Object.entries(settings).filter(([, value]) => value !== null && value !== undefined);
  return { ...contents, cookie: Object.fromEntries(set) };
}
