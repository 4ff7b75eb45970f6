/** The public API of `holdfast`. Every name is a commitment; a test pins the list. */

/**
 * The type of what an app stores in `req.session`. The `SessionData` of "express-session" includes it, and can be
 * extended instead if that package is installed.
 *
 * @example
 * declare module "holdfast" {
 *   interface HoldfastSession {
 *     views: number;
 *   }
 * }
 */
export interface HoldfastSession {}

declare module "express-session" {
  interface SessionData extends HoldfastSession {}
}

// The middleware.
export {
  type CookieOptionsWithAuto,
  type CookieSettings,
  type FindListener,
  redisSession,
  type RedisSessionMiddleware,
  type RedisSessionOptions,
  type RedisSessionOptionsBase,
  type Secret,
  type SessionRequest,
  type SessionsInStore,
  type SessionsWithClient,
  type SessionsWithConnection,
} from "./http/index.js";

// For an app that configures express-session itself.
export {
  type Callback as StoreCallback,
  type EncryptionKey,
  type EncryptionOptions,
  type RedisLayoutOptions,
  type RedisNoTouchOptions,
  type RedisSerializerOptions,
  RedisSessionStore,
  type RedisSessionStoreOptions,
  type RedisSessionStoreOptionsBase,
  type RedisStorageOptions,
  type RedisTouchOptions,
} from "./express-session/index.js";
export { type Durability, type LostChange, type NearCacheOptions, type Serializer } from "./repository/index.js";

// For tests that run without Redis.
export { MemoryStore } from "express-session";

// Merge rules, for the option `merge`.
export {
  append,
  type Json,
  type JsonObject,
  max,
  type MergeRule,
  type MergeRules,
  type MergeValue,
  min,
  mine,
  sum,
  theirs,
  union,
} from "./session/index.js";

// A connection to share between sessions and the rest of an app.
export {
  connectToRedis,
  type RedisAddressMap,
  type RedisAtCluster,
  type RedisAtSentinel,
  type RedisAtUrl,
  type RedisClusterOptions,
  type RedisConnection,
  type RedisConnectionClient,
  type RedisConnectionOptions,
  type RedisConnectionOptionsBase,
  type RedisNodeAddress,
  type RedisSentinelOptions,
  type RedisTlsOptions,
} from "./redis/index.js";

// To distinguish errors by `code` and `reason`.
export { type Code, type FailureReason, HoldfastError, type HoldfastErrorOptions } from "./errors/index.js";
