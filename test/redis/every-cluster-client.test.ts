/** Every client library that is taken, on a Redis Cluster: each server has its deadlines, and all are listed. */
// cspell:ignore errorstats
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RedisSessionStore } from "holdfast";
import { accountStoreContract, RedisAccounts } from "holdfast/auth";
import { doctor } from "holdfast/ops";
import { keySlot } from "../../lib/redis/clients/key-slot.js";
import { guardClient } from "../../lib/redis/guard/guarded-client.js";
import { callsOf } from "../support/commands.js";
import { drivers } from "../support/drivers.js";
import { redisServerPath } from "../support/programs.js";
import { startCluster, type TestCluster } from "../support/servers/redis-cluster.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { serves } from "./serves.js";

const session = (values: object = {}): any => ({ cookie: { originalMaxAge: null }, ...values });
const errorOf = (work: Promise<unknown>): Promise<any> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** An id whose key is in this third of the slots. */
function idIn(third: number): string {
  for (let n = 0; ; n++) if (Math.floor((keySlot(`sess:s${n}`) * 3) / 16384) === third) return `s${n}`;
}

describe.skipIf(!redisServerPath)("on a cluster", () => {
  expectNothingUnhandled();
  let cluster: TestCluster;
  let client: any;
  beforeAll(async () => {
    cluster = await startCluster();
  }, 60_000);
  afterAll(() => cluster?.stop());

  describe.each(drivers.map((driver, n) => [driver.name, driver, n] as const))("%s", (_name, driver, n) => {
    beforeEach(async () => {
      client = await driver.cluster(cluster.nodes);
    });
    afterEach(async () => {
      for (const server of cluster.servers) server.process.kill("SIGCONT");
      await new RedisSessionStore({ client }).clear();
      await driver.close(client);
    });

    test("serves, in both layouts, and sends no command to the wrong server", async () => {
      const admins = await Promise.all(cluster.servers.map((server) => server.client()));
      await Promise.all(admins.map((admin) => admin.configResetStat()));
      await serves(client);
      const errors = await Promise.all(admins.map((admin) => admin.info("errorstats")));
      expect(errors.filter((text) => text.includes("MOVED"))).toEqual([]);
    });

    test("all servers are listed, cleared, and examined", async () => {
      const store = new RedisSessionStore({ client });
      const ids = Array.from({ length: 100 }, (_, n) => `s${n}`);
      await Promise.all(ids.map((id) => store.set(id, session())));
      expect((await store.ids()).sort()).toEqual(ids.sort());
      const findings = await doctor(client);
      expect(findings.find(({ check }) => check === "reachable")).toMatchObject({ level: "ok" });
      await store.clear();
      expect(await store.length()).toBe(0);
    });

    test("sessions are read from primaries, whatever the app has set", async () => {
      const reading = await driver.cluster(cluster.nodes, driver.readingReplicas);
      try {
        const admins = await Promise.all(cluster.servers.map((server) => server.client()));
        await Promise.all(admins.map((admin) => admin.configResetStat()));
        for (const layout of ["json", "hash"] as const) {
          const store = new RedisSessionStore({ client: reading, layout });
          for (let n = 0; n < 50; n++) {
            await store.set(`s${n}`, session({ n }));
            expect(await store.get(`s${n}`)).toMatchObject({ n });
          }
          await store.clear();
        }
        const roles = await Promise.all(admins.map((admin) => admin.info("replication")));
        const replicas = admins.filter((_, node) => roles[node]!.includes("role:slave"));
        expect(replicas.length).toBeGreaterThan(0);
        for (const replica of replicas) expect(await callsOf(replica, "get", "hgetall")).toBe(0);
      } finally {
        await driver.close(reading);
      }
    });

    test("`durability`: WAIT goes to the server that holds the session", async () => {
      const store = new RedisSessionStore({ client, durability: { replicas: 1, timeout: 2000 } });
      for (const third of [0, 1, 2]) {
        await store.set(idIn(third), session({ n: 1 }));
        await store.set(idIn(third), Object.assign((await store.get(idIn(third)))!, { n: 2 }));
      }
      const more = new RedisSessionStore({ client, durability: { replicas: 2, timeout: 50 } });
      expect(await errorOf(more.set(idIn(1), session()))).toMatchObject({
        code: "SESSION_NOT_REPLICATED",
        message: expect.stringContaining("1 of 2 replicas"),
      });
    });

    test("accounts keep the contract", async () => {
      const accounts = new RedisAccounts({ client });
      await Promise.all(accountStoreContract.map(({ check }) => check(accounts)));
    });

    test("slots that move: nothing fails, nothing is lost", async () => {
      const store = new RedisSessionStore({ client });
      const from = n * 40; // each driver moves others, to the same server
      const isMoving = (id: string) => keySlot(`sess:${id}`) >= from && keySlot(`sess:${id}`) < from + 40;
      const ids = Array.from({ length: 8000 }, (_, i) => `s${i}`).filter(isMoving);
      await Promise.all(ids.map((id) => store.set(id, session({ n: 0 }))));
      let rounds = 0;
      let isMoved = false;
      const moved = cluster.moveSlots(from, from + 39).finally(() => (isMoved = true));
      do {
        rounds++;
        await Promise.all(ids.map(async (id) => store.set(id, Object.assign((await store.get(id))!, { n: rounds }))));
      } while (!isMoved);
      await moved;
      for (const id of ids) expect(await store.get(id)).toMatchObject({ n: rounds });
    });

    test("a server that is frozen: its sessions fail at once after a moment, those of the others go on", async () => {
      const guard = guardClient(client, { commandTimeout: 500, rules: { silence: 150, grace: 100 } });
      const store = new RedisSessionStore({ client });
      const [lost, kept] = [idIn(0), idIn(2)];
      await Promise.all([lost, kept].map((id) => store.set(id, session({ n: 1 }))));
      const { server } = await cluster.ownerOf(keySlot(`sess:${lost}`));
      server.process.kill("SIGSTOP");
      const first = errorOf(store.get(lost));
      await expect.poll(() => guard.isAvailable).toBe(false);
      const begun = performance.now();
      const [refused, ...others] = await Promise.all([errorOf(store.get(lost)), store.get(kept), store.get(kept)]);
      expect(performance.now() - begun).toBeLessThan(500); // not the deadline
      expect(await first).toMatchObject({ reason: "timeout" });
      server.process.kill("SIGCONT");
      expect(refused).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", reason: "down" });
      expect(others).toMatchObject([{ n: 1 }, { n: 1 }]);
      await expect.poll(() => store.get(lost).catch(() => undefined), { timeout: 10_000 }).toMatchObject({ n: 1 });
      await expect.poll(() => guard.isAvailable).toBe(true);
    });
  });
});
