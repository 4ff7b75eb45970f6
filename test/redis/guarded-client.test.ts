/** Commands to a Redis that stops to answer: each ends at its deadline, and soon none waits at all. */
import { createClient, type RedisClientType } from "redis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { guardClient, type GuardedClient } from "../../lib/redis/guard/guarded-client.js";
import type { RedisClient } from "../../lib/redis/commands.js";
import { redisServerPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";

const unavailable = { code: "SESSION_STORE_UNAVAILABLE", status: 503, headers: { "Retry-After": "1" } };

describe.skipIf(!redisServerPath)("a Redis that is frozen", () => {
  const redis = useRedis();
  let guard: GuardedClient;
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  beforeAll(async () => {
    process.on("unhandledRejection", note);
  });
  afterAll(async () => {
    process.off("unhandledRejection", note);
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
    expect(refused.took).toBeLessThan(500); // not the deadline
    for (const { took, error } of await Promise.all(waiting)) {
      expect(error).toMatchObject(unavailable);
      expect(took).toBeGreaterThan(950);
      expect(took).toBeLessThan(3000);
    }
    thaw();
    const thawed = performance.now();
    await expect.poll(() => guard.get("a").catch(() => undefined), { interval: 10 }).toBe("2");
    expect(performance.now() - thawed).toBeLessThan(3000); // it is probed four times a second
    expect(guard.isAvailable).toBe(true);
    expect(unhandled).toEqual([]);
  });

  test("nothing piles up: what is in flight when the trouble is known stays all there is", async () => {
    freeze();
    const first = Array.from({ length: 50 }, () => timed(guard.get("a")));
    await expect.poll(() => guard.isAvailable).toBe(false);
    for (let n = 0; n < 5000; n++) await expect(guard.get("a")).rejects.toMatchObject(unavailable);
    expect(guard.inFlight).toBeLessThanOrEqual(50);
    await Promise.all(first);
    expect(guard.inFlight).toBe(0);
    thaw();
    await expect.poll(() => guard.isAvailable).toBe(true);
  });

  test("a client that is closed while Redis is down begins anew when it is opened again", async () => {
    const { client } = guard as unknown as { client: RedisClientType };
    freeze();
    const waiting = timed(guard.get("a"));
    await expect.poll(() => guard.isAvailable).toBe(false);
    client.destroy();
    await waiting;
    await expect.poll(() => guard.isAvailable).toBe(true);
    thaw();
    await client.connect();
    expect(await guard.get("a")).toBe("2");
  });

  test("a command that Redis works on for long does not stop the others from being sent; its own deadline ends it", async () => {
    const slow = guardClient(await redis.client(), { commandTimeout: 1000 });
    const busy = timed(
      slow.eval("local t = redis.call('TIME')[1] + 2 while redis.call('TIME')[1] + 0 < t do end", script),
    );
    expect((await busy).took).toBeLessThan(1500);
    expect(slow.isAvailable).toBe(true);
    await expect.poll(() => slow.get("a").catch(() => undefined), { timeout: 5000 }).toBe("2");
  });

  test("answers that wait in the socket while this process stands still are not late", async () => {
    const answer = guard.get("a");
    const until = performance.now() + 1500;
    while (performance.now() < until);
    expect(await answer).toBe("2");
    expect(guard.isAvailable).toBe(true);
  });
});

const script = { keys: ["a"], arguments: [] };

test("a client without a connection answers by itself, which is no sign that Redis is silent", async () => {
  const client = createClient({
    url: "redis://127.0.0.1:1",
    disableOfflineQueue: true,
    socket: { reconnectStrategy: 50 },
  });
  client.on("error", () => {});
  void client.connect().catch(() => {});
  const guard = guardClient(client as unknown as RedisClient);
  for (let n = 0; n < 10; n++) {
    await expect(guard.get("a")).rejects.toMatchObject({ ...unavailable, reason: "down" });
  }
  expect(guard.isAvailable).toBe(true);
  client.destroy();
});

test("wrapping twice is wrapping once", () => {
  const guard = guardClient(createClient() as unknown as RedisClient);
  expect(guardClient(guard)).toBe(guard);
});
