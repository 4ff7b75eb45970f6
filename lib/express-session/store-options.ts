/** The options of `RedisSessionStore`, checked: connect-redis' own, under their names, and ours. */
import type { RedisStore } from "connect-redis";
import { codes, HoldfastError, warnOnce } from "../errors/index.js";
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
import { hasHalfTag } from "../repository/index.js";
import type { RedisSessionStoreOptions, RedisStorageOptions } from "./store-option-types.js";

type ConnectRedisOptions = ConstructorParameters<typeof RedisStore>[0];

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
  compress: 0,
  encrypt: 0,
  hashIds: 0,
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
  compress: {
    is: (value) => typeof value === "boolean" || kinds.count.is(value),
    must: "true, false, or the number of bytes from which on texts are compressed",
  },
  encrypt: kinds.anything, // checked where it is used
  hashIds: {
    is: (value) => typeof value === "boolean" || value === "prepare" || value === "move",
    must: 'true or false, or "prepare" or "move" while it is being switched',
  },
  commandTimeout: kinds.milliseconds,
  nearCache: { is: (value) => value === false || isObject(value), must: "an object: {} for its defaults" },
  durability: group(
    { replicas: kinds.count, timeout: kinds.milliseconds },
    ["replicas"],
    "{ replicas: 1, timeout: 100 }",
  ),
  merge: { is: isObject, must: "an object, such as { pageViews: sum }" },
} satisfies Record<keyof RedisStorageOptions, OptionKind>;

/** Checks the values of the options; warns about what is only doubtful. */
function checkValues(options: RedisSessionStoreOptions): void {
  checkKinds(options, table);
  const { compress, hashIds, layout, prefix, serializer, ttl, firstVisitTtl, disableTouch, disableTTL } = options;
  if (layout === "hash" && serializer != null && serializer !== JSON) {
    throw optionInvalid('`serializer` works only with the layout "json": in a hash each field is JSON');
  }
  if (compress && serializer != null && serializer !== JSON) {
    throw optionInvalid("`compress` works only with JSON; let the `serializer` compress its texts itself");
  }
  if (hashIds && prefix != null && hasHalfTag(prefix)) {
    throw optionInvalid("`prefix` has a brace that begins no `{tag}`, which does not work with `hashIds`");
  }
  if (firstVisitTtl != null && (disableTouch || disableTTL)) {
    const other = disableTTL ? "disableTTL" : "disableTouch";
    throw optionInvalid(
      `\`firstVisitTtl\` and \`${other}\` exclude each other: the lifetime of a visitor who comes back is extended ` +
        "by a touch",
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

/**
 * The class was used like older versions of connect-redis, which connected themselves, or were created by a function.
 */
export function notTheClass(what: string): HoldfastError {
  return new HoldfastError(
    codes.CLIENT_INVALID,
    `RedisSessionStore ${what}. It is the class itself, and needs a connected client of the \`redis\` package: ` +
      "new RedisSessionStore({ client: await createClient({ url }).connect() }). " +
      "Or leave the store out: redisSession({ url, secret }) connects by itself.",
  );
}

/** Bytes of `compress: true`. */
const usualThreshold = 256;

/** In bytes; `undefined` for never. */
export function compressionThreshold(compress: boolean | number | undefined): number | undefined {
  if (typeof compress === "number") return compress;
  return compress ? usualThreshold : undefined;
}

/** Selects the store's options from others. */
export function storeOptionsOf(options: object): RedisStorageOptions {
  const own = Object.entries(options).filter(([name]) => storeOptionNames.includes(name));
  return Object.fromEntries(own);
}
