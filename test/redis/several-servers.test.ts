/** Clients that send a command again when its connection is lost, on a cluster and with Sentinel: they change nothing twice. */
import * as ioredis6 from "ioredis";
import * as ioredis5 from "ioredis5";
import * as iovalkey from "iovalkey";
import * as redis6 from "redis";
import * as redis5 from "redis5";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RedisSessionStore, sum } from "holdfast";
import { callsOf } from "../support/commands.js";
import { redisServerPath } from "../support/programs.js";
import { FaultyProxy } from "../support/servers/faulty-proxy.js";
import { startCluster, type TestCluster } from "../support/servers/redis-cluster.js";
import type { TestRedis } from "../support/servers/redis-server.js";
import { startSentinel, type TestSentinel } from "../support/servers/redis-sentinel.js";
import { expectNothingUnhandled } from "../support/unhandled.js";

interface Address {
  host: string;
  port: number;
}
type AddressMap = Record<string, Address>;

const host = "127.0.0.1";
const session = (values: object): any => ({ cookie: { originalMaxAge: null }, ...values });
const listening = (client: any) => client.on("error", () => {});

async function connected(client: any): Promise<any> {
  listening(client);
  await client.connect();
  return client;
}

interface Library {
  cluster(roots: Address[], map: AddressMap): Promise<any>;
  sentinel(name: string, nodes: Address[], map: AddressMap, options?: object): Promise<any>;
}

function nodeRedis(library: any): Library {
  return {
    cluster: (roots, nodeAddressMap) =>
      connected(library.createCluster({ rootNodes: roots.map((socket) => ({ socket })), nodeAddressMap })),
    sentinel: (name, sentinelRootNodes, nodeAddressMap, options) =>
      connected(library.createSentinel({ name, sentinelRootNodes, nodeAddressMap, scanInterval: 1000, ...options })),
  };
}

function ioredis({ Cluster, Redis }: any): Library {
  return {
    cluster: (roots, natMap) => connected(new Cluster(roots, { natMap, lazyConnect: true })),
    sentinel: (name, sentinels, natMap) => connected(new Redis({ name, sentinels, natMap, lazyConnect: true })),
  };
}

const libraries: [string, Library][] = [
  ["redis 5", nodeRedis(redis5)],
  ["redis 6", nodeRedis(redis6)],
  ["ioredis 5", ioredis(ioredis5)],
  ["ioredis 6", ioredis(ioredis6)],
  ["iovalkey", ioredis(iovalkey)],
];

const close = async (client: any) => void (await (client.destroy ?? client.disconnect).call(client));

/** A proxy in front of each server, and the map that leads there. */
async function proxiesFor(servers: readonly TestRedis[]) {
  const proxies = await Promise.all(servers.map(({ port }) => FaultyProxy.start(port)));
  const map = Object.fromEntries(servers.map(({ port }, n) => [`${host}:${port}`, { host, port: proxies[n]!.port }]));
  return { proxies, map };
}

/** Changes a counter while the answer to each change is lost with its connection. */
async function changesOnce(client: any, proxies: readonly FaultyProxy[]): Promise<void> {
  for (const layout of ["json", "hash"] as const) {
    const store = new RedisSessionStore({ client, layout, prefix: `${layout}:`, merge: { n: sum } });
    const read = () => store.get("a").catch(() => ({}));
    await store.set("a", session({ n: 1 }));
    let made = 0;
    for (let round = 0; made < 4 && round < 20; round++) {
      const data: any = await store.get("a");
      const before = data.n;
      await store.set("a", Object.assign(data, { round })); // from now on, the server has the script
      for (const proxy of proxies) proxy.cutAfter(1);
      const error = await store.set("a", Object.assign(data, { n: before + 1 })).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      for (const proxy of proxies) proxy.cutAfter(Infinity);
      expect(error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE" });
      // Not at all, if it was the answer to another command that was cut.
      await expect.poll(read, { timeout: 10_000 }).toHaveProperty("n");
      const { n }: any = await store.get("a");
      expect([before, before + 1]).toContain(n);
      made = n - 1;
    }
    expect(made).toBe(4);
    await store.clear();
  }
}

describe.skipIf(!redisServerPath)("a change whose answer is lost with its connection is made once", () => {
  expectNothingUnhandled();

  describe("on a cluster", () => {
    let cluster: TestCluster;
    beforeAll(async () => {
      cluster = await startCluster();
    }, 60_000);
    afterAll(() => cluster?.stop());

    // One of `redis` sends nothing again.
    test.each(libraries.slice(2))("%s", { timeout: 60_000 }, async (_name, library) => {
      const { map, proxies } = await proxiesFor(cluster.servers);
      const client = await library.cluster(Object.values(map), map);
      try {
        await changesOnce(client, proxies);
      } finally {
        await close(client);
        await Promise.all(proxies.map((proxy) => proxy.close()));
      }
    });
  });

  describe("with Sentinel", () => {
    let site: TestSentinel;
    beforeAll(async () => {
      site = await startSentinel({ downAfter: 30_000 });
    }, 60_000);
    afterAll(() => site?.stop());

    test.each(libraries)("%s", { timeout: 60_000 }, async (_name, library) => {
      const { map, proxies } = await proxiesFor(site.servers);
      const client = await library.sentinel(site.name, site.nodes, map);
      try {
        await changesOnce(client, proxies);
      } finally {
        await close(client);
        await Promise.all(proxies.map((proxy) => proxy.close()));
      }
    });

    test.each(libraries.slice(0, 2))(
      "%s that reads from replicas: sessions are read from the primary",
      async (_name, library) => {
        const client = await library.sentinel(site.name, site.nodes, {}, { replicaPoolSize: 1 });
        const admins = await Promise.all(site.servers.map((server) => server.client()));
        await Promise.all(admins.map((admin) => admin.configResetStat()));
        try {
          for (const layout of ["json", "hash"] as const) {
            const store = new RedisSessionStore({ client, layout });
            for (let n = 0; n < 50; n++) {
              await store.set("a", session({ n }));
              expect(await store.get("a")).toMatchObject({ n });
            }
            await store.clear();
          }
          const [, ...replicas] = admins;
          for (const replica of replicas) expect(await callsOf(replica, "get", "hgetall")).toBe(0);
        } finally {
          await close(client);
        }
      },
    );
  });
});
