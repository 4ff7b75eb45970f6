/** `sessionAdmin()`: what an operator does with sessions, with bounded memory however many there are. */
import { setupInvalid, moveRefused } from "../../errors/index.js";
import type { RedisSessionStore } from "../../express-session/index.js";
import { MigratingStore } from "../../migrate/engine/migrating-store.js";
import { targetOf, type Observable, type Target } from "../target.js";
import { destroy, endAll, endUser, mostPasses } from "./end-sessions.js";
import { excerptOf, type Excerpt } from "./excerpt.js";
import { findSession } from "./find-session.js";
import { masked } from "./mask.js";
import { exportSessions, importSessions } from "./session-export.js";
import { hashOf } from "./session-hash.js";
import { SessionReader } from "./session-reader.js";
import type { ProgressOptions } from "./progress-options.js";
import type { SessionAdmin, ShownSession } from "./session-admin-contract.js";
import { Summaries } from "./summaries.js";
import { checkedUser, UserLogins } from "./user-logins.js";

export interface SessionAdminOptions {
  /**
   * Where the app keeps the id of the user in a session, as a path such as `account.id`, if neither `holdfast/auth` nor
   * passport logs users in.
   *
   * @default the login of `holdfast/auth`, or `passport.user`
   */
  userKey?: string | undefined;
  /** The option `prefix` of `localAuth()`. @default "" */
  authPrefix?: string | undefined;
}

/**
 * Lists, shows, ends, exports and imports the sessions in Redis, however many there are. `holdfast sessions` is the
 * same as a command. Needs the rights of a session middleware, and those that docs/production.md lists for `holdfast
 * sessions`.
 *
 * @param sessions what `redisSession()` returned, or `{ store }`
 * @throws HoldfastError `HOLDFAST_OPTION_INVALID` if they are not in Redis
 *
 * @example
 * const admin = sessionAdmin(sessions);
 * for await (const { session, user, size } of admin.list({ largerThan: 100_000 })) console.log(session, user, size);
 * await admin.endUser("42");
 */
export function sessionAdmin(sessions: Observable, options: SessionAdminOptions = {}): SessionAdmin {
  return operatorAdmin(sessions, options);
}

/** @internal */
export function operatorAdmin(sessions: Observable, options: SessionAdminOptions): OperatorAdmin {
  const target = targetOf(sessions);
  return adminOf(target, { ...options, ttl: typeof target.redis?.ttl === "number" ? target.redis.ttl : undefined });
}

/** @internal */
export interface AdminSetup extends SessionAdminOptions {
  /** The lifetime in seconds of a session whose cookie has none; undefined if not known. */
  readonly ttl: number | undefined;
}

/** @internal A session for people, with no more of its values than they can read. */
export interface SeenSession extends Omit<ShownSession, "data"> {
  readonly excerpt: Excerpt | undefined;
}

/** @internal */
export interface OperatorAdmin extends SessionAdmin {
  /** @param most characters of the values, roughly */
  look(hash: string, most: number, options?: ProgressOptions): Promise<SeenSession | undefined>;
}

/** @internal */
export function adminOf(target: Target, options: AdminSetup): OperatorAdmin {
  const { store } = target;
  const redis = redisOf(target);
  const { userKey, authPrefix = "", ttl } = options;
  const reader = new SessionReader(redis);
  const summaries = new Summaries(reader, redis, { userPath: userKey?.split("."), ttl });
  const logins = new UserLogins(redis, authPrefix);
  const parts = { reader, store, summaries, logins };
  const read = async (hash: string, { signal }: ProgressOptions = {}) => {
    const { found } = await findSession(reader, hash, signal);
    if (!found) return undefined;
    const { sid, stored } = found;
    const values = await summaries.parse(found);
    return { sid, values, facts: { ...summaries.of(found, values).summary, hash: hashOf(sid), layout: stored.form } };
  };

  return {
    count: ({ signal } = {}) => reader.count(signal),
    async *list(filter = {}, how = {}) {
      for await (const group of summaries.list(filter, how)) for (const { summary } of group) yield summary;
    },
    async show(hash, how) {
      const one = await read(hash, how);
      return one && { ...one.facts, data: one.values && masked(one.values, one.sid) };
    },
    async look(hash, most, how) {
      const one = await read(hash, how);
      return one && { ...one.facts, excerpt: one.values && excerptOf(one.values, one.sid, most) };
    },
    logins: (user) => logins.list(user),
    async end(hash, { signal } = {}) {
      let hasEnded = false;
      for (let pass = 0; pass < mostPasses; pass++) {
        const { found, mayMove } = await findSession(reader, hash, signal);
        if (!found || signal?.aborted) break;
        const values = await summaries.parse(found);
        const isHere = !mayMove || (await reader.remove(found.sid));
        await destroy(store, found.sid);
        await logins.endIn(values);
        hasEnded = true;
        if (isHere) break; // and not under its other key by now
      }
      return hasEnded;
    },
    async endUser(user, how) {
      refuseUnlessAllAreHere(target);
      return endUser(parts, checkedUser(user), how);
    },
    export: (how = {}) => exportSessions(reader, summaries, how),
    async import(given, how = {}) {
      refuseWhileMoving(target, "Sessions cannot be imported");
      return importSessions(redis, given, how);
    },
    async clear({ unreadable = false, ...how } = {}) {
      refuseWhileMoving(target, "Not all sessions can be ended");
      return endAll(parts, { filter: {}, unreadable }, how);
    },
  };
}

function redisOf({ redis }: Target): RedisSessionStore {
  if (redis) return redis;
  throw setupInvalid(
    "sessionAdmin() needs sessions in Redis: pass what redisSession() returned, or { store } with a RedisSessionStore.",
  );
}

function refuseWhileMoving({ store }: Target, what: string): void {
  if (!(store instanceof MigratingStore) || store.state.phase !== "moving") return;
  throw moveRefused(
    `${what} while they are being moved: the two stores would differ. Finish the move first, or roll it back.`,
  );
}

/** Sessions that only the database has are not found in Redis. */
function refuseUnlessAllAreHere({ store }: Target): void {
  if (!(store instanceof MigratingStore) || store.state.phase === "finished") return;
  throw moveRefused(
    "The sessions of a user cannot be found before the move to Redis is finished. " +
      "With holdfast/auth, `auth.endLogins(user)` ends their logins in both stores.",
  );
}
