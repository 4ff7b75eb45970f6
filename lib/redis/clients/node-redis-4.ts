/**
 * Recognizes clients and clusters of `redis` 4. Each command is sent to them as words: they ignore the options that SET has
 * since, and send scripts to any server of a cluster, which has to refuse them, upon which all servers are discovered anew.
 */
import { propertyOf } from "../../errors/index.js";
import type { NodeRedisClient } from "./node-redis-client.js";

/** Not in legacy mode, in which its methods take callbacks. */
export function isNodeRedis4(client: object & { isOpen?: unknown }): client is NodeRedisClient {
  const needed = ["get", "set", "unlink", "evalSha", "eval", "hGetAll", "disconnect", "sendCommand"];
  return (
    typeof client.isOpen === "boolean" &&
    needed.every((name) => typeof propertyOf(client, name) === "function") &&
    !("withTypeMapping" in client) &&
    !isInLegacyMode(client)
  );
}

export function isInLegacyMode(client: object): boolean {
  return "v4" in client && propertyOf(propertyOf(client, "options"), "legacyMode") === true;
}
