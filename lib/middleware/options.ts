/** The options of `redisSession()`: express-session's, connect-redis', and ours; checked once, at the start. */
import { randomBytes } from "node:crypto";
import type { Store } from "express-session";
import { codes, HoldfastError, warnOnce } from "../errors/index.js";
import type { RedisConnectionOptions } from "../redis/index.js";
import { storeOptionNames, type RedisSessionStoreOptions } from "../store/index.js";
import { closestName } from "./closest-name.js";
import type { CookieSettings, Secret } from "./session-cookie.js";
import type { SessionRequest } from "./session-records.js";

export interface RedisSessionOptions extends Omit<RedisSessionStoreOptions, "client">, RedisConnectionOptions {
  /** Signs the cookie: the first signs, all verify, so a new one is put in front of the old. Default: `SESSION_SECRET`. */
  secret?: Secret | Secret[];
  /** A `redis` client of yours; you connect it and close it. Default: one of our own, to `url`. */
  client?: RedisSessionStoreOptions["client"];
  /** Any express-session store instead of Redis. */
  store?: Store;
  /** The cookie's name. Default `connect.sid`. */
  name?: string;
  /** Old name of `name`. */
  key?: string;
  /**
   * The cookie, or a function of the request. `maxAge` in milliseconds. Defaults: `httpOnly: true`, `sameSite: "lax"`,
   * `secure: "auto"` (when the connection is), `path: "/"`, no `maxAge` (until the browser closes).
   */
  cookie?: CookieSettings;
  /** Makes the ids. Default: 24 random bytes. */
  genid?: (req: SessionRequest) => string;
  /** Whether `X-Forwarded-Proto` is believed. Default: as Express' "trust proxy" says. */
  proxy?: boolean;
  /** Refresh the session at every request even if it did not change. Default false. */
  resave?: boolean;
  /** Send the cookie with every answer, so that its expiry moves. Default false. */
  rolling?: boolean;
  /** Save new sessions in which nothing was put. Default false. */
  saveUninitialized?: boolean;
  /**
   * What a visitor gets whose session cannot be read: "error", status 503 with `Retry-After`; or "anonymous", the page
   * with an empty session that is not saved. Then `req.sessionDegraded` is true, and the visitor's cookie is left alone,
   * so that they are logged in again afterwards. Default "error".
   */
  whenDown?: "error" | "anonymous";
  /** What `req.session = null` does to the stored session: "keep" or "destroy". Default "keep". */
  unset?: "keep" | "destroy";
}

/** Each option once; the compiler demands that none is missing. */
const ownNames = Object.keys({
  secret: 0,
  store: 0,
  name: 0,
  key: 0,
  cookie: 0,
  genid: 0,
  proxy: 0,
  resave: 0,
  rolling: 0,
  saveUninitialized: 0,
  unset: 0,
  whenDown: 0,
  url: 0,
  tls: 0,
  sentinel: 0,
  cluster: 0,
  connectTimeout: 0,
} satisfies Record<Exclude<keyof RedisSessionOptions, keyof RedisSessionStoreOptions>, 0>);
const knownNames: string[] = [...ownNames, ...storeOptionNames];

/** Says what is wrong with the options, once, in words; throws where going on would be unsafe or senseless. */
export function checkOptions(options: RedisSessionOptions): void {
  for (const name of Object.keys(options)) if (!knownNames.includes(name)) warnUnknown(name);
  const { genid, unset, whenDown, store, client, url, cookie, name } = options;
  if (genid != null && typeof genid !== "function") throw invalid("`genid` must be a function that returns an id");
  if (unset != null && unset !== "keep" && unset !== "destroy") throw invalid('`unset` must be "keep" or "destroy"');
  if (whenDown != null && whenDown !== "error" && whenDown !== "anonymous") {
    throw invalid('`whenDown` must be "error" or "anonymous"');
  }
  if (cookie != null && typeof cookie !== "object" && typeof cookie !== "function") {
    throw invalid("`cookie` must be an object, or a function of the request that returns one");
  }
  if (typeof cookie === "object" && cookie?.maxAge != null && typeof cookie.maxAge !== "number") {
    throw invalid("`cookie.maxAge` must be a number of milliseconds");
  }
  if (name != null && !/^[\w!#$%&'*.^`|~+-]+$/.test(name)) throw invalid("`name` cannot be the name of a cookie");
  const twice = (one: string, other: string) =>
    invalid(`\`${one}\` and \`${other}\` exclude each other: give one of them`);
  if (store != null && client != null) throw twice("store", "client");
  if (client != null && url != null) throw twice("client", "url");
  if (store != null && (typeof store.get !== "function" || typeof store.createSession !== "function")) {
    throw new HoldfastError(
      codes.STORE_INVALID,
      "The option `store` must be an express-session store: an object whose class extends `session.Store`.",
    );
  }
}

function warnUnknown(name: string): void {
  const meant = closestName(name, knownNames);
  const remedy = meant ? `Did you mean \`${meant}\`?` : "Leave it out; the README lists all options.";
  warnOnce(codes.OPTION_UNKNOWN, `redisSession() has no option \`${name}\`, so it has no effect. ${remedy}`, name);
}

function invalid(what: string): HoldfastError {
  return new HoldfastError(codes.OPTION_INVALID, `The option ${what}.`);
}

/** Shorter secrets can be guessed from one signed cookie, offline. */
const shortest = 32;

export interface Secrets {
  /** The first signs, all verify. */
  readonly list: readonly Secret[];
  /** We made it ourselves, for this process only; cookie-parser's secret goes before it. */
  readonly isGenerated: boolean;
}

/**
 * The secrets: the option, else `SESSION_SECRET`, else, in development, a random one for this process.
 *
 * @throws HoldfastError `HOLDFAST_SECRET_MISSING` in production, `HOLDFAST_OPTION_INVALID` for an empty list
 */
export function resolveSecrets(option: RedisSessionOptions["secret"], env: NodeJS.ProcessEnv = process.env): Secrets {
  if (Array.isArray(option) && option.length === 0)
    throw invalid("`secret` is an empty list: put one or more secrets in it");
  const given = option || env["SESSION_SECRET"];
  const how = "Give `secret` or SESSION_SECRET 32 or more random characters: openssl rand -base64 32";
  if (given) {
    const list = Array.isArray(given) ? given : [given];
    if (typeof list[0] === "string" && list[0].length < shortest) {
      warnOnce(
        codes.SECRET_SHORT,
        `The secret that signs the session cookie is shorter than ${shortest} characters. ${how}`,
      );
    }
    return { list, isGenerated: false };
  }
  if (env["NODE_ENV"] === "production") {
    throw new HoldfastError(codes.SECRET_MISSING, `There is no secret to sign the session cookie with. ${how}`);
  }
  warnOnce(
    codes.SECRET_GENERATED,
    `There is no secret, so a random one signs the session cookies of this process; a restart logs everyone out. ${how}`,
  );
  return { list: [randomBytes(32).toString("base64url")], isGenerated: true };
}
