/** The settings that all requests of one middleware share. */
import type { IncomingMessage } from "node:http";
import type { Store } from "express-session";
import type { CookieSettings } from "./cookie/cookie-options.js";
import type { RedisSessionOptions } from "./option-types.js";
import { generateId } from "./cookie/session-cookie.js";
import { accessTo, type SessionAccess, type SessionRequest } from "../express-session/index.js";
import { shareGenerate, type SharedStore } from "./shared-generate.js";
import { VerifiedCookies } from "./cookie/verified-cookies.js";

export interface MiddlewareSettings {
  readonly store: SharedStore;
  readonly access: SessionAccess;
  readonly name: string;
  readonly cookie: CookieSettings;
  /** Cookies whose signature was verified. */
  readonly verified: VerifiedCookies;
  readonly generateId: (req: SessionRequest) => string;
  readonly proxy: boolean | undefined;
  readonly resave: boolean;
  readonly rolling: boolean;
  readonly saveUninitialized: boolean;
  readonly destroyWhenUnset: boolean;
  /** Whether a request is served with an empty session if its own cannot be loaded. */
  readonly servesAnonymously: boolean;
  readonly findListeners: FindListener[];
}

/** Called when the session with this id is looked up. */
export type FindListener = (req: IncomingMessage, sid: string) => void;

export function middlewareSettings(
  options: RedisSessionOptions,
  cookie: CookieSettings,
  store: Store,
): MiddlewareSettings {
  // express-session puts this on the store, and `Store.prototype.regenerate` calls it.
  shareGenerate(store);
  return {
    store,
    access: accessTo(store),
    name: options.name || options.key || "connect.sid",
    cookie,
    verified: new VerifiedCookies(),
    generateId: options.genid ?? generateId,
    proxy: options.proxy,
    resave: options.resave ?? false,
    rolling: options.rolling ?? false,
    saveUninitialized: options.saveUninitialized ?? false,
    destroyWhenUnset: options.unset === "destroy",
    servesAnonymously: options.whenDown === "anonymous",
    findListeners: [],
  };
}
