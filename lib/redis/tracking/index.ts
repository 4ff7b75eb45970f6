/** Server-assisted invalidation: Redis announces when keys are changed. */
import { adapterOf } from "../clients/index.js";
import type { RedisClient } from "../commands.js";
import { canSubscribe } from "../standing-subscriber.js";
import { followKeys } from "./key-follower.js";
import type { Tracking, TrackingListener } from "./listener.js";
import { followPrefix } from "./prefix-follower.js";

export type { Tracking, TrackingListener } from "./listener.js";

/**
 * Tells `listener` of changes to keys that begin with `prefix`, and perhaps of others, until it is closed. `undefined` if
 * changes cannot be announced to this kind of client.
 */
export function trackChanges(client: RedisClient, prefix: string, listener: TrackingListener): Tracking | undefined {
  const adapter = adapterOf(client);
  if (!adapter.announces || !canSubscribe(adapter)) return undefined;
  const { serving } = adapter;
  return serving ? followKeys(adapter, serving, listener) : followPrefix(adapter, prefix, listener);
}
