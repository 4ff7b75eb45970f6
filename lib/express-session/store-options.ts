/** The options of `RedisSessionStore`: connect-redis' own, under their names, and ours. */
import type { RedisStore } from "connect-redis";
import type { SessionData } from "express-session";
import { codes, HoldfastError, warnOnce } from "../errors/index.js";
import type { MergeRules } from "../session/index.js";
import type { Durability, NearCacheOptions, Serializer } from "../repository/index.js";
import {
  checkKinds,
  group,
  isObject,
  kinds,
  oneOf,
  optionInvalid,
  seconds,
  type OptionKind,
  type OptionKinds,
  warnOfUnknown,
} from "../options/index.js";

type ConnectRedisOptions = ConstructorParameters<typeof RedisStore>[0];

export interface RedisSessionStoreOptions {
  /** A connected client of the `redis` package, version 5 or 6: client, pool, cluster or sentinel. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as in connect-redis: node-redis' client types differ with every module that is loaded
  client: any;
  /** The prefix of every key. @default "sess:" */
  prefix?: string | undefined;
  /**
   * Lifetime in seconds of a session whose cookie has no expiry (as in connect-redis). A function of the session decides
   * for all sessions.
   *
   * @default 86400
   */
  ttl?: number | ((session: SessionData) => number) | undefined;
  /**
   * Lifetime in seconds of a new session until its visitor comes back with the cookie, as browsers do and floods of
   * requests do not. Then it gets its full lifetime. A session with a login has that immediately.
   *
   * @default no such limit
   */
  firstVisitTtl?: number | undefined;
  /** Converts a session to text and back; `parse` may be asynchronous. @default JSON */
  serializer?: Serializer | undefined;
  /** Keys per step when iterating over all sessions. @default 100 */
  scanCount?: number | undefined;
  /** Keys that never expire. @default false */
  disableTTL?: boolean | undefined;
  /** Never refresh a lifetime without writing the session. @default false */
  disableTouch?: boolean | undefined;
  /**
   * The interval in seconds in which a process refreshes the lifetime of a session at most once. 0 refreshes it on every
   * request, as connect-redis does.
   *
   * @default a twentieth of the session's lifetime, at most 60
   */
  touchInterval?: number | undefined;
  /**
   * The format of a session in Redis. `json`: one string, connect-redis' own format. `hash`: a hash with one field per
   * top-level key; a save sends only those that changed. Each reads what the other wrote, and converts it on save.
   *
   * @default "json"
   */
  layout?: "json" | "hash" | undefined;
  /** The most bytes a session may have; larger ones are rejected, with an error that names their largest keys. @default no limit */
  maxBytes?: number | undefined;
  /** Milliseconds to wait for the reply to a command. @default 5000 */
  commandTimeout?: number | undefined;
  /**
   * Answers reads from this process' memory as long as Redis has announced no change. `{}` means `{ maxEntries: 10_000,
   * maxCharacters: 16_000_000, ttl: 10 }` (entries, characters, seconds). docs/near-cache.md says how old a read can be.
   *
   * @default off
   */
  nearCache?: NearCacheOptions | undefined;
  /**
   * After each write (except refreshes of a lifetime), wait until that many replicas have it, at most `timeout` milliseconds.
   * If fewer have it by then, the save fails with `SESSION_NOT_REPLICATED`.
   *
   * @default do not wait
   */
  durability?: Durability | undefined;
  /**
   * How two changes of the same path are merged, for example `{ pageViews: sum, "cart.*.quantity": sum }`.
   *
   * @default the later change wins
   */
  merge?: MergeRules | undefined;
}

/** Every option, ours and connect-redis'; the compiler reports a missing one. */
export const storeOptionNames: readonly string[] = Object.keys({
  client: 0,
  prefix: 0,
  ttl: 0,
  firstVisitTtl: 0,
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
} satisfies Record<keyof RedisSessionStoreOptions | keyof ConnectRedisOptions, 0>);

const isFunction = (value: unknown) => typeof value === "function";
const isSerializer = (value: unknown) => {
  const { parse, stringify }: Record<string, unknown> = Object(value);
  return isFunction(parse) && isFunction(stringify);
};

/** What each must be; the client is checked separately. */
const table: OptionKinds = {
  prefix: kinds.text,
  ttl: seconds("a number of seconds above 0, or a function", (value) => value === 0 || isFunction(value)),
  firstVisitTtl: seconds("a number of seconds above 0"),
  serializer: { is: isSerializer, must: "an object with the functions `parse` and `stringify`" },
  scanCount: { is: (value) => value === 0 || kinds.count.is(value), must: kinds.count.must },
  disableTTL: kinds.flag,
  disableTouch: kinds.flag,
  touchInterval: seconds("a number of seconds, 0 or more", (value) => value === 0),
  layout: oneOf("json", "hash"),
  maxBytes: { is: kinds.count.is, must: "a number of bytes above 0" },
  commandTimeout: kinds.milliseconds,
  nearCache: { is: (value) => value === false || isObject(value), must: "an object: {} for its defaults" },
  durability: group(
    { replicas: kinds.count, timeout: kinds.milliseconds },
    ["replicas"],
    "{ replicas: 1, timeout: 100 }",
  ),
  merge: { is: isObject, must: "an object, such as { pageViews: sum }" },
} satisfies Record<Exclude<keyof RedisSessionStoreOptions, "client">, OptionKind>;

/** Checks the values of the options; warns about what is only doubtful. */
function checkValues(options: RedisSessionStoreOptions): void {
  checkKinds(options, table);
  const { layout, serializer, ttl, firstVisitTtl, disableTouch, disableTTL } = options;
  if (layout === "hash" && serializer != null && serializer !== JSON) {
    throw optionInvalid('`serializer` works only with the layout "json": in a hash each field is JSON');
  }
  if (firstVisitTtl != null && (disableTouch || disableTTL)) {
    const other = disableTTL ? "disableTTL" : "disableTouch";
    throw optionInvalid(
      `\`firstVisitTtl\` and \`${other}\` exclude each other: the lifetime of a visitor who comes back is extended by a touch`,
    );
  }
  if (ttl === 0) {
    warnOnce(
      codes.TTL_ZERO,
      "The option `ttl` is 0, which connect-redis and Holdfast read as 86400 seconds, a day. " +
        "Leave it out for a day, set the seconds you mean, or set `disableTTL: true` for sessions that never expire.",
    );
  }
}

/**
 * Checks the argument of `new RedisSessionStore()`. The errors say what replaces the forms of connect-redis 3 to 8.
 *
 * @throws HoldfastError `HOLDFAST_CLIENT_INVALID` if it is not an object, `HOLDFAST_OPTION_INVALID`
 */
export function checkStoreOptions(options: RedisSessionStoreOptions): void {
  const given: unknown = options;
  if (!isObject(given)) throw notTheClass(typeof given === "function" ? "got a function" : "got no options");
  if (given["client"] == null) {
    const address = ["url", "host", "port", "socket"].find((name) => given[name] != null);
    if (address) throw notTheClass(`got \`${address}\` and no client`);
  }
  checkValues(options);
  warnOfUnknown(options, { of: "RedisSessionStore", known: storeOptionNames });
}

/** The class was used like older versions of connect-redis, which connected themselves, or were created by a function. */
export function notTheClass(what: string): HoldfastError {
  return new HoldfastError(
    codes.CLIENT_INVALID,
    `RedisSessionStore ${what}. It is the class itself, and needs a connected client of the \`redis\` package: ` +
      "new RedisSessionStore({ client: await createClient({ url }).connect() }). " +
      "Or leave the store out: redisSession({ url, secret }) connects by itself.",
  );
}

/** Selects the store's options from others. */
export function storeOptionsOf(options: object): Omit<RedisSessionStoreOptions, "client"> {
  const own = Object.entries(options).filter(([name]) => storeOptionNames.includes(name));
  return Object.fromEntries(own);
}
