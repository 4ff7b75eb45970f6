/** The middleware room: `redisSession()` and the life of a request. */
export type { RedisSessionOptions } from "./options.js";
export { redisSession, type RedisSessionMiddleware } from "./redis-session.js";
