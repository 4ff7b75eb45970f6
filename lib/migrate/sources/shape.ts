/** Which columns of a table hold the session, and which others the store fills. Pure. */
import type { Column, Dialect } from "./dialect.js";

export interface Shape {
  readonly sid: Column;
  readonly session: Column;
  readonly expires: Column;
  /** Not null in rows that the store has marked as removed, as connect-typeorm does. */
  readonly deleted: Column | undefined;
  /** Other columns that must have a value. */
  readonly required: readonly Column[];
}

type Given = { readonly [name in "sid" | "session" | "expires"]?: string };

/** Column names of known stores; the first one that the table has is used. */
const usual = {
  sid: ["sid", "session_id", "id"],
  session: ["sess", "data", "json"],
  expires: ["expire", "expired", "expires", "expiresAt", "expiredAt"],
} as const;
const removed = /^(deleted|destroyed)_?at$/i;

/** The shape, or the problem with the table as the end of a sentence. */
export function shapeOf(
  found: readonly Column[],
  given: Given,
  defaults: Required<Given>,
  dialect: Dialect,
): Shape | string {
  const { hasExactNames, sessionTypes, expiryWords, quoted } = dialect;
  const same = (a: string, b: string) => (hasExactNames ? a === b : a.toLowerCase() === b.toLowerCase());
  const of = (name: string) => found.find((column) => same(column.name, name));
  const choose = (role: keyof Given) => {
    if (given[role] !== undefined) return of(given[role]);
    return of(defaults[role]) ?? usual[role].map(of).find((column) => column !== undefined);
  };
  const [sid, session, expires] = [choose("sid"), choose("session"), choose("expires")];
  if (!sid || !session || !expires) {
    const roles = ["sid", "session", "expires"] as const;
    const missing = roles.filter((role) => !choose(role)).map((role) => quoted(given[role] ?? defaults[role]));
    return `it has no column ${missing.join(", ")}`;
  }
  if (!sessionTypes.pattern.test(session.type))
    return `the column ${quoted(session.name)} has the type ${session.type}, but sessions are ${sessionTypes.words}`;
  if (!dialect.expiry(expires.type))
    return `the column ${quoted(expires.name)} has the type ${expires.type}, but an expiry time is ${expiryWords}`;
  if (!sid.isKey) return `the column ${quoted(sid.name)} is not unique, so an id could have two rows`;
  const own = [sid, session, expires];
  return {
    sid,
    session,
    expires,
    deleted: found.find((column) => removed.test(column.name) && !column.isRequired && !own.includes(column)),
    required: found.filter((column) => column.isRequired && !own.includes(column)),
  };
}

/** What to write into a column that must have a value: the time, the session's id or a new id; undefined if unknown. */
export function fillingOf({ name, type, isKey }: Column): "now" | "sid" | "uuid" | undefined {
  if (/date|time/i.test(type) || (/^(created|updated)_?at$/i.test(name) && /int/i.test(type))) return "now";
  if (isKey && /^uuid/i.test(type)) return "uuid";
  return isKey && /char|text/i.test(type) ? "sid" : undefined;
}
