/** What is used of the clients of `redis`. */
import { propertyOf } from "../../errors/index.js";
import type { RedisCommands, ScanStep, ScanStepOptions } from "../commands.js";
import type { ClientAdapter } from "./adapter.js";

export interface NodeRedisClient extends RedisCommands {
  readonly isOpen: boolean;
  wait(replicas: number, timeout: number): Promise<unknown>;
  scan(cursor: string, options: ScanStepOptions): Promise<ScanStep>;
  /** The same client with other types of replies; `{}` for the usual ones. Sends nothing. */
  withTypeMapping<C = NodeRedisClient>(mapping: object): C;
}

/** Recognized by `withTypeMapping`, which older versions lack. */
export function isNodeRedis(client: object & { isOpen?: unknown }): client is NodeRedisClient {
  const needed = ["get", "set", "expire", "unlink", "evalSha", "eval", "hGetAll", "withTypeMapping"];
  return typeof client.isOpen === "boolean" && needed.every((name) => typeof propertyOf(client, name) === "function");
}

/** What a cluster has besides. */
interface NodeRedisCluster {
  readonly slots: readonly ({ master?: object } | undefined)[];
  readonly masters: readonly object[];
  nodeClient(node: object): NodeRedisClient | Promise<NodeRedisClient>;
}

export function kindOf(client: object): ClientAdapter["kind"] {
  if (isCluster(client)) return "cluster";
  if ("getSentinelNode" in client) return "sentinel";
  return "totalClients" in client ? "pool" : "single";
}

export function isCluster(client: object): client is NodeRedisCluster {
  return "slots" in client;
}
