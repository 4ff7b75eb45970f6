/** Both sides of the comparison on one Redis: each has its own prefix and cookie, and all other options are equal. */
import { RedisStore } from "connect-redis";
import { Router, type Request, type RequestHandler } from "express";
import session from "express-session";
import { redisSession } from "holdfast";
import { sameOrigin } from "holdfast/auth";
import type { RedisClientType } from "redis";
import { localOnly } from "../local-only.js";
import { comparedApp } from "./handlers.js";

/** What differs because both are in one browser. */
interface OwnOptions {
  readonly name: string;
  readonly cookie: { path: string; sameSite: "lax" };
}

/** Mount it at `/compare`, before any other session middleware. */
export function twoSides({ redis, secret }: { redis: RedisClientType; secret: string }): Router {
  const router = Router();
  const both = { secret, resave: false, saveUninitialized: false };
  const store = { client: redis, ttl: 600 };
  const stored = (prefix: string) => async (req: Request) => {
    const text: unknown = await redis.get(prefix + req.sessionID);
    return typeof text === "string" ? text : null;
  };

  const guards = [localOnly, sameOrigin()];
  const mount = (side: string, middleware: (prefix: string, own: OwnOptions) => RequestHandler) => {
    const prefix = `compare:${side}:`;
    const own = { name: `compare.${side}`, cookie: { path: `/compare/${side}`, sameSite: "lax" as const } };
    router.use(`/${side}`, guards, comparedApp(middleware(prefix, own), stored(prefix)));
  };

  mount("connect-redis", (prefix, own) => session({ ...both, ...own, store: new RedisStore({ ...store, prefix }) }));
  mount("holdfast", (prefix, own) => redisSession({ ...both, ...own, ...store, prefix }));
  return router;
}
