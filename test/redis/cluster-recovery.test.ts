/** A cluster of `redis` serves again soon, without a restart: what its client leaves undone after a loss is done for it. */
// cspell:ignore SKIPME
import * as redis6 from "redis";
import * as redis5 from "redis5";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { connectToRedis, RedisSessionStore } from "holdfast";
import { redisServerPath } from "../support/programs.js";
import { startCluster, type TestCluster } from "../support/servers/redis-cluster.js";
import { expectNothingUnhandled } from "../support/unhandled.js";

const ids = Array.from({ length: 12 }, (_, n) => `s${n}`); // on all servers
const session = (): any => ({ cookie: { originalMaxAge: null } });

/** Whether sessions of all servers can be read, within two seconds. */
const serves = (client: any) => {
  const store = new RedisSessionStore({ client, commandTimeout: 2000 });
  return Promise.all(ids.map((id) => store.get(id))).then(
    () => true,
    () => false,
  );
};

async function opened(client: any): Promise<any> {
  client.on("error", () => {});
  await client.connect();
  return client;
}

function ended(client: any): void {
  for (const { client: connection } of client.masters) if (connection?.isOpen) connection.destroy();
  if (client.isOpen) client.close().catch(() => {});
}

describe.skipIf(!redisServerPath)("a cluster that stays as it is", () => {
  expectNothingUnhandled();
  let cluster: TestCluster;
  const cut = async () => {
    const admins = await Promise.all(cluster.servers.map((server) => server.client()));
    await Promise.all(admins.map((admin) => admin.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])));
  };
  beforeAll(async () => {
    cluster = await startCluster();
  }, 60_000);
  afterAll(() => cluster?.stop());

  test("our connection serves after each of twenty cuts", { timeout: 60_000 }, async () => {
    const redis = connectToRedis({ cluster: { nodes: cluster.nodes } });
    onTestFinished(() => redis.close());
    await redis.ready();
    for (let round = 0; round < 20; round++) {
      await cut();
      await expect.poll(() => serves(redis.client), { timeout: 5000, interval: 20 }).toBe(true);
    }
  });

  // `redis` writes `reconnectStrategy: false` into the object, so that one of the servers is not connected to again.
  test.each([
    ["redis 5", redis5],
    ["redis 6", redis6],
  ] as [string, Pick<typeof redis6, "createCluster">][])(
    "%s with the same objects in `rootNodes` and `nodeAddressMap` serves after a cut, twelve times",
    { timeout: 60_000 },
    async (_name, { createCluster }) => {
      for (let round = 0; round < 12; round++) {
        const sockets = new Map(cluster.nodes.map(({ host, port }) => [`${host}:${port}`, { host, port }]));
        const client = await opened(
          createCluster({
            rootNodes: [...sockets.values()].map((socket) => ({ socket })),
            nodeAddressMap: (address: string) => sockets.get(address),
          }),
        );
        await expect.poll(() => serves(client), { timeout: 5000, interval: 20 }).toBe(true);
        await cut();
        await expect.poll(() => serves(client), { timeout: 5000, interval: 20 }).toBe(true);
        ended(client);
      }
    },
  );

  test("an app's connection that gave up on a frozen server is opened again", { timeout: 60_000 }, async () => {
    const defaults = { socket: { socketTimeout: 500 }, pingInterval: 100 };
    const rootNodes = cluster.nodes.map(({ host, port }) => ({ socket: { host, port } }));
    const client = await opened(redis6.createCluster({ rootNodes, defaults }));
    onTestFinished(() => ended(client));
    const connections = client.masters.map((master: any) => master.client);
    const server = await cluster.ownerOf(100);
    server.server.process.kill("SIGSTOP");
    // Shorter than `cluster-node-timeout`, so that no replica takes over.
    await expect.poll(() => connections.some((one: any) => !one.isOpen), { timeout: 900, interval: 5 }).toBe(true);
    server.server.process.kill("SIGCONT");
    await expect.poll(() => serves(client), { timeout: 5000, interval: 20 }).toBe(true);
  });
});

describe.skipIf(!redisServerPath)("a primary is lost", () => {
  expectNothingUnhandled();

  async function clusterWithSessions() {
    const cluster = await startCluster();
    onTestFinished(() => cluster.stop());
    const first = connectToRedis({ cluster: { nodes: cluster.nodes } });
    onTestFinished(() => first.close());
    await first.ready();
    const store = new RedisSessionStore({ client: first.client });
    await Promise.all(ids.map((id) => store.set(id, session())));
    const { server } = await cluster.ownerOf(100);
    return { cluster, client: first.client, lose: (signal: NodeJS.Signals) => void server.process.kill(signal) };
  }

  test("one that is frozen: its replica is found as soon as it has taken over", { timeout: 60_000 }, async () => {
    const { client, lose } = await clusterWithSessions();
    lose("SIGSTOP");
    const begun = performance.now();
    await expect.poll(() => serves(client), { timeout: 3000, interval: 20 }).toBe(false);
    await expect.poll(() => serves(client), { timeout: 20_000, interval: 20 }).toBe(true);
    // The client library's own way takes fifteen seconds: the connection has to time out twice.
    expect(performance.now() - begun).toBeLessThan(9000);
  });

  test(
    "one is dead as an app starts: the others serve, and its replica once it has taken over",
    { timeout: 60_000 },
    async () => {
      const { cluster, lose } = await clusterWithSessions();
      lose("SIGKILL");
      const redis = connectToRedis({ cluster: { nodes: cluster.nodes } });
      onTestFinished(() => redis.close());
      await redis.ready();
      await expect.poll(() => serves(redis.client), { timeout: 20_000, interval: 20 }).toBe(true);
    },
  );

  test("the same with an app's client that is still connecting", { timeout: 60_000 }, async () => {
    const { cluster, lose } = await clusterWithSessions();
    lose("SIGKILL");
    const rootNodes = cluster.nodes.map(({ host, port }) => ({ socket: { host, port } }));
    const client = redis6.createCluster({ rootNodes });
    client.on("error", () => {});
    client.connect().catch(() => {});
    onTestFinished(() => ended(client));
    await expect.poll(() => serves(client), { timeout: 20_000, interval: 20 }).toBe(true);
  });
});
