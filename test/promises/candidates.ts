/** Who must keep the promises, and plain connect-redis, which shows that the tests can fail. */
import { randomBytes } from "node:crypto";
import { RedisStore } from "connect-redis";
import session from "express-session";
import { redisSession, RedisSessionStore, type MergeRules } from "holdfast";
import type { RedisClientType } from "redis";
import type { Middleware } from "../support/web-site.js";

export const secret = "a secret for tests, long enough not to be warned of";

interface CandidateOptions {
  client: RedisClientType;
  merge?: MergeRules;
  maxAge?: number;
  touchInterval?: number;
}

export interface Candidate {
  name: string;
  layout: "json" | "hash";
  create(options: CandidateOptions): Middleware;
}

const common = { secret, resave: false, saveUninitialized: false };
const encryptionKey = randomBytes(32);
const layouts = ["json", "hash"] as const;

export const ours: Candidate[] = layouts.flatMap((layout): Candidate[] => [
  {
    name: `redisSession (${layout})`,
    layout,
    create: ({ maxAge, ...options }) => redisSession({ ...options, layout, secret, cookie: { maxAge } }),
  },
  {
    name: `express-session with RedisSessionStore (${layout})`,
    layout,
    create: ({ maxAge, ...options }) =>
      session({
        ...common,
        store: new RedisSessionStore({ ...options, layout }),
        cookie: { maxAge },
      }) as unknown as Middleware,
  },
]);

/** The same promises hold if sessions are compressed; the threshold of one byte compresses whatever gets smaller. */
export const compressing: Candidate[] = layouts.map((layout) => ({
  name: `redisSession (${layout}, compressed)`,
  layout,
  create: ({ maxAge, ...options }) => redisSession({ ...options, layout, compress: 1, secret, cookie: { maxAge } }),
}));

/** And if they are encrypted, so that nothing is the same twice in Redis. */
export const encrypting: Candidate[] = layouts.map((layout) => ({
  name: `redisSession (${layout}, encrypted)`,
  layout,
  create: ({ maxAge, ...options }) =>
    redisSession({ ...options, layout, encrypt: encryptionKey, secret, cookie: { maxAge } }),
}));

export const connectRedis: Candidate = {
  name: "express-session with connect-redis",
  layout: "json",
  create: ({ client, maxAge }) =>
    session({ ...common, store: new RedisStore({ client }), cookie: { maxAge } }) as unknown as Middleware,
};
