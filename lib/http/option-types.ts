/** The types of `redisSession()`'s options. Those that exclude each other stand in different arms of a union. */
import type { Store } from "express-session";
import type { RedisSessionStoreOptions, RedisStorageOptions, SessionRequest } from "../express-session/index.js";
import type { RedisConnectionOptions } from "../redis/index.js";
import type { CookieSettings } from "./cookie/cookie-options.js";
import type { Secret } from "./cookie/secrets.js";

/** What does not depend on where sessions are stored. For types that extend the options of the middleware. */
export interface RedisSessionOptionsBase {
  /**
   * Signs the cookie. In a list, the first one signs and all verify, so put a new secret in front of the old one: see
   * docs/guides/upgrading.md.
   *
   * @default the environment variable `SESSION_SECRET`
   * @throws HoldfastError `HOLDFAST_SECRET_MISSING` in production, if neither is set
   */
  secret?: Secret | Secret[] | undefined;
  /** The name of the cookie. @default "connect.sid" */
  name?: string | undefined;
  /** The old name of the option `name`, which takes precedence. @default none */
  key?: string | undefined;
  /**
   * Settings of the cookie, or a function that returns them for a request. `maxAge` is in milliseconds; without it the
   * cookie lasts until the browser closes. `secure: "auto"` means secure over HTTPS: see docs/guides/proxies.md. For an
   * API on another site, see docs/guides/single-page-apps.md.
   *
   * @default { httpOnly: true, sameSite: "lax", secure: "auto", path: "/" }
   */
  cookie?: CookieSettings | undefined;
  /** Generates session ids. @default 24 random bytes, as 32 characters */
  genid?: ((req: SessionRequest) => string) | undefined;
  /** Whether to trust `X-Forwarded-Proto`: see docs/guides/proxies.md. @default Express' setting "trust proxy" */
  proxy?: boolean | undefined;
  /** Refresh the session at every request, even if nothing changed. @default false */
  resave?: boolean | undefined;
  /** Send the cookie with every response, so that its expiry moves. @default false */
  rolling?: boolean | undefined;
  /** Save new sessions even if they are empty. @default false */
  saveUninitialized?: boolean | undefined;
  /**
   * What visitors get if their session cannot be loaded. "error": status 503 with `Retry-After`. "anonymous": the page,
   * with an empty session that is not saved. Then `req.sessionDegraded` is true, and the cookie is left alone, so
   * visitors are logged in again once Redis is back. See docs/production.md.
   *
   * @default "error"
   */
  whenDown?: "error" | "anonymous" | undefined;
  /** What `req.session = null` does to the stored session. @default "keep" */
  unset?: "keep" | "destroy" | undefined;
}

/** These options have no effect, or are refused. */
type Without<Name extends string> = { [Key in Name]?: undefined };

type ConnectionOption = keyof RedisConnectionOptions;
type StorageOption = keyof RedisStorageOptions;

/** Sessions in a store of your own. Its options are set on the store itself. */
export type SessionsInStore<S extends Store = Store> = Without<"client" | ConnectionOption | StorageOption> & {
  /** Any express-session store, used instead of Redis. @default a `RedisSessionStore` */
  store: S;
};

/** Sessions in Redis, through your own client, which you connect and close. */
export type SessionsWithClient<Client = RedisSessionStoreOptions["client"]> = RedisStorageOptions &
  Without<"store" | Exclude<ConnectionOption, StorageOption>> & {
    /**
     * Your own client, which you connect and close: of `redis`, ioredis, iovalkey or `@valkey/valkey-glide`.
     *
     * @default a client that connects to `url`
     */
    client: Client;
  };

/** Sessions in Redis, through a connection that the middleware opens and closes. */
export type SessionsWithConnection = RedisStorageOptions & RedisConnectionOptions & Without<"store" | "client">;

/** The options of `redisSession()`: those of every middleware, and one of three places for its sessions. */
export type RedisSessionOptions = RedisSessionOptionsBase &
  (SessionsInStore | SessionsWithClient | SessionsWithConnection);
