/** What the functions of this module look at: the sessions of one middleware or store. */
import type { Store } from "express-session";
import { redisRepository, RedisSessionStore } from "../express-session/index.js";
import { setupInvalid } from "../errors/index.js";

/** The middleware of `redisSession()`; or `{ store }`, for an app that configures express-session itself. */
export interface Observable {
  readonly store: Store;
}

export interface Target {
  /** The stores whose signals count: the middleware's own. */
  readonly store: Store;
  /** The store in Redis, also behind a `MigratingStore`; `undefined` for any other store. */
  readonly redis: RedisSessionStore | undefined;
}

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` if it has no store */
export function targetOf(sessions: Observable): Target {
  const store: unknown = Object(sessions)["store"];
  if (!isStore(store))
    throw setupInvalid("Pass what redisSession() returned, or { store } with an express-session store.");
  const behind: unknown = Object(store)["redis"]; // of a MigratingStore
  const redis = [store, behind].find(isRedisStore);
  return { store, redis };
}

function isStore(value: unknown): value is Store {
  return typeof Object(value)["get"] === "function" && typeof Object(value)["set"] === "function";
}

/** Also of another copy of this package. */
function isRedisStore(value: unknown): value is RedisSessionStore {
  return value instanceof RedisSessionStore || redisRepository in Object(value);
}
