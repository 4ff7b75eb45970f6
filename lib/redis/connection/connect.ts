/** `connectToRedis()`: a connection of an app, with a client of the package `redis`. */
import type { RedisClientType } from "redis";
import type { RedisAtUrl, RedisConnectionOptions, RedisConnectionOptionsBase } from "./connection-options.js";
import { openConnection, type RedisConnection } from "./connection.js";
// oxlint-disable-next-line import/default -- `export =` is not seen
import redisPackage from "./redis-package.cjs";

/**
 * Starts to connect to Redis, in the background; use `ready()` to wait for it. Reconnects by itself until `close()`.
 *
 * @throws HoldfastError `HOLDFAST_REDIS_URL_INVALID` if the address cannot be used, `HOLDFAST_OPTION_INVALID`
 *
 * @example
 * const redis = connectToRedis({ url: "redis://localhost:6379" });
 * await redis.ready();
 * const sessions = redisSession({ client: redis.client, secret: process.env.SESSION_SECRET });
 */
export function connectToRedis(options?: RedisConnectionOptionsBase & RedisAtUrl): RedisConnection<RedisClientType>;
/**
 * To Sentinel or a cluster.
 *
 * @example
 * const redis = connectToRedis({ sentinel: { name: "mymaster", nodes: [{ host: "10.0.0.1", port: 26379 }] } });
 */
export function connectToRedis(options: RedisConnectionOptions): RedisConnection;
export function connectToRedis(options: RedisConnectionOptions = {}): RedisConnection {
  return openConnection(redisPackage(), options);
}
