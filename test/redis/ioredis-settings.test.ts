/** Whatever an app has set on its client of ioredis or iovalkey, for its own use of it: sessions are served. */
// cspell:ignore rpush geheim
import { inspect } from "node:util";
import * as ioredis6 from "ioredis";
import * as ioredis5 from "ioredis5";
import * as iovalkey from "iovalkey";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redisSession, RedisSessionStore } from "holdfast";
import { guardClient } from "../../lib/redis/guard/guarded-client.js";
import { redisServerPath } from "../support/programs.js";
import { FaultyProxy } from "../support/servers/faulty-proxy.js";
import { startCluster, type TestCluster } from "../support/servers/redis-cluster.js";
import { useRedis } from "../support/servers/use-redis.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { serves } from "./serves.js";

const settings: Record<string, object> = {
  "numbers as texts": { stringNumbers: true },
  "numbers as texts, in the forms of RESP 3": { stringNumbers: true, protocol: 3, replyMapping: "resp3" },
  "the forms of RESP 3": { protocol: 3, replyMapping: "resp3" }, // of version 6
  "RESP 2": { protocol: 2 },
  "a prefix for its keys": { keyPrefix: "app:" },
  "a prefix with special characters": { keyPrefix: "a*[b]:" },
  "the prefix of the sessions again": { keyPrefix: "json:" },
  "automatic pipelines": { enableAutoPipelining: true },
  "no offline queue": { enableOfflineQueue: false },
  "a deadline of its own": { commandTimeout: 1000 },
  "endless retries, as BullMQ wants it": { maxRetriesPerRequest: null },
  "friendly stacks": { showFriendlyErrorStack: true },
  "no ready check": { enableReadyCheck: false },
};

describe.skipIf(!redisServerPath).each([
  ["ioredis 5", ioredis5],
  ["ioredis 6", ioredis6],
  ["iovalkey", iovalkey],
] as [string, any][])("%s", (name, { Cluster, Command, Redis }) => {
  expectNothingUnhandled();
  const redis = useRedis({ kind: "redis" });
  let cluster: TestCluster;
  const clients: any[] = [];
  beforeAll(async () => {
    cluster = await startCluster();
  }, 60_000);
  afterAll(() => cluster?.stop());
  beforeEach(async () => void (await (await redis.client()).flushAll()));
  afterEach(() => {
    redis.process.kill("SIGCONT");
    for (const client of clients.splice(0)) client.disconnect();
  });

  async function opened(options: object = {}): Promise<any> {
    const client = new Redis({ host: "127.0.0.1", port: redis.port, lazyConnect: true, ...options });
    clients.push(client);
    client.on("error", () => {});
    await client.connect();
    return client;
  }

  async function openedCluster(options: object = {}, redisOptions: object = {}): Promise<any> {
    const client = new Cluster(cluster.nodes, { lazyConnect: true, ...options, redisOptions });
    clients.push(client);
    client.on("error", () => {});
    await client.connect();
    return client;
  }

  describe.each(Object.entries(settings))("%s", (_name, given) => {
    test("a client serves, also next to the keys of others", async () => {
      const plain = await redis.client();
      await plain.set("else:json:other", "of another app");
      const isApart = "keyPrefix" in given;
      if (isApart) await plain.set("json:other", "of another app");
      await serves(await opened(given));
      expect(await plain.exists(["json:other", "else:json:other"])).toBe(isApart ? 2 : 1);
    });

    test("a cluster serves", async () => {
      const { enableAutoPipelining, enableOfflineQueue, keyPrefix, ...redisOptions } = given as Record<string, unknown>;
      const own = Object.entries({ enableAutoPipelining, enableOfflineQueue, keyPrefix });
      await serves(
        await openedCluster(Object.fromEntries(own.filter(([, value]) => value !== undefined)), redisOptions),
      );
    });
  });

  test("a cluster whose servers have the prefix serves", () => openedCluster({}, { keyPrefix: "app:" }).then(serves));

  test("a cluster that pipelines automatically: concurrent scripts for different servers do not meet", async () => {
    const store = new RedisSessionStore({ client: await openedCluster({ enableAutoPipelining: true }) });
    const ids = Array.from({ length: 50 }, (_, n) => `s${n}`);
    const session: any = { cookie: { originalMaxAge: null }, n: 1 };
    await Promise.all(ids.map((id) => store.set(id, { ...session })));
    const loaded = await Promise.all(ids.map((id) => store.get(id) as Promise<any>));
    await Promise.all(ids.map((id, i) => store.set(id, Object.assign(loaded[i], { n: 2 }))));
    for (const id of ids) expect(await store.get(id)).toMatchObject({ n: 2 });
    await store.clear();
  });

  test("a cluster that reads from replicas: what was saved is read at once", async () => {
    const store = new RedisSessionStore({ client: await openedCluster({ scaleReads: "slave" }) });
    for (let n = 0; n < 200; n++) {
      await store.set(`s${n}`, { cookie: { originalMaxAge: null }, n } as never);
      expect(await store.get(`s${n}`)).toMatchObject({ n });
    }
    await store.clear();
  });

  test("a client that connects with its first command", async () => {
    const client = new Redis({ host: "127.0.0.1", port: redis.port, lazyConnect: true });
    const lazyCluster = new Cluster(cluster.nodes, { lazyConnect: true });
    clients.push(client, lazyCluster);
    await redisSession({ client, secret: "s".repeat(32) }).ready();
    await serves(client);
    expect(await new RedisSessionStore({ client: lazyCluster }).ids()).toEqual([]);
  });

  test("a client that connects with its first command, which fails without an offline queue: told at the start", async () => {
    const client = new Redis({ host: "127.0.0.1", port: redis.port, lazyConnect: true, enableOfflineQueue: false });
    clients.push(client);
    const sessions = redisSession({ client, secret: "s".repeat(32) });
    await expect(sessions.ready()).rejects.toMatchObject({
      code: "HOLDFAST_CLIENT_NOT_CONNECTED",
      message: expect.stringContaining("call `await client.connect()`"),
    });
    await client.connect();
    await sessions.ready();
    await serves(client);
  });

  test("a client whose retries end: each request gets its answer, and it is told what to do", async () => {
    const proxy = await FaultyProxy.start(redis.port);
    const client = await opened({ port: proxy.port, retryStrategy: (n: number) => (n < 3 ? 20 : null) });
    const store = new RedisSessionStore({ client });
    expect(await store.get("a")).toBeNull();
    await proxy.close();
    await expect.poll(() => client.status).toBe("end");
    await expect(store.get("a")).rejects.toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", status: 503 });
    await expect(redisSession({ client, secret: "s".repeat(32) }).ready()).rejects.toMatchObject({
      code: "HOLDFAST_CLIENT_NOT_CONNECTED",
    });
  });

  test("HGETALL with a transformer of the app's", async () => {
    const client = await opened();
    const { reply } = Reflect.get(Command, "_transformer") as any;
    const { hgetall } = reply;
    const pairs = (list: unknown) => {
      const flat = Array.isArray(list) ? list : Object.entries(hgetall(list)).flat();
      return flat.flatMap((text, i) => (i % 2 === 0 ? [[text, flat[i + 1]]] : []));
    };
    try {
      for (const transformer of [pairs, (list: unknown) => new Map(pairs(list) as [string, string][])]) {
        Command.setReplyTransformer("hgetall", transformer);
        await serves(client);
      }
    } finally {
      Command.setReplyTransformer("hgetall", hgetall);
    }
  });

  test("its own deadline does not hide a frozen Redis: soon nothing is sent", async () => {
    const client = await opened({ commandTimeout: 100 });
    const guard = guardClient(client, { rules: { silence: 250, grace: 150 } });
    expect(await guard.get("a")).toBeNull();
    redis.process.kill("SIGSTOP");
    await expect(guard.get("a")).rejects.toMatchObject({ reason: "timeout" });
    const ask = () => guard.get("a").catch(({ reason }: { reason: string }) => reason);
    await expect.poll(ask).toBe("down");
    expect(guard.isAvailable).toBe(false);
    redis.process.kill("SIGCONT");
    await expect.poll(ask).toBeNull();
  });

  test("without an offline queue, a lost connection is told at once", async () => {
    const proxy = await FaultyProxy.start(redis.port);
    const client = await opened({ port: proxy.port, enableOfflineQueue: false, retryStrategy: () => 50 });
    const store = new RedisSessionStore({ client });
    expect(await store.get("a")).toBeNull();
    await proxy.close();
    await expect.poll(() => client.status).not.toBe("ready");
    await expect(store.get("a")).rejects.toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", reason: "down" });
  });

  test("a client that receives messages is told to be the wrong one", async () => {
    const client = await opened({ protocol: 2 });
    await client.subscribe("news");
    const store = new RedisSessionStore({ client });
    await expect(store.get("a")).rejects.toThrow(/receives messages.*pass another one/);
  });

  test("a login that is refused: the password is in no part of the error", async () => {
    const login = { username: "nobody", password: "geheim" };
    const single = new Redis({ host: "127.0.0.1", port: redis.port, ...login });
    const several = new Cluster(cluster.nodes, { redisOptions: login, clusterRetryStrategy: () => null });
    clients.push(single, several);
    for (const client of [single, several]) {
      client.on("error", () => {});
      const error = await new RedisSessionStore({ client }).get("a").catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE" });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("geheim");
    }
  });

  test("a wrapped cluster that reads from replicas is refused, because its options cannot be set aside", async () => {
    const bound = (given: object) =>
      new Proxy(given, {
        get(target, property) {
          const value: unknown = Reflect.get(target, property);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    const reading = bound(await openedCluster({ scaleReads: "slave" }));
    expect(() => new RedisSessionStore({ client: reading })).toThrow(/wrapped.*`scaleReads`/);
    await serves(bound(await openedCluster()));
  });

  test("a client of a subclass, with methods that the app has wrapped, serves", async () => {
    class Traced extends (Redis as any) {}
    const client: any = new (Traced as any)({ host: "127.0.0.1", port: redis.port, lazyConnect: true });
    clients.push(client);
    await client.connect();
    let commands = 0;
    const { sendCommand } = client;
    client.sendCommand = (...args: unknown[]) => {
      commands++;
      return Reflect.apply(sendCommand, client, args);
    };
    await serves(client);
    expect(commands).toBeGreaterThan(20);
  });

  test("its error carries no arguments", async () => {
    const client = await opened();
    await client.rpush("sess:a", "x");
    const error = await guardClient(client)
      .get("sess:a")
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: expect.stringContaining("WRONGTYPE") });
    expect(error).not.toHaveProperty("command");
    expect(name).toBeTruthy();
  });
});
