/** What the near cache does with each kind of client that has several connections or servers. */
import type { RedisClientType } from "redis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { RedisSessionStore } from "holdfast";
import { keySlot } from "../../lib/redis/clients/key-slot.js";
import { callsOf } from "../support/commands.js";
import type { TestRedis } from "../support/servers/redis-server.js";

export interface Place {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** A client for one process. */
  open(): Promise<any>;
  /** The servers that are primaries now. */
  primaries(): Promise<RedisClientType[]>;
  /** One primary is replaced by its replica, on the operator's order. */
  failover?(): Promise<void>;
  servers?(): readonly TestRedis[];
  /** A slot of a cluster is moved to another primary, with its keys. */
  moveSlot?(slot: number): Promise<void>;
}

/** A client of `redis`, connected. */
export const connected = async (client: any) => {
  client.on("error", () => {});
  await client.connect();
  return client;
};

/** A client of ioredis or iovalkey, connected. */
export const ready = async (client: any) => {
  client.on("error", () => {});
  await new Promise((resolve) => client.once("ready", resolve));
  return client;
};
export async function primariesOf(servers: readonly TestRedis[]): Promise<RedisClientType[]> {
  const clients = await Promise.all(servers.filter(isAlive).map((server) => server.client()));
  const roles = await Promise.all(clients.map((client) => client.info("replication")));
  return clients.filter((_, i) => roles[i]!.includes("role:master"));
}

const isAlive = ({ process }: TestRedis) => process.exitCode === null && process.signalCode === null;
const portOf = (client: RedisClientType) => Number(new URL(client.options.url!).port);

/** Ends the servers that were primaries and are none any more. */
async function endFormer(servers: readonly TestRedis[], before: readonly number[]): Promise<void> {
  const now = (await primariesOf(servers)).map(portOf);
  for (const { port, process } of servers) if (before.includes(port) && !now.includes(port)) process.kill("SIGKILL");
}

export function nearCacheWorks(place: Place): void {
  const ids = Array.from({ length: 30 }, (_, i) => `session-${i}`); // on a cluster, all servers have some
  let here: RedisSessionStore;
  let there: RedisSessionStore;
  let clients: any[];
  beforeAll(() => place.start(), 60_000);
  afterAll(() => place.stop());
  beforeEach(async () => {
    clients = [await place.open(), await place.open()];
    here = new RedisSessionStore({ client: clients[0], nearCache: {}, touchInterval: 3600 });
    there = new RedisSessionStore({ client: clients[1], touchInterval: 3600 });
    await Promise.all(ids.map((id) => write(there, id, 1)));
    await expect.poll(readsOfAll, { timeout: 20_000 }).toBe(0);
  });
  afterEach(async () => {
    await here.close();
    for (const client of clients) await (client.destroy ?? client.disconnect).call(client);
  });

  const write = async (store: RedisSessionStore, id: string, n: number) =>
    store.set(id, Object.assign((await store.get(id)) ?? { cookie: { originalMaxAge: null } }, { n }) as never);
  const valueOf = async (store: RedisSessionStore, id: string) =>
    ((await store.get(id)) as { n?: number } | null)?.n ?? null;
  const reads = async () => {
    const each = await Promise.all((await place.primaries()).map((client) => callsOf(client, "get")));
    return each.reduce((sum, calls) => sum + calls, 0);
  };
  /** How many reads of Redis it takes to look at all sessions. */
  const readsOfAll = async () => {
    const before = await reads();
    for (const id of ids) await here.get(id);
    return (await reads()) - before;
  };

  test("a change elsewhere is seen as soon as it is announced, and so is a destroyed session", async () => {
    for (const id of ids) {
      await write(there, id, 2);
      await expect.poll(() => valueOf(here, id), { interval: 1 }).toBe(2);
    }
    for (const id of ids) {
      await there.destroy(id);
      await expect.poll(() => valueOf(here, id), { interval: 1 }).toBeNull();
    }
  });

  test("what this process wrote is what it reads, many times", async () => {
    for (let n = 2; n < 30; n++) {
      await Promise.all(ids.map((id) => write(here, id, n)));
      expect(await Promise.all(ids.map((id) => valueOf(here, id)))).toEqual(ids.map(() => n));
    }
    await here.destroy(ids[0]!);
    expect(await here.get(ids[0]!)).toBeNull();
  });

  test("while both processes write and read, nothing old is kept", async () => {
    for (let round = 0; round < 20; round++) {
      const n = 100 + round;
      await Promise.all(ids.flatMap((id) => [here.get(id), write(there, id, n), here.get(id), valueOf(here, id)]));
      await expect
        .poll(() => Promise.all(ids.map((id) => valueOf(here, id))), { interval: 1 })
        .toEqual(ids.map(() => n));
    }
  });

  test("a change by another store on the same client is seen at once", async () => {
    const beside = new RedisSessionStore({ client: clients[0], nearCache: {} });
    await expect.poll(() => valueOf(beside, ids[0]!)).toBe(1);
    await write(beside, ids[0]!, 2);
    expect(await valueOf(here, ids[0]!)).toBe(2);
    await beside.close();
    await write(there, ids[0]!, 3);
    await expect.poll(() => valueOf(here, ids[0]!), { interval: 1 }).toBe(3);
  });

  test("keys with another prefix are not announced", async () => {
    const other = new RedisSessionStore({ client: clients[1], prefix: "other:" });
    for (const id of ids) await write(other, id, 9);
    expect(await readsOfAll()).toBe(0);
  });

  test("lost announcements empty it, and it comes back by itself", async () => {
    for (const primary of await place.primaries()) await primary.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
    await Promise.all(ids.map((id) => write(there, id, 7)));
    await expect.poll(() => Promise.all(ids.map((id) => valueOf(here, id))), { interval: 5 }).toEqual(ids.map(() => 7));
    await expect.poll(readsOfAll, { timeout: 20_000 }).toBe(0);
    await Promise.all(ids.map((id) => write(there, id, 8)));
    await expect.poll(() => Promise.all(ids.map((id) => valueOf(here, id))), { interval: 5 }).toEqual(ids.map(() => 8));
  });

  test("its connections end with it", async () => {
    const listening = async () => {
      const lists = await Promise.all(
        (await place.primaries()).map((client) => client.sendCommand(["CLIENT", "LIST"])),
      );
      return lists.join("").match(/flags=[^ ]*B/g)?.length ?? 0;
    };
    expect(await listening()).toBeGreaterThanOrEqual((await place.primaries()).length);
    await here.close();
    await expect.poll(listening).toBe(0);
  });

  test.skipIf(!place.moveSlot)("slots that move while it reads: nothing old is kept", async () => {
    const slots = ids.slice(0, 6).map((id) => keySlot(`sess:${id}`));
    let isMoving = true;
    const moving = (async () => {
      for (const slot of slots) await place.moveSlot!(slot);
    })().finally(() => (isMoving = false));
    let n = 1000;
    while (isMoving) {
      n++;
      await Promise.all(ids.map((id) => write(there, id, n)));
      await Promise.all(ids.map((id) => here.get(id)));
    }
    await moving;
    await Promise.all(ids.map((id) => write(there, id, 0)));
    await expect.poll(() => Promise.all(ids.map((id) => valueOf(here, id))), { interval: 5 }).toEqual(ids.map(() => 0));
    await expect.poll(readsOfAll, { timeout: 20_000 }).toBe(0);
  });

  test.skipIf(!place.failover)(
    "another server takes over: changes are seen, and reads cost nothing again",
    async () => {
      const ports = async () => (await place.primaries()).map(portOf);
      const before = await ports();
      await place.failover!();
      const hasTakenOver = async () => {
        const now = await ports();
        return now.length === before.length && now.some((port) => !before.includes(port));
      };
      await expect.poll(hasTakenOver, { timeout: 30_000, interval: 100 }).toBe(true);
      for (let n = 50; n < 53; n++) {
        // Until now, the former primary has announced what was replicated to it.
        if (n === 52) await endFormer(place.servers!(), before);
        const writeAll = () => Promise.all(ids.map((id) => write(there, id, n)));
        await expect
          .poll(
            () =>
              writeAll().then(
                () => true,
                () => false,
              ),
            { timeout: 20_000 },
          )
          .toBe(true);
        await expect
          .poll(() => Promise.all(ids.map((id) => valueOf(here, id))).catch(() => []), { interval: 5, timeout: 20_000 })
          .toEqual(ids.map(() => n));
        await expect.poll(() => readsOfAll().catch(() => -1), { timeout: 20_000 }).toBe(0);
      }
    },
  );
}
