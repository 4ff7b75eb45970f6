/** Drill: one primary, two replicas, three sentinels; the primary is killed under load of overlapping visits. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { redisSession, sum, type RedisSessionMiddleware, type RedisSessionStoreOptionsBase } from "holdfast";
import { secret } from "../promises/candidates.js";
import { countBy, Load, pause, quantile, report, startCountingSite } from "../support/load.js";
import { redisServerPath } from "../support/programs.js";
import { startSentinel, type TestSentinel } from "../support/servers/redis-sentinel.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import type { Site } from "../support/web-site.js";

/** Milliseconds: a request reads its session and saves it, and each of the two commands has a deadline. */
const twoDeadlines = 10_500;

describe.skipIf(!redisServerPath)("sentinel", () => {
  expectNothingUnhandled();
  let sentinel: TestSentinel;
  let sessions: RedisSessionMiddleware;
  let site: Site;
  let load: Load;
  const open = async (options: RedisSessionStoreOptionsBase) => {
    const { name, nodes } = sentinel;
    sessions = redisSession({ sentinel: { name, nodes }, secret, merge: { count: sum }, ...options });
    await sessions.ready();
    site = await startCountingSite(sessions);
    load = new Load(site, { visitors: 50, tabs: 2, every: 200, arrivals: 50 });
    await load.start();
    await pause(1000);
  };
  beforeEach(async () => {
    sentinel = await startSentinel();
  }, 60_000);
  afterEach(async () => {
    await site?.close();
    await sessions?.close();
    await sentinel?.stop();
  });

  test("the primary is killed: no change acknowledged by a replica is lost", { timeout: 90_000 }, async () => {
    await open({ durability: { replicas: 1, timeout: 100 } });
    const killedAt = performance.now();
    sentinel.servers[0]!.process.kill("SIGKILL");
    await load.untilGood(killedAt);
    await load.stop();
    const refused = load.visits.filter(({ status }) => status !== 200).map(({ took }) => took);
    const lost = await load.lost();
    report("sentinel, the primary killed", {
      visits: countBy(load.visits),
      "failed for ms": load.failedFor,
      "refusals p50 ms": quantile(refused, 0.5),
      "slowest answer ms": Math.max(...load.visits.map(({ took }) => took)),
      "acknowledged changes": load.acknowledged.flat().length,
      "of them lost": lost,
    });
    expect(lost).toBe(0);
    expect(load.failedFor).toBeLessThan(20_000);
    expect(Math.max(...load.visits.map(({ took }) => took))).toBeLessThan(twoDeadlines);
  });

  test(
    "the primary freezes: its replica takes over, and the old primary's return does no harm",
    { timeout: 90_000 },
    async () => {
      await open({ durability: { replicas: 1, timeout: 100 } });
      const frozenAt = performance.now();
      sentinel.servers[0]!.process.kill("SIGSTOP");
      await load.untilGood(frozenAt);
      sentinel.servers[0]!.process.kill("SIGCONT");
      await pause(2000);
      await load.stop();
      const lost = await load.lost();
      report("sentinel, the primary frozen", {
        visits: countBy(load.visits),
        "failed for ms": load.failedFor,
        "slowest answer ms": Math.max(...load.visits.map(({ took }) => took)),
        "of them lost": lost,
      });
      expect(lost).toBe(0);
      expect(Math.max(...load.visits.map(({ took }) => took))).toBeLessThan(twoDeadlines);
    },
  );
});
