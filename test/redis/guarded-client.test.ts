/** Commands to a Redis that stops to answer: each ends at its deadline, and soon none waits at all. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { guardClient, type GuardedClient } from "../../lib/redis/guarded-client.js";
import { redisServerPath } from "../support/programs.js";
import { startRedis, type TestRedis } from "../support/redis-server.js";

const unavailable = { code: "SESSION_STORE_UNAVAILABLE", status: 503, headers: { "Retry-After": "1" } };

describe.skipIf(!redisServerPath)("a Redis that is frozen", () => {
  let redis: TestRedis;
  let guard: GuardedClient;
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  beforeAll(async () => {
    redis = await startRedis();
    process.on("unhandledRejection", note);
  });
  afterAll(async () => {
    process.off("unhandledRejection", note);
    await redis.stop();
  });
  beforeEach(async () => {
    guard = guardClient(await redis.client(), { commandTimeout: 1000, rules: { silence: 200, grace: 100 } });
  });
  afterEach(() => void redis.process.kill("SIGCONT"));

  const freeze = () => redis.process.kill("SIGSTOP");
  const thaw = () => redis.process.kill("SIGCONT");
  const timed = async (work: Promise<unknown>) => {
    const began = performance.now();
    const error = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    return { took: performance.now() - began, error };
  };

  test("answers, values and errors, pass through", async () => {
    await guard.set("a", "1");
    expect(await guard.get("a")).toBe("1");
    await expect(guard.hGetAll("a")).rejects.toThrow("WRONGTYPE");
    expect(await guard.ping()).toBe("PONG");
    expect(await guard.wait(0, 10)).toBe(0);
  });

  test("a command ends at its deadline, those that follow at once; it is back as soon as Redis is", async () => {
    await guard.set("a", "1");
    freeze();
    const waiting = [guard.get("a"), guard.set("a", "2"), guard.expire("a", 100)].map(timed);
    await expect.poll(() => guard.isAvailable).toBe(false);
    const refused = await timed(guard.get("a"));
    expect(refused.error).toMatchObject(unavailable);
    expect(refused.took).toBeLessThan(50);
    for (const { took, error } of await Promise.all(waiting)) {
      expect(error).toMatchObject(unavailable);
      expect(took).toBeGreaterThan(950);
      expect(took).toBeLessThan(1500);
    }
    thaw();
    const thawed = performance.now();
    await expect.poll(() => guard.get("a").catch(() => undefined), { interval: 10 }).toBe("2");
    expect(performance.now() - thawed).toBeLessThan(1000);
    expect(guard.isAvailable).toBe(true);
    expect(unhandled).toEqual([]);
  });
});
