/** The middleware: `redisSession()` and the life of a request. */

declare global {
  namespace Express {
    interface Request {
      /**
       * With `whenDown: "anonymous"`: the session could not be loaded or created, so `req.session` is empty and not
       * saved.
       */
      sessionDegraded?: boolean | undefined;
    }
  }
}

export type { CookieOptionsWithAuto, CookieSettings } from "./cookie/cookie-options.js";
export { derivedKeys } from "./cookie/derived-keys.js";
export type { FindListener } from "./settings.js";
export type {
  RedisSessionOptions,
  RedisSessionOptionsBase,
  SessionsInStore,
  SessionsWithClient,
  SessionsWithConnection,
} from "./option-types.js";
export { isCookieName } from "./options.js";
export { redisSession, type RedisSessionMiddleware } from "./middleware.js";
export { canSendCookie } from "./session-methods.js";
export type { Secret } from "./cookie/secrets.js";
export type { SessionRequest } from "../express-session/index.js";
