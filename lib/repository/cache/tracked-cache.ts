/** A near cache with the connections on which Redis announces changes, and the timer that clears old entries. */
import { codes, warnOnce } from "../../errors/index.js";
import { trackChanges, type RedisClient, type Tracking } from "../../redis/index.js";
import { CachedLayout } from "../layouts/cached-layout.js";
import type { Layout } from "../layouts/layout.js";
import { NearCache, type NearCacheOptions } from "./near-cache.js";

export class TrackedCache {
  readonly #cache: NearCache;
  readonly #tracking: Tracking;
  readonly #sweeper: NodeJS.Timeout;

  constructor(cache: NearCache, tracking: Tracking) {
    this.#cache = cache;
    this.#tracking = tracking;
    this.#sweeper = setInterval(() => cache.sweep(), cache.lifetime).unref();
  }

  /** Whether scripts that change a key have to read it again, so that others' later changes to it are announced. */
  get needsReading(): boolean {
    return !this.#tracking.announcesOwn;
  }

  /** The same layout, with reads from memory. */
  over(layout: Layout): Layout {
    return new CachedLayout(layout, this.#cache);
  }

  /** This process wrote the key itself; Redis does not announce that to it, or later. */
  changed(key: string): void {
    this.#cache.changed(key);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#tracking.close();
  }
}

/** `undefined`, with a warning, for a client that cannot announce changes. */
export function trackedCache(client: RedisClient, prefix: string, options: NearCacheOptions): TrackedCache | undefined {
  const cache = new NearCache(options, {
    changed: (key) => tracking?.changed(key),
    isComplete: () => tracking?.isComplete() ?? false,
  });
  const tracking = trackChanges(client, prefix, {
    onStart: () => cache.turnOn(),
    onStop: () => cache.turnOff(),
    onChange: (key) => (key === undefined ? cache.clear() : cache.drop(key)),
  });
  if (tracking) return new TrackedCache(cache, tracking);
  warnOnce(
    codes.NEAR_CACHE_OFF,
    "The option `nearCache` needs a client of `redis` 5 or 6, ioredis or iovalkey, without a cache of its own " +
      "(`clientSideCache`), so it is off.",
  );
  return undefined;
}
