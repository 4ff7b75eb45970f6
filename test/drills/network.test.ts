/** Drills: the connection to Redis is cut in the middle of a reply, slowed to a trickle, refused, or swallowed. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { redisSession, sum } from "holdfast";
import type { RedisSessionMiddleware } from "holdfast";
import { secret } from "../promises/candidates.js";
import { FaultyProxy } from "../support/servers/faulty-proxy.js";
import { countBy, Load, pause, report, startCountingSite } from "../support/load.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import type { Site } from "../support/web-site.js";

describe("a network that fails", () => {
  expectNothingUnhandled();
  let redis: TestRedis;
  let proxy: FaultyProxy;
  let sessions: RedisSessionMiddleware;
  let site: Site;
  let load: Load;
  const open = async (commandTimeout: number) => {
    sessions = redisSession({ url: `redis://127.0.0.1:${proxy.port}`, secret, merge: { count: sum }, commandTimeout });
    site = await startCountingSite(sessions);
    load = new Load(site, { visitors: 30, tabs: 2, arrivals: 50 });
    await load.start();
    await pause(300);
  };
  beforeEach(async () => {
    redis = await startRedis();
    proxy = await FaultyProxy.start(redis.port);
  });
  afterEach(async () => {
    await site.close();
    await sessions.close();
    await proxy.close();
    await redis.stop();
  });
  /** Ends the load; nothing that was acknowledged is lost, and nobody waited longer than the deadline. */
  const finish = async (drill: string, recoveredAt: number, longest: number) => {
    await expect.poll(() => load.between(recoveredAt, Infinity).some(({ status }) => status === 200)).toBe(true);
    const good = load.between(recoveredAt, Infinity).filter(({ status }) => status === 200);
    const backAfter = Math.min(...good.map(({ at, took }) => at + took)) - recoveredAt;
    await pause(1500);
    await load.stop();
    const slowest = Math.max(...load.visits.map(({ took }) => took));
    const lost = await load.lost();
    report(drill, {
      visits: countBy(load.visits),
      "failed for ms": load.failedFor,
      "good again after ms": backAfter,
      "slowest answer ms": slowest,
      "acknowledged changes": load.acknowledged.flat().length,
      "of them lost": lost,
    });
    expect(lost).toBe(0);
    expect(slowest).toBeLessThan(longest);
    expect(backAfter).toBeLessThan(1000);
    expect(countBy(load.between(recoveredAt + 1000, Infinity))).toEqual({ 200: expect.any(Number) });
  };

  test("connections closed in the middle of a reply, ten times", { timeout: 60_000 }, async () => {
    await open(5000);
    for (let n = 0; n < 10; n++) {
      const before = proxy.connections;
      proxy.cutAfter(200 + 37 * n);
      await expect.poll(() => proxy.connections, { timeout: 5000 }).toBeGreaterThan(before);
    }
    await finish("cut in the middle of a reply, 10 times", performance.now(), 5500);
  });

  test("bandwidth reduced to a trickle", { timeout: 60_000 }, async () => {
    await open(1000);
    proxy.trickle({ bytes: 8, every: 20 });
    await pause(4000);
    proxy.trickle(undefined);
    await finish("slowed to 400 bytes a second", performance.now(), 1500 + 1000);
  });

  test("connections refused", { timeout: 60_000 }, async () => {
    await open(5000);
    await proxy.refuse();
    const refusedAt = performance.now();
    await pause(2000);
    const refused = load.between(refusedAt, Infinity);
    expect(countBy(refused)).toEqual({ 503: expect.any(Number) });
    // At once, and not at the deadline of 5 s; a busy machine takes its time for both.
    expect(Math.max(...refused.map(({ took }) => took))).toBeLessThan(1500);
    await proxy.accept();
    await finish("refused for 2 s", performance.now(), 2500);
  });

  test("packets dropped: the connection is dead, but stays open", { timeout: 60_000 }, async () => {
    await open(1000);
    proxy.blackHole(true);
    const before = proxy.connections;
    // Connections of our own are given up after the deadline and a second of silence, and so is one that never says hello.
    await expect.poll(() => proxy.connections, { timeout: 20_000 }).toBeGreaterThanOrEqual(before + 2);
    proxy.blackHole(false);
    proxy.cut();
    await finish("swallowed by the network", performance.now(), 1500 + 1000);
  });
});
