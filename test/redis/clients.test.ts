/** Which clients are taken, by their shapes; any other is refused in words that help. */
// cspell:ignore geheim setex -- a German secret, a command of Redis
import { EventEmitter } from "node:events";
import { Cluster as IoCluster, Redis as IoRedis } from "ioredis";
import * as ioredis5 from "ioredis5";
import * as iovalkey from "iovalkey";
import * as redis6 from "redis";
import * as redis4 from "redis4";
import * as redis5 from "redis5";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { redisSession, RedisSessionStore } from "holdfast";
import { Throttle } from "../../lib/auth/throttle/throttle.js";
import { RedisAccounts } from "holdfast/auth";
import { availableServers } from "../support/servers/redis-server.js";
import { useRedis } from "../support/servers/use-redis.js";
import { redisServerPath } from "../support/programs.js";
import { startCluster, type TestCluster } from "../support/servers/redis-cluster.js";
import { serves } from "./serves.js";

const nodes = [{ url: "redis://127.0.0.1:1" }];
const shape = (...names: string[]) => Object.fromEntries(names.map((name) => [name, () => undefined]));

const others: Record<string, [client: () => unknown, words: RegExp]> = {
  nothing: [() => undefined, /It is missing/],
  null: [() => null, /It is missing/],
  "an address": [() => "redis://user:geheim@127.0.0.1:6379", /an address.*`url`/],
  "a URL": [() => new URL("redis://user:geheim@127.0.0.1:6379"), /an address.*`url`/],
  "a number": [() => 6379, /a number/],
  "createClient itself": [() => redis6.createClient, /`createClient` itself: call it/],
  "a promise": [() => Promise.resolve(), /a promise: await it/],
  "a client of redis 4 in legacy mode": [() => redis4.createClient({ legacyMode: true }), /`redis` 4.*`legacyMode`/],
  "a transaction of redis 4": [() => redis4.createClient().multi(), /transaction/],
  "an early client of redis 4": [() => shape("get", "evalSha", "disconnect"), /`redis` 4.*npm i redis@latest/],
  "the callback form of redis 5": [() => redis5.createClient().legacy(), /callback form/],
  "the callback form of redis 6": [() => redis6.createClient().legacy(), /callback form/],
  "a client that a sentinel has lent": [
    () => ({ ...shape("get", "evalSha", "withTypeMapping", "release"), isOpen: true }),
    /lent by a sentinel.*pass the sentinel itself/,
  ],
  "a monitor of ioredis": [() => new IoRedis({ lazyConnect: true, monitor: true }), /a monitor/],
  "a replica of ioredis": [
    () => new IoRedis({ lazyConnect: true, role: "slave", name: "main", sentinels: [{ host: "127.0.0.1", port: 1 }] }),
    /connected to a replica.*`role: "slave"`/,
  ],
  "ioredis-mock": [
    () => Object.assign(new IoRedis({ lazyConnect: true }), { _initCommands: () => undefined }),
    /ioredis-mock.*testRedis\(\)/,
  ],
  "a connection of ours": [
    () => ({ ...shape("ready", "close"), client: {}, address: "" }),
    /`connectToRedis\(\)`: pass its `client`/,
  ],
  "the client of Bun": [() => ({ ...shape("get", "set", "send", "close"), connected: false }), /client of Bun/],
  "a transaction": [() => redis6.createClient().multi(), /transaction/],
  "a pipeline of ioredis": [() => new IoRedis({ lazyConnect: true }).pipeline(), /pipeline.*pass the client itself/],
  "a transaction of ioredis 5": [() => new ioredis5.Redis({ lazyConnect: true }).multi(), /pipeline or a transaction/],
  "a pipeline of iovalkey": [() => new iovalkey.Redis({ lazyConnect: true }).pipeline(), /pipeline/],
  "half an ioredis": [() => shape("get", "evalsha", "pipeline", "sendCommand", "hgetall"), /incomplete.*ioredis/],
  "a batch of valkey-glide": [() => shape("get", "customCommand", "hgetall"), /batch.*valkey-glide/],
  "redis-mock": [() => shape("get", "send_command", "hgetall", "setex"), /redis-mock/],
  "redis 3": [() => shape("get", "evalsha", "EVALSHA", "send_command", "sendCommand", "hgetall"), /`redis` 3/],
  "@upstash/redis": [() => shape("get", "evalsha", "pipeline", "createScript"), /upstash/],
  "a pool of another library": [() => shape("acquire", "release", "use"), /pool of another library/],
  "a store": [() => shape("get", "set", "touch", "destroy"), /session store/],
  "an event emitter": [() => new EventEmitter(), /something else/],
  "an object": [() => ({}), /something else/],
};

describe.each(Object.entries(others))("%s", (_name, [client, words]) => {
  const users: Record<string, (client: any) => unknown> = {
    store: (given) => new RedisSessionStore({ client: given }),
    accounts: (given) => new RedisAccounts({ client: given }),
    throttle: (given) => new Throttle({ client: given }),
    middleware: (given) => redisSession({ client: given, secret: "s".repeat(32) }),
  };
  test.each(Object.keys(users))("%s: refused, with the library's name or what to do", (user) => {
    const given = client();
    if (user === "middleware" && (given === undefined || given === null)) return; // it makes one of its own
    let error: any;
    try {
      users[user]!(given);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "HOLDFAST_CLIENT_INVALID", message: expect.stringMatching(words) });
    expect(error.message).not.toContain("geheim");
  });
});

test("each kind of each library is taken, before it is connected", () => {
  const lazy = { lazyConnect: true };
  const at = [{ host: "127.0.0.1", port: 1 }];
  const taken = [
    redis4.createClient(),
    redis4.createCluster({ rootNodes: nodes }),
    ...[redis5, redis6 as unknown as typeof redis5].flatMap((library) => [
      library.createClient(),
      library.createClientPool(),
      library.createCluster({ rootNodes: nodes }),
      library.createSentinel({ name: "main", sentinelRootNodes: at }),
    ]),
    ...[{ Redis: IoRedis, Cluster: IoCluster }, ioredis5, iovalkey].flatMap(({ Cluster, Redis }: any) => [
      new Redis(lazy),
      new Redis({ sentinels: at, name: "main", ...lazy }),
      new Cluster(at, lazy),
    ]),
  ];
  for (const client of taken) expect(() => new RedisSessionStore({ client })).not.toThrow();
  const pools = taken.filter((client) => "totalClients" in client);
  expect(pools).toHaveLength(2);
  for (const client of pools)
    expect(() => new RedisSessionStore({ client, durability: { replicas: 1 } })).toThrow(/createClientPool/);
});

describe.each([
  ["5", redis5],
  ["6", redis6],
] as [string, typeof redis6][])(
  "redis %s",
  (_version, { createClient, createClientPool, createCluster, createSentinel }) => {
    const redis = useRedis({ kind: availableServers[0]! });
    let cluster: TestCluster | undefined;
    beforeAll(async () => {
      if (redisServerPath) cluster = await startCluster();
    }, 60_000);
    afterAll(async () => {
      await cluster?.stop();
    });

    const connected = async (client: any, work: (client: any) => Promise<void>) => {
      client.on("error", () => {});
      await client.connect();
      await work(client).finally(() => client.destroy());
    };

    test("a client serves", () => connected(createClient({ url: redis.url }), serves));
    test("with RESP 3", () => connected(createClient({ url: redis.url, RESP: 3 }), serves));
    test("a pool serves", () => connected(createClientPool({ url: redis.url }), serves));
    test.skipIf(!redisServerPath)("a cluster serves", () =>
      connected(
        createCluster({ rootNodes: cluster!.nodes.map(({ host, port }) => ({ url: `redis://${host}:${port}` })) }),
        serves,
      ),
    );
    test("a sentinel is taken", () => {
      const client = createSentinel({ name: "main", sentinelRootNodes: [{ host: "127.0.0.1", port: 1 }] });
      expect(() => new RedisSessionStore({ client })).not.toThrow();
    });
  },
);
