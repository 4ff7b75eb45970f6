/** Ends sessions, as a logout does: through the store, so that no overlapping request brings one back. */
import type { Store } from "express-session";
import { isHashedName } from "../../errors/index.js";
import { readLogin } from "../../auth/logins/login-record.js";
import type { ProgressOptions } from "./progress-options.js";
import type { SessionReader } from "./session-reader.js";
import type { Listed, SessionFilter, Summaries } from "./summaries.js";
import { isForbidden, type UserLogins } from "./user-logins.js";

/** What `endUser` has ended. */
export interface EndedUser {
  /** Sessions that were found and ended. */
  readonly sessions: number;
  /** The user has a list of logins in `holdfast/auth`, and all of them were ended at once. */
  readonly logins: boolean;
}

/** So often sessions are looked for that are on their way from one key to the other. */
export const mostPasses = 10;

export interface EndParts {
  readonly reader: SessionReader;
  readonly store: Store;
  readonly summaries: Summaries;
  readonly logins: UserLogins;
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
  for (let pass = 0; pass < mostPasses; pass++) {
    const { ended, missed } = await endOnce(parts, { filter: { user }, mustNotHaveLogin: refusal }, options, sessions);
    sessions += ended;
    if (ended === 0 || (pass >= 2 && missed === 0)) break;
  }
  return { sessions, logins: hasList };
}

/** @returns how many */
export async function endAll(parts: Sessions, which: Which, options: ProgressOptions = {}): Promise<number> {
  let sessions = 0;
  let canMove = false;
  for (let pass = 0; pass < mostPasses; pass++) {
    const { ended, mayMove, missed } = await endOnce(parts, which, options, sessions, canMove);
    sessions += ended;
    canMove = mayMove;
    if (!canMove || (missed === 0 && pass > 0) || options.signal?.aborted) break;
  }
  return sessions;
}

type Sessions = Pick<EndParts, "reader" | "store" | "summaries">;

interface Which {
  readonly filter: SessionFilter;
  /** Why logins of `holdfast/auth` cannot be ended: thrown instead of ending a session that has one. */
  readonly mustNotHaveLogin?: Error | undefined;
  /** Also what cannot be read as a session. */
  readonly unreadable?: boolean;
}

interface Ended {
  readonly ended: number;
  /** Some keys have a hash of the id: while `hashIds` is being switched, sessions are brought from one key to the other. */
  readonly mayMove: boolean;
  /** So many were, before they could be ended; or they have ended by themselves. */
  readonly missed: number;
}

async function endOnce(
  { reader, store, summaries }: Sessions,
  { filter, mustNotHaveLogin, unreadable = false }: Which,
  { onProgress, onUnreadable, signal }: ProgressOptions,
  before: number,
  mayMove = false,
): Promise<Ended> {
  let [ended, missed] = [0, 0];
  const onVanished = (keys: number) => (missed += keys);
  for await (const group of summaries.list(filter, { onUnreadable, onVanished, signal })) {
    mayMove ||= group.some(({ found }) => isHashedName(found.sid));
    const chosen = group.filter(({ summary }) => summary.isReadable || unreadable);
    if (mustNotHaveLogin !== undefined && chosen.some(hasLogin)) throw mustNotHaveLogin;
    const areGone = await Promise.all(
      chosen.map(async ({ found: { sid } }) => {
        const isGone = !mayMove || (await reader.remove(sid));
        await destroy(store, sid);
        return isGone;
      }),
    );
    const gone = areGone.filter(Boolean).length;
    ended += gone;
    missed += chosen.length - gone;
    if (chosen.length > 0) onProgress?.(before + ended);
  }
  return { ended, mayMove, missed };
}

function hasLogin({ values }: Listed): boolean {
  return readLogin(values) !== undefined;
}
