/** Whatever an app has set for its client, for its own use of it: sessions are served, and the near cache hears of changes. */
import * as redis6 from "redis";
import * as redis5 from "redis5";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RedisSessionStore } from "holdfast";
import { callsOf } from "../support/commands.js";
import { redisServerPath } from "../support/programs.js";
import { startCluster, type TestCluster } from "../support/servers/redis-cluster.js";
import { availableServers } from "../support/servers/redis-server.js";
import { useRedis } from "../support/servers/use-redis.js";
import { serves } from "./serves.js";

const { BLOB_STRING, MAP, NULL, NUMBER, SET, SIMPLE_STRING } = redis6.RESP_TYPES;
const replies = (typeMapping: object) => ({ commandOptions: { typeMapping } });
const settings: Record<string, object> = {
  "RESP 2": { RESP: 2 },
  "RESP 3": { RESP: 3 },
  "numbers as text": replies({ [NUMBER]: String }),
  "texts as buffers": replies({ [BLOB_STRING]: Buffer, [SIMPLE_STRING]: Buffer }),
  "maps and sets as such": { RESP: 3, ...replies({ [MAP]: Map, [SET]: Set }) },
  "all replies in other types": replies({ [NUMBER]: String, [BLOB_STRING]: Buffer, [MAP]: Map, [NULL]: String }),
  "a prefix for its keys": { keyPrefix: "app:" }, // redis 5 ignores it
  "a prefix with special characters": { keyPrefix: "a*[b]:" },
  "the prefix of the sessions again": { keyPrefix: "json:" },
};

describe.each([
  ["5", redis5],
  ["6", redis6],
] as [string, typeof redis6][])("redis %s", (version, { createClient, createClientPool, createCluster }) => {
  const redis = useRedis({ kind: availableServers[0]! });
  let cluster: TestCluster | undefined;
  const clients: any[] = [];
  beforeAll(async () => {
    if (redisServerPath) cluster = await startCluster();
  }, 60_000);
  afterAll(() => cluster?.stop());
  beforeEach(async () => void (await (await opened(createClient({ url: redis.url }))).flushAll()));
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
  });

  async function opened(client: any): Promise<any> {
    clients.push(client);
    client.on("error", () => {});
    return client.connect();
  }

  describe.each(Object.entries(settings))("%s", (_name, given) => {
    test("a client serves, also next to the keys of others", async () => {
      const plain = await opened(createClient({ url: redis.url }));
      await plain.set("json:other", "of another app");
      await plain.set("else:json:other", "of another app");
      const client = await opened(createClient({ url: redis.url, ...given }));
      const isApart = version === "6" && "keyPrefix" in given;
      if (!isApart) await plain.del("json:other");
      await serves(client);
      expect(await plain.exists(["json:other", "else:json:other"])).toBe(isApart ? 2 : 1);
    });

    test("a client that is asked for such replies later, too", async () => {
      const { commandOptions } = given as { commandOptions?: { typeMapping: object } };
      const client = await opened(createClient({ url: redis.url }));
      await serves(client.withTypeMapping(commandOptions?.typeMapping ?? {}));
    });

    test("a pool serves", async () => serves(await opened(createClientPool({ url: redis.url, ...given }))));

    test.skipIf(!redisServerPath)("a cluster serves", async () => {
      const rootNodes = cluster!.nodes.map(({ host, port }) => ({ url: `redis://${host}:${port}` }));
      await serves(await opened(createCluster({ rootNodes, ...given })));
    });

    test.each(["json", "hash"] as const)("near cache, layout %s: a change elsewhere is seen", async (layout) => {
      const here = await opened(createClient({ url: redis.url, ...given }));
      const there = await opened(createClient({ url: redis.url, ...given }));
      const store = new RedisSessionStore({ client: here, layout, nearCache: {} });
      const other = new RedisSessionStore({ client: there, layout });
      await store.set("a", { cookie: { originalMaxAge: null }, n: 1 } as never);
      const admin = await opened(createClient({ url: redis.url }));
      const reads = () => callsOf(admin, "get", "hgetall");
      await expect
        .poll(async () => {
          const before = await reads();
          await store.get("a");
          return (await reads()) === before;
        })
        .toBe(true);
      await other.set("a", Object.assign((await other.get("a"))!, { n: 2 }));
      await expect.poll(() => store.get("a")).toMatchObject({ n: 2 });
      await other.destroy("a");
      await expect.poll(() => store.get("a")).toBeNull();
      await store.close();
    });
  });

  test("a client that receives messages is told to be the wrong one; with RESP 3 it serves", async () => {
    const client = await opened(createClient({ url: redis.url, RESP: 2 }));
    await client.subscribe("news", () => {});
    const store = new RedisSessionStore({ client });
    await expect(store.get("a")).rejects.toMatchObject({
      code: "SESSION_STORE_UNAVAILABLE",
      message: expect.stringMatching(/receives messages.*pass another one/),
    });
    const able = await opened(createClient({ url: redis.url, RESP: 3 }));
    await able.subscribe("news", () => {});
    await serves(able);
  });

  test("a client whose queue is full: the reason in words, and no outage", async () => {
    const client = await opened(createClient({ url: redis.url, commandsQueueMaxLength: 5 }));
    const store = new RedisSessionStore({ client });
    const errors = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.get(`s${n}`).catch((error: unknown) => error)),
    );
    expect(errors.filter((error) => error === null).length).toBeGreaterThan(0);
    for (const error of errors.filter((one) => one !== null))
      expect(error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", reason: "busy" });
    expect(await store.get("a")).toBeNull();
  });

  test("a client in a Proxy, which traces commands, serves; the Proxy sees all of them", async () => {
    const client = await opened(createClient({ url: redis.url }));
    const seen = new Set<string>();
    const proxy = new Proxy(client, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          seen.add(String(name));
          return value.apply(target, args);
        };
      },
    });
    await serves(proxy);
    expect([...seen]).toEqual(expect.arrayContaining(["get", "set", "evalSha", "expire", "scan", "ttl", "unlink"]));
  });

  test("a client with a cache of its own serves; ours is off beside it", async () => {
    const clientSideCache = { ttl: 0, maxEntries: 0, evictPolicy: "LRU" } as const;
    const client = await opened(createClient({ url: redis.url, RESP: 3, clientSideCache }));
    await serves(client);
    const store = new RedisSessionStore({ client, nearCache: {} });
    const other = new RedisSessionStore({ client: await opened(createClient({ url: redis.url })) });
    await store.set("a", { cookie: { originalMaxAge: null }, n: 1 } as never);
    expect(await store.get("a")).toMatchObject({ n: 1 });
    await other.destroy("a");
    await expect.poll(() => store.get("a")).toBeNull();
    await store.close();
  });
});
