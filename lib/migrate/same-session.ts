/** Whether two stores hold the same of a session. Pure. */
import { isDeepStrictEqual } from "node:util";

/** The times in a cookie move with every request, each store in its own way; they do not count, nor does the order of keys. */
export function sameSession(a: object | null | undefined, b: object | null | undefined): boolean {
  if (!a || !b) return !a && !b;
  return isDeepStrictEqual(comparable(a), comparable(b));
}

function comparable(session: object): object {
  const { cookie, ...contents } = JSON.parse(JSON.stringify(session)) as { cookie?: object };
  const { expires: _moves, ...settings } = (cookie ?? {}) as { expires?: unknown };
  // What is absent and what is null say the same of a cookie.
  const set = Object.entries(settings).filter(([, value]) => value !== null && value !== undefined);
  return { ...contents, cookie: Object.fromEntries(set) };
}
