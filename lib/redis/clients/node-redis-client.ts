/** What is used of the clients of `redis`. */
import type { RedisClientType } from "redis";
import { propertyOf } from "../../errors/index.js";
import type { RedisCommands, ScanStep, ScanStepOptions } from "../commands.js";
import type { ClientAdapter } from "./adapter.js";

export interface NodeRedisClient extends RedisCommands {
  readonly isOpen: boolean;
  scan(cursor: string, options: ScanStepOptions): Promise<ScanStep>;
  /** The same client with other types of replies; `{}` for the usual ones. Sends nothing. */
  withTypeMapping<C = NodeRedisClient>(mapping: object): C;
}

/** Recognized by `withTypeMapping`, which older versions lack. What a sentinel has lent (`acquire`) has to be given back. */
export function isNodeRedis(client: object & { isOpen?: unknown }): client is NodeRedisClient {
  const needed = ["get", "set", "expire", "unlink", "evalSha", "eval", "hGetAll", "withTypeMapping"];
  return (
    typeof client.isOpen === "boolean" &&
    needed.every((name) => typeof propertyOf(client, name) === "function") &&
    !("release" in client)
  );
}

/** What a cluster has besides. */
export interface NodeRedisCluster {
  readonly slots: readonly ({ master?: object } | undefined)[];
  readonly masters: readonly object[];
  nodeClient(node: object): RedisClientType | Promise<RedisClientType>;
}

export function isCluster(client: object): client is NodeRedisCluster {
  return "slots" in client;
}

/** What a pool has besides. */
export interface NodeRedisPool {
  execute<T>(work: (client: RedisClientType) => T): Promise<Awaited<T>>;
}

export function isPool(client: object): client is NodeRedisPool {
  return "totalClients" in client;
}

/** What a sentinel has besides. */
export interface NodeRedisSentinel {
  /** With a connection to the server that is the primary now; several times if connections are lost. */
  _execute<T>(isReadonly: false, work: (client: RedisClientType) => Promise<T>): Promise<T>;
  on(event: "topology-change", listener: (change: { type?: unknown }) => void): unknown;
  off(event: "topology-change", listener: (change: { type?: unknown }) => void): unknown;
}

export function isSentinel(client: object): client is NodeRedisSentinel {
  return "getSentinelNode" in client;
}

export function kindOf(client: object): ClientAdapter["kind"] {
  if (isCluster(client)) return "cluster";
  if (isSentinel(client)) return "sentinel";
  return isPool(client) ? "pool" : "single";
}
