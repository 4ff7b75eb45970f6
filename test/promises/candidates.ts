/** Who must keep the promises, and plain connect-redis, which shows that the tests can fail. */
import { RedisStore } from "connect-redis";
import session from "express-session";
import { redisSession, RedisSessionStore, type MergeRules } from "holdfast";
import type { RedisClientType } from "redis";
import type { Middleware } from "../support/web-site.js";

export const secret = "a secret for tests, long enough not to be warned of";

export interface CandidateOptions {
  client: RedisClientType;
  merge?: MergeRules;
  maxAge?: number;
  touchInterval?: number;
}

export interface Candidate {
  name: string;
  create(options: CandidateOptions): Middleware;
}

const common = { secret, resave: false, saveUninitialized: false };

export const ours: Candidate[] = [
  {
    name: "redisSession",
    create: ({ maxAge, ...options }) => redisSession({ ...options, secret, cookie: { maxAge } }),
  },
  {
    name: "express-session with RedisSessionStore",
    create: ({ maxAge, ...options }) =>
      session({ ...common, store: new RedisSessionStore(options), cookie: { maxAge } }) as unknown as Middleware,
  },
];

export const connectRedis: Candidate = {
  name: "express-session with connect-redis",
  create: ({ client, maxAge }) =>
    session({ ...common, store: new RedisStore({ client }), cookie: { maxAge } }) as unknown as Middleware,
};
