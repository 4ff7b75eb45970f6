/** The sessions that helpers work with. */
import type { Store } from "express-session";
import type { RedisSessionMiddleware } from "../http/index.js";

/** What `redisSession()` and `testSessions()` return, whatever their store. */
export type AnySessions = RedisSessionMiddleware<Store, unknown>;
