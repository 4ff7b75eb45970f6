/** Redis itself: where it is, the connection, scripts, and failures in words. */
export { checkClient, type RedisClient, type ScanningClient } from "./client.js";
export type {
  RedisAddressMap,
  RedisClusterOptions,
  RedisConnectionOptions,
  RedisNodeAddress,
  RedisSentinelOptions,
  RedisTlsOptions,
} from "./connection-options.js";
export { connectToRedis, type RedisConnection } from "./connection.js";
export type { RedisConnectionClient } from "./create-client.js";
export { describeCommandFailure, describeConnectFailure } from "./describe-failure.js";
export { guardClient, type GuardedClient, type GuardOptions } from "./guarded-client.js";
export { canTrack, trackChanges, type Tracking } from "./tracking.js";
export { scanKeys } from "./scan.js";
export { defineScript, runScript, type Script } from "./script.js";
