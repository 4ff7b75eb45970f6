/** Drills on a Redis Cluster of three primaries and three replicas. */
// cspell:ignore KEYSLOT resharding
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redisSession, RedisSessionStore, sum, type RedisSessionMiddleware } from "holdfast";
import { repositoryOf } from "../../lib/express-session/index.js";
import { keySlot } from "../../lib/redis/clients/key-slot.js";
import { secret } from "../promises/candidates.js";
import { countBy, Load, pause, report, startCountingSite } from "../support/load.js";
import { redisServerPath } from "../support/programs.js";
import { startCluster, type TestCluster } from "../support/servers/redis-cluster.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import type { Site } from "../support/web-site.js";

describe.skipIf(!redisServerPath)("a cluster", () => {
  expectNothingUnhandled();
  let cluster: TestCluster;
  let sessions: RedisSessionMiddleware<RedisSessionStore>;
  let site: Site;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster?.stop());
  beforeEach(async () => {
    sessions = redisSession({ cluster: { nodes: cluster.nodes }, secret, merge: { count: sum } });
    await sessions.ready();
    site = await startCountingSite(sessions);
  });
  afterEach(async () => {
    await site.close();
    await sessions.close();
  });

  test("our slot of a key matches the server's", async () => {
    const { client } = await cluster.ownerOf(0);
    const tags = ["{user}:1", "a{b}c", "{}x", "a{", "ü{ö}", ""];
    const random = Array.from({ length: 200 }, () => `sess:${randomBytes(24).toString("base64url")}`);
    for (const key of [...tags, ...random]) {
      expect(keySlot(key)).toBe(await client.sendCommand(["CLUSTER", "KEYSLOT", key]));
    }
  });

  test("all, ids, length and clear cover every server", async () => {
    const ids = Array.from({ length: 300 }, (_, i) => `s${i}`);
    await Promise.all(ids.map((id) => sessions.store.set(id, { cookie: {}, id } as never)));
    expect(await sessions.store.length()).toBe(300);
    expect((await sessions.store.ids()).sort()).toEqual(ids.sort());
    expect(await sessions.store.all()).toHaveLength(300);
    await sessions.store.clear();
    expect(await sessions.store.length()).toBe(0);
  });

  test("ids are hashed and back again while sessions live: both keys of one are on the same server", async () => {
    const open = (hashIds: boolean | "prepare" | "move", layout: "json" | "hash") =>
      new RedisSessionStore({ client: sessions.client, hashIds, layout, merge: { n: sum } });
    const ids = Array.from({ length: 50 }, () => randomBytes(24).toString("base64url"));
    for (const layout of ["json", "hash"] as const) {
      await Promise.all(ids.map((id) => open(false, layout).set(id, { cookie: {}, n: 0 } as never)));
      for (const [round, hashIds] of (["prepare", "move", true, "move", "prepare", false] as const).entries()) {
        const store = open(hashIds, layout);
        await Promise.all(
          ids.map(async (id) => {
            const session = (await store.get(id)) as { n: number } | null;
            expect(session?.n).toBe(round);
            await store.set(id, Object.assign(session!, { n: round + 1 }) as never);
          }),
        );
        expect(await store.length()).toBe(50);
        const isPlain = (await store.ids()).map((id) => ids.includes(id));
        expect(isPlain).toEqual(ids.map(() => hashIds === false || hashIds === "prepare"));
      }
      await open("move", layout).clear();
      expect(await sessions.store.length()).toBe(0);
    }
  });

  test("sessions that are imported together are found by their ids, and not imported twice", async () => {
    const { transfer } = repositoryOf(sessions.store);
    const text = (n: number) => JSON.stringify({ cookie: { path: "/" }, n });
    const rows = Array.from({ length: 300 }, (_, n) => ({ sid: `s${n}`, text: text(n), seconds: 600 }));
    expect(await transfer.putMissing(rows)).toBe(300);
    for (const { sid, text } of rows) expect(await sessions.store.get(sid)).toMatchObject(JSON.parse(text));
    expect(await transfer.putMissing(rows)).toBe(0);
    expect(await sessions.store.length()).toBe(300);
    await sessions.store.clear();
  });

  test("resharding under load: no request fails, and nothing is lost", { timeout: 60_000 }, async () => {
    const load = new Load(site, { visitors: 100, tabs: 2, every: 200 });
    await load.start();
    const from = performance.now();
    await cluster.moveSlots(0, 700);
    const took = performance.now() - from;
    await pause(500);
    await load.stop();
    const lost = await load.lost();
    report("cluster, 701 slots moved", {
      visits: countBy(load.visits),
      "moving took ms": took,
      "slowest answer ms": Math.max(...load.visits.map((visit) => visit.took)),
      "acknowledged changes": load.acknowledged.flat().length,
      "of them lost": lost,
    });
    expect(countBy(load.visits)).toEqual({ 200: load.visits.length });
    expect(lost).toBe(0);
  });

  test("a primary is killed: the others go on, and its replica takes over", { timeout: 60_000 }, async () => {
    const load = new Load(site, { visitors: 60, tabs: 2, every: 200 });
    await load.start();
    await pause(500);
    const { server } = await cluster.ownerOf(8000);
    server.process.kill("SIGKILL");
    const killedAt = performance.now();
    await load.untilGood(killedAt);
    await load.stop();
    const during = load.between(killedAt, killedAt + load.failedFor);
    report("cluster, a primary killed", {
      visits: countBy(load.visits),
      "while it lasted": countBy(during),
      "failed for ms": load.failedFor,
      "slowest answer ms": Math.max(...load.visits.map((visit) => visit.took)),
      "acknowledged changes": load.acknowledged.flat().length,
      "of them lost": await load.lost(),
    });
    expect(countBy(during)[200]).toBeGreaterThan(countBy(during)[503]!);
    expect(load.failedFor).toBeLessThan(15_000);
  });
});
