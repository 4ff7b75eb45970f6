/** The middleware room: `redisSession()` and the life of a request. */

declare global {
  namespace Express {
    interface Request {
      /** With `whenDown: "anonymous"`: the session could not be read or made, so `req.session` is empty and not saved. */
      sessionDegraded?: boolean;
    }
  }
}

export type { RedisSessionOptions } from "./options.js";
export { redisSession, type RedisSessionMiddleware } from "./redis-session.js";
