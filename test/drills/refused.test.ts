/** Drills: Redis answers, but refuses: out of memory, read-only, connections killed, scripts forgotten, a new password. */
import type { RedisClientType } from "redis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { redisSession, sum, type RedisSessionMiddleware } from "holdfast";
import { secret } from "../promises/candidates.js";
import { countBy, Load, pause, quantile, report, startCountingSite } from "../support/load.js";
import { redisServerPath } from "../support/programs.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { Visitor, type Site } from "../support/web-site.js";

describe.skipIf(!redisServerPath)("Redis refuses commands", () => {
  expectNothingUnhandled();
  let redis: TestRedis;
  let admin: RedisClientType;
  let sessions: RedisSessionMiddleware;
  let site: Site;
  let load: Load;
  const open = async (options: { url?: string } = {}) => {
    sessions = redisSession({ url: redis.url, secret, merge: { count: sum }, ...options });
    await sessions.ready();
    site = await startCountingSite(sessions);
    load = new Load(site, { visitors: 30, tabs: 2 });
    await load.start();
    await pause(300);
  };
  beforeEach(async () => {
    redis = await startRedis();
    admin = await redis.client();
  });
  afterEach(async () => {
    await site.close();
    await sessions.close();
    await redis.stop();
  });
  const finish = async (drill: string, since: number, figures: Record<string, unknown> = {}) => {
    await pause(700);
    await load.stop();
    const lost = await load.lost();
    report(drill, {
      visits: countBy(load.visits),
      "slowest answer ms": Math.max(...load.visits.map(({ took }) => took)),
      "acknowledged changes": load.acknowledged.flat().length,
      "of them lost": lost,
      ...figures,
    });
    expect(lost).toBe(0);
    expect(countBy(load.between(since + 600, Infinity))).toEqual({ 200: expect.any(Number) });
  };

  test("maxmemory with noeviction: reads continue, writes get 503, and service recovers", async () => {
    await open();
    await admin.configSet("maxmemory-policy", "noeviction");
    await admin.configSet("maxmemory", "1");
    const from = performance.now();
    await pause(1000);
    const writes = load.between(from + 50, Infinity);
    expect(countBy(writes)).toEqual({ 503: expect.any(Number) });
    const reader = new Visitor(site, load.visitors[0]!.cookie);
    expect(await reader.get("/")).toMatchObject({ status: 200, body: expect.stringMatching(/^[1-9]/) });
    await admin.configSet("maxmemory", "0");
    await finish("maxmemory with noeviction for 1 s", performance.now(), {
      "writes refused p99 ms": quantile(
        writes.map(({ took }) => took),
        0.99,
      ),
    });
  });

  test("the server becomes a read-only replica: reads continue, writes get 503, and service recovers", async () => {
    await open();
    await admin.sendCommand(["REPLICAOF", "127.0.0.1", "1"]); // nobody is there, so it keeps its data
    const from = performance.now();
    await pause(1000);
    expect(countBy(load.between(from + 50, Infinity))).toEqual({ 503: expect.any(Number) });
    const reader = new Visitor(site, load.visitors[0]!.cookie);
    expect(await reader.get("/")).toMatchObject({ status: 200, body: expect.stringMatching(/^[1-9]/) });
    await admin.sendCommand(["REPLICAOF", "NO", "ONE"]);
    await finish("read-only replica for 1 s", performance.now());
  });

  test("CLIENT KILL, twenty times", async () => {
    await open();
    for (let n = 0; n < 20; n++) {
      await admin.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
      await pause(100);
    }
    await finish("CLIENT KILL, 20 times", performance.now(), { "failed for ms": load.failedFor });
  });

  test("SCRIPT FLUSH under load: no request fails", async () => {
    await open();
    for (let n = 0; n < 50; n++) {
      await admin.scriptFlush();
      await pause(20);
    }
    await finish("SCRIPT FLUSH, 50 times", performance.now());
    expect(countBy(load.visits)).toEqual({ 200: load.visits.length });
  });

  test("the password changes: 503 with the reason, and recovery once it is right again", async () => {
    const login = { username: "shop", password: "first" };
    const rule = (password: string) => [
      "ACL",
      "SETUSER",
      "shop",
      "on",
      "resetpass",
      `>${password}`,
      "~*",
      "&*",
      "+@all",
    ];
    await admin.sendCommand(rule("first"));
    await open({ url: `redis://${login.username}:${login.password}@127.0.0.1:${redis.port}` });
    await admin.sendCommand(rule("second"));
    await admin.sendCommand(["CLIENT", "KILL", "USER", "shop"]);
    const from = performance.now();
    await pause(1000);
    expect(countBy(load.between(from + 50, Infinity))).toEqual({ 503: expect.any(Number) });
    await expect(sessions.ready()).rejects.toMatchObject({ message: expect.stringContaining("refused the password") });
    await admin.sendCommand(rule("first"));
    await finish("wrong password after a rotation for 1 s", performance.now());
  });
});
