/** What an app has set on its client of `redis` 5 or later, for its own use of it. */
import { propertyOf } from "../../errors/index.js";
import { isPool, type NodeRedisClient } from "./node-redis-client.js";

/** The option `keyPrefix` of `redis` 6. */
export function keyPrefixOf({ _keyPrefix: prefix }: object & { readonly _keyPrefix?: unknown }): string {
  return typeof prefix === "string" || Buffer.isBuffer(prefix) ? String(prefix) : "";
}

/** With the option `useReplicas` of a cluster: replicas do not have at once what was written. */
export function readsFromReplicas(client: object): boolean {
  return Boolean(propertyOf(propertyOf(client, "_options"), "useReplicas"));
}

/**
 * The client with the usual types of replies. That is the client itself if the app has set no others, so that whatever
 * the app has put on its methods sees our commands too.
 */
export function withUsualReplies(client: NodeRedisClient): NodeRedisClient {
  const isOpaque = isPool(client); // it may not show its settings
  const mapping = propertyOf(propertyOf(client, "_commandOptions"), "typeMapping");
  const isUsual = !isOpaque && Object.getOwnPropertyNames(mapping ?? {}).length === 0;
  return isUsual ? client : client.withTypeMapping({});
}
