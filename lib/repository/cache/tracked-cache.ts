/** A near cache with the connection on which Redis announces changes, and the timer that clears old entries. */
import { codes, warnOnce } from "../../errors/index.js";
import { trackChanges, type RedisClient, type Tracking } from "../../redis/index.js";
import { CachedLayout } from "../layouts/cached-layout.js";
import type { Layout } from "../layouts/layout.js";
import { NearCache, type NearCacheOptions } from "./near-cache.js";

export class TrackedCache {
  readonly layout: CachedLayout;
  readonly #cache: NearCache;
  readonly #tracking: Tracking;
  readonly #sweeper: NodeJS.Timeout;

  constructor(layout: Layout, cache: NearCache, tracking: Tracking) {
    this.#cache = cache;
    this.#sweeper = setInterval(() => cache.sweep(), cache.lifetime).unref();
    this.#tracking = tracking;
    this.layout = new CachedLayout(layout, cache);
  }

  /** This process wrote the key itself; Redis does not announce that to it. */
  changed(key: string): void {
    this.#cache.changed(key);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#tracking.close();
  }
}

/** `undefined`, with a warning, for a client that cannot announce changes. */
export function trackedCache(layout: Layout, client: RedisClient, options: NearCacheOptions): TrackedCache | undefined {
  const cache = new NearCache(options, (key) => tracking?.changed(key));
  const tracking = trackChanges(client, {
    onStart: () => cache.turnOn(),
    onStop: () => cache.turnOff(),
    onChange: (key) => (key === undefined ? cache.clear() : cache.drop(key)),
  });
  if (tracking) return new TrackedCache(layout, cache, tracking);
  warnOnce(
    codes.NEAR_CACHE_OFF,
    "The option `nearCache` needs a plain client of `redis` 5 or 6 with one connection and without `clientSideCache`, " +
      "so it is off.",
  );
  return undefined;
}
