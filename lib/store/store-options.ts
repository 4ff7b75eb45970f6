/** The options of `RedisSessionStore`: connect-redis' own, under their names, and ours. */
import type { RedisStore } from "connect-redis";
import type { SessionData } from "express-session";
import { codes, HoldfastError, warnOnce } from "../errors/index.js";
import type { MergeRules } from "./merge-rules.js";
import type { NearCacheOptions } from "./near-cache.js";
import type { Serializer } from "./session-codec.js";

type ConnectRedisOptions = ConstructorParameters<typeof RedisStore>[0];

export interface RedisSessionStoreOptions {
  /** A connected client of the `redis` package, version 5 or 6: client, pool, cluster or sentinel. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as in connect-redis: node-redis' client types differ with every module that is loaded
  client: any;
  /** What each key begins with. Default `sess:`. */
  prefix?: string;
  /**
   * Seconds that a session lives when its cookie has no expiry of its own (as in connect-redis), or a function of the
   * session. Default 86400, a day.
   */
  ttl?: number | ((session: SessionData) => number);
  /** Turns a session into text and back; `parse` may be asynchronous. Default `JSON`. */
  serializer?: Serializer;
  /** Keys per step when walking over all sessions. Default 100. */
  scanCount?: number;
  /** Keys without any end. Default false. */
  disableTTL?: boolean;
  /** Never refresh a lifetime without writing the session. Default false. */
  disableTouch?: boolean;
  /**
   * Seconds in which one process refreshes the lifetime of a session at most once. Default: a twentieth of the
   * session's lifetime, at most 60. 0 refreshes on every request, as connect-redis does.
   */
  touchInterval?: number;
  /**
   * How a session lies in Redis. `json`, the default: one string, connect-redis' own format. `hash`: a HASH with one
   * field for each top-level key, of which a save sends those that changed. Each reads what the other wrote, and converts
   * it when it saves.
   */
  layout?: "json" | "hash";
  /** Bytes above which a session is refused, with an error that names its largest keys. Default: no limit. */
  maxBytes?: number;
  /** Milliseconds to wait for the answer to a command. Default 5000. */
  commandTimeout?: number;
  /**
   * Answers reads from this process' memory while Redis has announced no change: `{ maxEntries: 10_000, ttl: 10 }`
   * (entries, seconds; these are the defaults of `{}`). See docs/near-cache.md for how old a read can be. Default: off.
   */
  nearCache?: NearCacheOptions;
  /**
   * After each write, wait until so many replicas have it, at most `timeout` milliseconds (default 100). If fewer have
   * it by then, the save fails with `SESSION_NOT_REPLICATED`. Default: do not wait.
   */
  durability?: Durability;
  /** How two changes of one path become one, as `{ pageViews: sum, "cart.*.quantity": sum }`. Default: the later one wins. */
  merge?: MergeRules;
}

export interface Durability {
  /** How many replicas must confirm. */
  replicas: number;
  /** Milliseconds to wait for them. Default 100. Commands of this connection queue up meanwhile. */
  timeout?: number;
}

/** Each option once; the compiler demands that none is missing, of ours and of connect-redis'. */
export const storeOptionNames = Object.keys({
  client: 0,
  prefix: 0,
  ttl: 0,
  serializer: 0,
  scanCount: 0,
  disableTTL: 0,
  disableTouch: 0,
  touchInterval: 0,
  merge: 0,
  layout: 0,
  maxBytes: 0,
  nearCache: 0,
  durability: 0,
  commandTimeout: 0,
} satisfies Record<
  keyof RedisSessionStoreOptions | keyof ConnectRedisOptions,
  0
>) as (keyof RedisSessionStoreOptions)[];

/** Says what is wrong with the options, once, in words; throws only where going on would be unsafe. */
export function checkStoreOptions(options: RedisSessionStoreOptions): void {
  const { durability, layout, maxBytes, serializer, ttl, touchInterval } = options;
  if (layout != null && layout !== "json" && layout !== "hash") throw invalid('`layout` must be "json" or "hash"');
  if (layout === "hash" && serializer != null && serializer !== JSON) {
    throw invalid('`serializer` goes with the layout "json" only: in a hash each field is JSON');
  }
  if (durability != null && !(Number.isInteger(durability.replicas) && durability.replicas > 0)) {
    throw invalid("`durability.replicas` must be a number above 0");
  }
  if (maxBytes != null && !(Number.isInteger(maxBytes) && maxBytes > 0)) {
    throw invalid("`maxBytes` must be a number of bytes above 0");
  }
  if (ttl === 0) {
    warnOnce(
      codes.TTL_ZERO,
      "The option `ttl` is 0, which connect-redis and Holdfast read as 86400 seconds, a day. " +
        "Leave it out for a day, give the seconds you mean, or set `disableTTL: true` for no end.",
    );
  } else if (ttl !== undefined && typeof ttl !== "function" && !(Number.isFinite(ttl) && ttl > 0)) {
    throw invalid("`ttl` must be a number of seconds above 0, or a function");
  }
  if (touchInterval !== undefined && !(Number.isFinite(touchInterval) && touchInterval >= 0)) {
    throw invalid("`touchInterval` must be a number of seconds, 0 or more");
  }
}

function invalid(what: string): HoldfastError {
  return new HoldfastError(codes.OPTION_INVALID, `The option ${what}.`);
}
