/** A Redis for all tests of a file, or of a `describe`: it starts before the first one and stops after the last. */
import { afterAll, beforeAll } from "vitest";
import { startRedis, type TestRedis, type TestRedisOptions } from "./redis-server.js";

/** What it returns can be used from the first `beforeAll` after it on; tests that restart a server call `startRedis`. */
export function useRedis(options: TestRedisOptions = {}): TestRedis {
  const redis = {} as TestRedis;
  beforeAll(async () => {
    Object.assign(redis, await startRedis(options));
  });
  // Not started: what the failure of beforeAll says counts.
  afterAll(() => (redis.stop as TestRedis["stop"] | undefined)?.());
  return redis;
}
