/** The names that express-session's `Session` keeps for itself. */
import session from "express-session";

const prototype = session.Session.prototype as object;

/**
 * Whether a stored key of this name is dropped when express-session makes a `Session` of it (`save`, `id`, `toString`,
 * `__proto__`, ...). Its absence is then no change by the request, so a save leaves what is stored there alone.
 */
export function isReservedKey(key: string): boolean {
  return key in prototype || key === "req" || key === "id";
}
