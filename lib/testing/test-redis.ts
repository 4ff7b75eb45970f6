/** `testRedis()`: the Redis of a test, as an app sees it. */
import { MemoryRedis } from "./memory/memory-redis.js";
import { refuseInProduction } from "./refuse-in-production.js";

/** What fails while a `TestRedis` is down: every command, or only those that write, as in a Redis whose memory is full. */
export type TestOutage = "everything" | "writes";

/** A Redis in this process's memory, as a client. It knows the commands that sessions and logins need, and no others. */
export interface TestRedis {
  /**
   * From now on commands fail, as if Redis were gone: pages that need their session get status 503.
   *
   * @param what "writes": what is stored can be read, but nothing can be saved; default "everything"
   * @example
   * const redis = testRedis();
   * redis.goDown(); // pages now get 503, with Retry-After
   * redis.comeBack();
   */
  goDown(what?: TestOutage): void;
  /**
   * Ends what `goDown` began. What was stored is still there.
   *
   * @example
   * const redis = testRedis();
   * redis.goDown("writes");
   * redis.comeBack();
   */
  comeBack(): void;
  /**
   * Removes everything: sessions, logins, accounts, counts of attempts.
   *
   * @example
   * const redis = testRedis();
   * await redis.flushDb();
   */
  flushDb(): Promise<unknown>;
  /**
   * The time to live of a key in seconds; -1 if it does not expire, -2 if there is none.
   *
   * @example
   * const redis = testRedis();
   * const left = await redis.ttl("sess:7d0c");
   */
  ttl(key: string): Promise<number>;
  /**
   * 1 if the key exists.
   *
   * @example
   * const redis = testRedis();
   * const isThere = await redis.exists("user:7d0c");
   */
  exists(key: string): Promise<number>;
  /**
   * All fields of a hash.
   *
   * @example
   * const redis = testRedis();
   * const devices = await redis.hGetAll("devices:7d0c");
   */
  hGetAll(key: string): Promise<Record<string, string>>;
}

/**
 * A Redis in this process's memory, for an app that takes a client: `redisSession({ client })`, `localAuth`,
 * `new RedisAccounts({ client })`. Everything above the client is what runs in production. Each call makes a new one.
 *
 * Its clock is `Date`, so sessions end when the fake timers of a test say so.
 *
 * @throws HoldfastError `HOLDFAST_TESTING_IN_PRODUCTION`
 * @example
 * const sessions = redisSession({ client: testRedis(), secret: "a secret of at least 32 characters" });
 */
export function testRedis(): TestRedis {
  refuseInProduction("testRedis()");
  return new MemoryRedis();
}
