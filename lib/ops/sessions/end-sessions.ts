/** Ends sessions, as a logout does: through the store, so that no overlapping request brings one back. */
import type { Store } from "express-session";
import { readLogin } from "../../auth/logins/login-record.js";
import type { Listed, SessionFilter, Summaries } from "./summaries.js";
import { isForbidden, type UserLogins } from "./user-logins.js";

/** What `endUser` has ended. */
export interface EndedUser {
  /** Sessions that were found and ended. */
  readonly sessions: number;
  /** The user has a list of logins in `holdfast/auth`, and all of them were ended at once. */
  readonly logins: boolean;
}

export interface EndParts {
  readonly store: Store;
  readonly summaries: Summaries;
  readonly logins: UserLogins;
}

export interface ProgressOptions {
  /** Stops early. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of sessions that are done. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

export function destroy(store: Store, sid: string): Promise<void> {
  return new Promise((resolve, reject) => {
    store.destroy(sid, (error?: unknown) => (error ? reject(asError(error)) : resolve()));
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/**
 * First the logins, after which no request of the user is accepted; then the sessions. A session whose id is renewed
 * meanwhile can be missed, so sessions are looked for until there are none.
 */
export async function endUser(parts: EndParts, user: string, options: ProgressOptions = {}): Promise<EndedUser> {
  const { logins } = parts;
  let refusal: Error | undefined;
  const hasList = await logins.hasList(user).catch((error: unknown) => {
    if (!isForbidden(error)) throw error;
    refusal = error;
    return false;
  });
  if (hasList) await logins.endAll(user);
  let sessions = 0;
  for (let pass = 0; pass < 3; pass++) {
    const ended = await endAll(parts, { filter: { user }, mustNotHaveLogin: refusal }, options, sessions);
    sessions += ended;
    if (ended === 0) break;
  }
  return { sessions, logins: hasList };
}

interface Which {
  readonly filter: SessionFilter;
  /** Why logins of `holdfast/auth` cannot be ended: thrown instead of ending a session that has one. */
  readonly mustNotHaveLogin?: Error | undefined;
  /** Also what cannot be read as a session. */
  readonly unreadable?: boolean;
}

/** @returns how many */
export async function endAll(
  { store, summaries }: Pick<EndParts, "store" | "summaries">,
  { filter, mustNotHaveLogin, unreadable = false }: Which,
  { onProgress, signal }: ProgressOptions = {},
  before = 0,
): Promise<number> {
  let ended = 0;
  for await (const group of summaries.list(filter, signal)) {
    const chosen = group.filter(({ summary }) => summary.isReadable || unreadable);
    if (mustNotHaveLogin !== undefined && chosen.some(hasLogin)) throw mustNotHaveLogin;
    await Promise.all(chosen.map(({ found }) => destroy(store, found.sid)));
    ended += chosen.length;
    if (chosen.length > 0) onProgress?.(before + ended);
  }
  return ended;
}

function hasLogin({ values }: Listed): boolean {
  return readLogin(values) !== undefined;
}
