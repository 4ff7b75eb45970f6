/** Drill: Redis is frozen for ten seconds (SIGSTOP) and goes on. */
import { createClient, type RedisClientType } from "redis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { redisSession, sum } from "holdfast";
import { secret } from "../promises/candidates.js";
import { countBy, Load, pause, quantile, report, startCountingSite } from "../support/load.js";
import { redisServerPath } from "../support/programs.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { expectNothingUnhandled } from "../support/unhandled.js";

const frozenFor = 10_000;

describe.skipIf(!redisServerPath)("Redis frozen for 10 s", () => {
  expectNothingUnhandled();
  let redis: TestRedis;
  const appClients: RedisClientType[] = [];
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    redis.process.kill("SIGCONT");
    for (const client of appClients.splice(0)) client.destroy();
    await redis.stop();
  });

  const connections: Record<string, () => Promise<{ url: string } | { client: RedisClientType }>> = {
    "a connection of our own": async () => ({ url: redis.url }),
    "a client of the app's, with node-redis' defaults": async () => {
      const client = createClient({ url: redis.url }) as RedisClientType;
      client.on("error", () => {});
      appClients.push(client);
      await client.connect();
      return { client };
    },
  };

  test.each(Object.entries(connections))("%s", { timeout: 60_000 }, async (name, connection) => {
    const sessions = redisSession({ ...(await connection()), secret, merge: { count: sum } });
    await sessions.ready();
    const site = await startCountingSite(sessions);
    // The control: the same pages without sessions, at the same time, show what the machine itself makes one wait.
    const plainSite = await startCountingSite((req, _res, next) => (Object.assign(req, { session: {} }), next()));
    const control = new Load(plainSite, { visitors: 1, arrivals: 10 });
    const load = new Load(site, { visitors: 50, arrivals: 20 });
    await Promise.all([load.start(), control.start()]);
    await pause(500);

    redis.process.kill("SIGSTOP");
    const frozenAt = performance.now();
    await pause(frozenFor);
    redis.process.kill("SIGCONT");
    const thawedAt = performance.now();
    await pause(2000);
    await Promise.all([load.stop(), control.stop()]);

    const during = load.between(frozenAt, thawedAt);
    const firstFailure = during.filter(({ status }) => status === 503).map(({ at, took }) => at + took);
    const knownAt = Math.min(...firstFailure);
    const known = load.between(knownAt + 1000, thawedAt).map(({ took }) => took);
    const without = control.between(knownAt + 1000, thawedAt).map(({ took }) => took);
    const good = load.between(thawedAt, Infinity).filter(({ status }) => status === 200);
    const longest = Math.max(...load.visits.map(({ took }) => took));
    const backAfter = Math.min(...good.map(({ at, took }) => at + took)) - thawedAt;
    report(`frozen for 10 s, ${name}`, {
      "answers while frozen": countBy(during),
      "slowest answer ms": longest,
      "trouble known after ms": knownAt - frozenAt,
      "then p50 ms": quantile(known, 0.5),
      "p99 ms": quantile(known, 0.99),
      "max ms": Math.max(...known),
      "without sessions p99 ms": quantile(without, 0.99),
      "good again after ms": backAfter,
    });
    expect(longest).toBeLessThan(5500);
    expect(known.length).toBeGreaterThan(100);
    expect(quantile(known, 0.99)).toBeLessThan(50 + quantile(without, 0.99));
    expect(backAfter).toBeLessThan(1000);
    expect(countBy(load.between(thawedAt + 1000, Infinity))).toEqual({ 200: expect.any(Number) });
    expect(await load.lost()).toBe(0);
    await site.close();
    await plainSite.close();
    await sessions.close();
  });
});
