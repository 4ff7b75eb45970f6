/** The types of `RedisSessionStore`'s options. Those that exclude each other stand in different arms of a union. */
import type { SessionData } from "express-session";
import type { Durability, NearCacheOptions, Serializer } from "../repository/index.js";
import type { MergeRules } from "../session/index.js";
import type { EncryptionKey, EncryptionOptions } from "./encryption-keys.js";

/** What can be combined with everything. For types that extend the options of the store. */
export interface RedisSessionStoreOptionsBase {
  /** The prefix of every key. @default "sess:" */
  prefix?: string | undefined;
  /**
   * Lifetime in seconds of a session whose cookie has no expiry (as in connect-redis). A function of the session
   * decides for all sessions.
   *
   * @default 86400
   */
  ttl?: number | ((session: SessionData) => number) | undefined;
  /** Keys per step when iterating over all sessions. @default 100 */
  scanCount?: number | undefined;
  /**
   * The most bytes a session may have; larger ones are rejected, with an error that names their largest keys. @default
   * no limit
   */
  maxBytes?: number | undefined;
  /**
   * Encrypts what is stored with AES-256-GCM, so that a copy of Redis shows nothing of what sessions hold: a key of 32
   * random bytes (`openssl rand -base64 32`), or a list, of which the first encrypts and all decrypt; or `{ keys, write,
   * onlyEncrypted }`. `true` takes the keys from `SESSION_ENCRYPTION_KEY`. Sessions that are not encrypted are read too,
   * so it can be turned on and off: docs/storage.md has the steps.
   *
   * @default false
   * @throws HoldfastError `HOLDFAST_OPTION_INVALID` for what cannot be a key
   * @example
   * app.use(redisSession({ secret, encrypt: true })); // SESSION_ENCRYPTION_KEY=newKey,oldKey
   */
  encrypt?: boolean | EncryptionKey | readonly EncryptionKey[] | EncryptionOptions | undefined;
  /**
   * Stores a session under a hash of its id, so that a copy of Redis does not reveal the ids. To turn it on or off while
   * the site is live, there are `"prepare"` and `"move"` between `false` and `true`: with both, sessions are found under
   * either key and moved to the one that counts (docs/storage.md). Not during a migration.
   *
   * @default false
   */
  hashIds?: boolean | "prepare" | "move" | undefined;
  /** Milliseconds to wait for the reply to a command: see docs/production.md. @default 5000 */
  commandTimeout?: number | undefined;
  /**
   * Answers reads from this process' memory as long as Redis has announced no change. `{}` means `{ maxEntries: 10_000,
   * maxCharacters: 16_000_000, ttl: 10 }` (entries, characters, seconds). docs/near-cache.md says how old a read can
   * be.
   *
   * @default off
   */
  nearCache?: NearCacheOptions | undefined;
  /**
   * After each write (except refreshes of a lifetime), wait until that many replicas have it, at most `timeout`
   * milliseconds. If fewer have it by then, the save fails with `SESSION_NOT_REPLICATED`.
   *
   * @default do not wait
   */
  durability?: Durability | undefined;
  /**
   * How two changes of the same path are merged, for example `{ pageViews: sum, "cart.*.quantity": sum }`: see
   * docs/merging.md.
   *
   * @default the later change wins
   */
  merge?: MergeRules | undefined;
}

/** Sessions as text of a serializer, which the layout "json" allows. */
export interface RedisSerializerOptions {
  /** One string per session, connect-redis' own format. @default "json" */
  layout?: "json" | undefined;
  /** Converts a session to text and back; `parse` may be asynchronous. @default JSON */
  serializer?: Serializer | undefined;
  /** Not with such a serializer, which can compress by itself. */
  compress?: false | undefined;
}

/** Sessions as JSON, in either layout. */
export interface RedisLayoutOptions {
  /**
   * The format of a session in Redis. `json`: one string, connect-redis' own format. `hash`: a hash with one field per
   * top-level key; a save sends only those that changed. Each reads what the other wrote, and converts it on save. See
   * docs/storage.md.
   *
   * @default "json"
   */
  layout?: "json" | "hash" | undefined;
  /** Only JSON: in a hash each field is JSON. @default JSON */
  serializer?: JSON | undefined;
  /**
   * Compresses what is stored, so that sessions need less memory in Redis: the string of a session, or each field of a
   * hash, if its JSON has at least this many bytes and gets smaller. `true` means 256 bytes. Both forms are always
   * read, so it can be switched on and off; versions of Holdfast before it, and connect-redis, cannot read compressed
   * sessions (docs/storage.md).
   *
   * @default false
   */
  compress?: boolean | number | undefined;
}

/** Lifetimes that are refreshed while a visitor is there. */
export interface RedisTouchOptions {
  /**
   * Lifetime in seconds of a new session until its visitor comes back with the cookie, as browsers do and floods of
   * requests do not. Then it gets its full lifetime. A session with a login has that immediately.
   *
   * @default no such limit
   */
  firstVisitTtl?: number | undefined;
  /**
   * The interval in seconds in which a process refreshes the lifetime of a session at most once. 0 refreshes it on
   * every request, as connect-redis does.
   *
   * @default a twentieth of the session's lifetime, at most 60
   */
  touchInterval?: number | undefined;
  disableTTL?: false | undefined;
  disableTouch?: false | undefined;
}

/** Lifetimes that nothing but a write refreshes, or none at all. */
export interface RedisNoTouchOptions {
  /** Keys that never expire. Excludes `firstVisitTtl` and `touchInterval`. @default false */
  disableTTL?: boolean | undefined;
  /**
   * Never refresh a lifetime without writing the session. Excludes `firstVisitTtl` and `touchInterval`. @default false
   */
  disableTouch?: boolean | undefined;
  firstVisitTtl?: undefined;
  touchInterval?: undefined;
}

/** How sessions are stored in Redis. */
export type RedisStorageOptions = RedisSessionStoreOptionsBase &
  (RedisSerializerOptions | RedisLayoutOptions) &
  (RedisTouchOptions | RedisNoTouchOptions);

/** The options of `new RedisSessionStore()`. */
export type RedisSessionStoreOptions = RedisStorageOptions & {
  /**
   * Your own client, which you connect and close: of `redis` 4 or later (client, pool, cluster, sentinel), ioredis 5 or
   * later or iovalkey (client, cluster), or `@valkey/valkey-glide` 2 (client, cluster client). docs/compatibility.md says
   * what differs.
   */
  // As in connect-redis: node-redis' client types differ with every module that is loaded.
  // oxlint-disable-next-line typescript/no-explicit-any
  client: any;
};
