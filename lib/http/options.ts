/** The options of `redisSession()`, checked once, at startup: express-session's, connect-redis' and our own. */
import { codes, HoldfastError, optionInvalid, setupInvalid } from "../errors/index.js";
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
import { cookieNames } from "./cookie/cookie-options.js";
import type { RedisSessionOptions } from "./option-types.js";
import { storeOptionNames, type RedisSessionStoreOptions } from "../express-session/index.js";

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
  const { get, createSession, on }: Record<string, unknown> = Object(value);
  return [get, createSession, on].every((method) => typeof method === "function");
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
