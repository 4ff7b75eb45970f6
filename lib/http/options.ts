/** The options of `redisSession()`: express-session's, connect-redis' and our own. Checked once, at startup. */
import type { Store } from "express-session";
import { codes, HoldfastError, optionInvalid, setupInvalid } from "../errors/index.js";
import type { RedisConnectionOptions } from "../redis/index.js";
import {
  checkKinds,
  isObject,
  kinds,
  oneOf,
  warnOfUnused,
  warnOfUnknown,
  type OptionKind,
  type OptionKinds,
} from "../options/index.js";
import { cookieNames, type CookieSettings } from "./cookie/cookie-options.js";
import type { Secret } from "./cookie/secrets.js";
import { storeOptionNames, type RedisSessionStoreOptions, type SessionRequest } from "../express-session/index.js";

export interface RedisSessionOptions extends Omit<RedisSessionStoreOptions, "client">, RedisConnectionOptions {
  /**
   * Signs the cookie. In a list, the first one signs and all verify, so put a new secret in front of the old one.
   *
   * @default the environment variable `SESSION_SECRET`
   */
  secret?: Secret | Secret[] | undefined;
  /** Your own client of the `redis` package; you connect and close it. @default a client that connects to `url` */
  client?: RedisSessionStoreOptions["client"];
  /** Any express-session store, used instead of Redis. @default a `RedisSessionStore` */
  store?: Store | undefined;
  /** The name of the cookie. @default "connect.sid" */
  name?: string | undefined;
  /** The old name of the option `name`. */
  key?: string | undefined;
  /**
   * Settings of the cookie, or a function that returns them for a request. `maxAge` is in milliseconds; without it the
   * cookie lasts until the browser closes. `secure: "auto"` means secure if the connection is.
   *
   * @default { httpOnly: true, sameSite: "lax", secure: "auto", path: "/" }
   */
  cookie?: CookieSettings | undefined;
  /** Generates session ids. @default 24 random bytes, as 32 characters */
  genid?: ((req: SessionRequest) => string) | undefined;
  /** Whether to trust `X-Forwarded-Proto`. @default Express' setting "trust proxy" */
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
   * visitors are logged in again once Redis is back.
   *
   * @default "error"
   */
  whenDown?: "error" | "anonymous" | undefined;
  /** What `req.session = null` does to the stored session. @default "keep" */
  unset?: "keep" | "destroy" | undefined;
}

/** Every option; the compiler reports a missing one. */
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

const isStore = (value: unknown) => {
  const { get, createSession }: Record<string, unknown> = Object(value);
  return typeof get === "function" && typeof createSession === "function";
};

/** What each must be. `secret`, `cookie` and addresses are checked where they are used. */
const table: OptionKinds = {
  secret: kinds.anything,
  cookie: kinds.anything,
  store: kinds.anything,
  name: { is: isCookieName, must: "the name of a cookie: letters, digits and !#$%&'*.^_`|~+-" },
  key: { is: isCookieName, must: "the name of a cookie: letters, digits and !#$%&'*.^_`|~+-" },
  genid: { is: (value) => typeof value === "function", must: "a function that returns an id" },
  proxy: kinds.flag,
  resave: kinds.flag,
  rolling: kinds.flag,
  saveUninitialized: kinds.flag,
  unset: oneOf("keep", "destroy"),
  whenDown: oneOf("error", "anonymous"),
  url: kinds.text,
  tls: kinds.anything,
  sentinel: kinds.anything,
  cluster: kinds.anything,
  connectTimeout: kinds.milliseconds,
} satisfies Record<Exclude<keyof RedisSessionOptions, keyof RedisSessionStoreOptions>, OptionKind>;

/** Warns once about each doubtful option; throws if the middleware could not work, or would be unsafe. */
export function checkOptions(options: RedisSessionOptions): void {
  if (!isObject(options)) throw setupInvalid("redisSession() expects an object of options.");
  warnOfUnknown(options, { of: "redisSession()", known: knownNames, remedies: intoCookie });
  if (isObject(options.cookie)) {
    warnOfUnknown(options.cookie, { of: "The cookie", known: cookieNames, remedies: besideCookie, path: "cookie." });
  }
  checkKinds(options, table);
  const { store, client, url } = options;
  const twice = (one: string, other: string) =>
    optionInvalid(`\`${one}\` and \`${other}\` exclude each other: use only one of them`);
  if (store != null && client != null) throw twice("store", "client");
  if (client != null && url != null) throw twice("client", "url");
  if (store != null && !isStore(store)) {
    throw new HoldfastError(
      codes.STORE_INVALID,
      "The option `store` must be an express-session store: an object whose class extends `session.Store`." +
        (typeof store === "function" ? " This is the class itself: pass an instance, created with `new`." : ""),
    );
  }
  if (store != null)
    warnOfUnused(options, ofOurStore, "no effect together with `store`. Set them on the store itself.");
  if (client != null)
    warnOfUnused(options, ofOurConnection, "no effect together with `client`. Set them on the client itself.");
}

const ofOurConnection = ["tls", "sentinel", "cluster", "connectTimeout"];
const ofOurStore = [...storeOptionNames.filter((name) => name !== "client"), "url", ...ofOurConnection];

const intoCookie = Object.fromEntries(
  cookieNames.map((name) => [name, `It belongs in \`cookie\`: { cookie: { ${name}: ... } }`]),
);
const besideCookie = Object.fromEntries(knownNames.map((name) => [name, "It belongs next to `cookie`, not in it"]));

export function isCookieName(value: unknown): boolean {
  return typeof value === "string" && /^[\w!#$%&'*.^`|~+-]*$/.test(value); // an empty name counts as not given
}
