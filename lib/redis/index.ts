/** Access to Redis: addresses, the connection, scripts, and readable failures. */
export {
  adapterOf,
  checkClient,
  keySlot,
  scanStepIn,
  SentCommands,
  type Connection,
  type Server,
} from "./clients/index.js";
export type { RedisClient, RedisCommands, SetOptions as RedisSetOptions } from "./commands.js";
export type {
  RedisAddressMap,
  RedisAtCluster,
  RedisAtSentinel,
  RedisAtUrl,
  RedisClusterOptions,
  RedisConnectionOptions,
  RedisConnectionOptionsBase,
  RedisNodeAddress,
  RedisSentinelOptions,
  RedisTlsOptions,
} from "./connection/connection-options.js";
export { connectToRedis } from "./connection/connect.js";
export { openConnection, type RedisConnection } from "./connection/connection.js";
export type { ClientLibrary, RedisConnectionClient } from "./connection/create-client.js";
export { describeCommandFailure, describeConnectFailure } from "./describe-failure.js";
export { guardClient, type GuardedClient } from "./guard/guarded-client.js";
export { outageOf } from "./guard/outage.js";
export { trackChanges, type Tracking } from "./tracking/index.js";
export { scanKeys } from "./scan.js";
export { Subscription, type SubscriptionListener } from "./subscription.js";
export { defineScript, runScript, type Script } from "./script.js";
