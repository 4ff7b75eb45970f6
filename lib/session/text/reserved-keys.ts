/** The names that express-session's `Session` reserves for itself. */
import session from "express-session";

const prototype: object = session.Session.prototype;

/**
 * Whether express-session drops a stored key with this name when it creates a `Session` (`save`, `id`, `toString`,
 * `__proto__`, ...). Its absence is then not a change by the request, so a save leaves the stored value alone.
 */
export function isReservedKey(key: string): boolean {
  return key in prototype || key === "req" || key === "id";
}

/** Whether a stored session has such a key. */
export function hasReservedKey(data: object): boolean {
  for (const key in data) if (isReservedKey(key)) return true;
  return false;
}
