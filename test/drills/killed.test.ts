/** Drill: Redis is killed (-9) under 200 concurrent visitors and started again on its append-only file. */
import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { redisSession, sum } from "holdfast";
import { secret } from "../promises/candidates.js";
import { freePort } from "../support/servers/free-port.js";
import { countBy, Load, pause, report, startCountingSite } from "../support/load.js";
import { redisServerPath } from "../support/programs.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { expectNothingUnhandled } from "../support/unhandled.js";

describe.skipIf(!redisServerPath)("Redis killed and restarted", () => {
  expectNothingUnhandled();
  let folder: string;
  let port: number;
  let redis: TestRedis;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "holdfast-aof-"));
    port = await freePort();
  });
  afterEach(async () => {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const start = (appendfsync: string) =>
    startRedis({ kind: "redis", port, args: ["--dir", folder, "--appendonly", "yes", "--appendfsync", appendfsync] });

  test.each([
    ["always", "no acknowledged change is lost", 0],
    ["everysec", "at most the last second is lost", 1000],
  ])("appendfsync %s: %s", { timeout: 60_000 }, async (appendfsync, _promise, window) => {
    redis = await start(appendfsync);
    const sessions = redisSession({ url: redis.url, secret, merge: { count: sum } });
    const site = await startCountingSite(sessions);
    const load = new Load(site, { visitors: 200, every: 400 });
    await load.start();
    await pause(1500);

    const killedAt = performance.now();
    redis.process.kill("SIGKILL");
    await once(redis.process, "exit");
    await pause(500);
    const startedAt = performance.now();
    await redis.stop();
    redis = await start(appendfsync);
    const answersAt = performance.now();
    await expect.poll(() => load.between(answersAt, Infinity).some(({ status }) => status === 200)).toBe(true);
    await pause(1500);
    await load.stop();

    const good = load.visits.filter(({ at, status }) => status === 200 && at > killedAt);
    const backAfter = Math.min(...good.map(({ at, took }) => at + took)) - answersAt;
    const lost = await load.lost(killedAt - window);
    report(`killed -9, appendfsync ${appendfsync}`, {
      "visits ": countBy(load.visits),
      "Redis away ms": answersAt - killedAt,
      "its start ms": answersAt - startedAt,
      "first good answer after its first ms": backAfter,
      "slowest answer ms": Math.max(...load.visits.map(({ took }) => took)),
      "acknowledged changes": load.acknowledged.flat().length,
      "of them lost": await load.lost(),
    });
    expect(lost).toBe(0);
    expect(backAfter).toBeLessThan(1000);
    expect(countBy(load.between(answersAt + 1000, Infinity))).toEqual({ 200: expect.any(Number) });
    expect(Object.keys(countBy(load.visits)).sort()).toEqual(["200", "503"]);
    await site.close();
    await sessions.close();
  });
});
