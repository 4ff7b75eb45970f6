/** Who owns a session's contents, and which of them are kept when its id changes. Pure. */
import { optionInvalid, propertyOf } from "../../errors/index.js";
import type { KeptOf } from "../request/auth-request.js";
import type { Contents } from "../request/session-change.js";
import { readLogin } from "./login-record.js";

/** Keys of the login or of the session itself, which are not contents. */
const reserved: ReadonlySet<string> = new Set(["cookie", "passport", "login", "keptOf"]);

/** Everything that the app has stored. */
export function allOf(session: object | null | undefined): Contents {
  return Object.entries(session ?? {}).filter(([key]) => !reserved.has(key));
}

/** What is kept when a login of this user has ended: the named keys, and a record of who owns them. */
export function namedOf(session: object | null | undefined, keeps: readonly string[], user: string): Contents {
  const named = allOf(session).filter(([key]) => keeps.includes(key));
  if (named.length === 0) return [];
  return [...named, ["keptOf", { user, keys: named.map(([key]) => key) } satisfies KeptOf]];
}

/** What an anonymous visitor keeps under a new id, with the record of what was kept of a user's login. */
export function anonymousOf(session: object | null | undefined): Contents {
  const kept = readKeptOf(session);
  return kept ? [...allOf(session), ["keptOf", kept]] : allOf(session);
}

/** What is kept when this user logs in: their own contents and an anonymous visitor's, but not another user's. */
export function contentsFor(session: object | null | undefined, user: string, owner: string | undefined): Contents {
  if (owner !== undefined && owner !== user) return [];
  const foreign = readKeptOf(session);
  return allOf(session).filter(([key]) => !foreign || foreign.user === user || !foreign.keys.includes(key));
}

export function readKeptOf(session: object | null | undefined): KeptOf | undefined {
  const kept = propertyOf(session, "keptOf");
  return isKeptOf(kept) ? kept : undefined;
}

function isKeptOf(value: unknown): value is KeptOf {
  return typeof propertyOf(value, "user") === "string" && Array.isArray(propertyOf(value, "keys"));
}

/** The id of the user who is logged in, by this package or by passport alone; undefined if none. */
export function ownerOf(
  session: { passport?: { user?: unknown } } | null | undefined,
  idOf: (serialized: unknown) => string | undefined,
): string | undefined {
  const login = readLogin(session);
  if (login) return login.user.id;
  const serialized = session?.passport?.user;
  return serialized === undefined || serialized === null ? undefined : (idOf(serialized) ?? "");
}

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` */
export function checkKeeps(keeps: readonly string[]): void {
  const isList = Array.isArray(keeps) && keeps.every((key) => typeof key === "string" && !reserved.has(key));
  if (isList) return;
  throw optionInvalid(
    '`keeps` must be a list of session keys, such as `["cart"]`, without `cookie`, `passport`, `login` and `keptOf`',
  );
}
