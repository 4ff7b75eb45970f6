/** `testSessions()`: `redisSession()` for tests, with a Redis in memory. */
import type { RedisSessionStore, RedisStorageOptions } from "../express-session/index.js";
import { redisSession, type RedisSessionMiddleware, type RedisSessionOptionsBase } from "../http/index.js";
import { refuseInProduction } from "./refuse-in-production.js";
import { testRedis, type TestRedis } from "./test-redis.js";

/**
 * The options of `redisSession()`, so that an app can pass its own. Those that say where Redis is, and those that need a
 * connection (`nearCache`) or replicas (`durability`), have no effect here.
 */
export type TestSessionsOptions = RedisSessionOptionsBase &
  RedisStorageOptions & { [name in "url" | "tls" | "sentinel" | "cluster" | "connectTimeout"]?: unknown };

/** What `testSessions()` returns: the middleware of `redisSession()`, whose client is a Redis in memory. */
export interface TestSessions extends RedisSessionMiddleware<RedisSessionStore, TestRedis> {
  /** Waits for pending saves: for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The middleware of `redisSession()` with a Redis in this process's memory, for tests. It takes the same options and
 * keeps the same promises. Without `secret` and `SESSION_SECRET`, it signs cookies with a secret of its own. Each call
 * makes new sessions.
 *
 * @throws HoldfastError `HOLDFAST_TESTING_IN_PRODUCTION`, and what `redisSession()` throws
 * @example
 * await using sessions = testSessions({ merge: { views: sum } });
 * app.use(sessions);
 */
export function testSessions(options: TestSessionsOptions = {}): TestSessions {
  refuseInProduction("testSessions()");
  const secret = options.secret ?? process.env["SESSION_SECRET"] ?? "holdfast/testing signs its cookies with this";
  const sessions = redisSession({ ...options, ...withoutEffect, secret, client: testRedis() });
  return Object.assign(sessions, { [Symbol.asyncDispose]: () => sessions.close() });
}

const withoutEffect = {
  url: undefined,
  tls: undefined,
  sentinel: undefined,
  cluster: undefined,
  connectTimeout: undefined,
  durability: undefined,
  nearCache: undefined,
};
