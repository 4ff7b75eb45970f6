/** A subscription on every kind of client: messages arrive, and after an outage it says that some may have been lost. */
import * as redis6 from "redis";
import * as redis5 from "redis5";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Subscription } from "../../lib/redis/index.js";
import { redisServerPath } from "../support/programs.js";
import { startCluster, type TestCluster } from "../support/servers/redis-cluster.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { startSentinel, type TestSentinel } from "../support/servers/redis-sentinel.js";

interface Client {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  destroy(): unknown;
  on(event: "error", listener: () => void): unknown;
}

async function connected(client: unknown): Promise<Client> {
  const made = client as Client;
  made.on("error", () => {});
  await made.connect();
  onTestFinished(() => void made.destroy());
  return made;
}

/** What a subscription has heard. */
function heardBy(client: Client, channel = "a channel") {
  const heard = { starts: 0, messages: [] as string[], refusals: 0 };
  const subscription = new Subscription(client, channel, {
    onStart: () => void heard.starts++,
    onMessage: (message) => void heard.messages.push(message),
    onRefused: () => void heard.refusals++,
  });
  onTestFinished(() => subscription.close());
  return { heard, subscription };
}

async function expectToWork(
  client: Client,
  publish: (message: string) => Promise<unknown>,
  interrupt?: () => Promise<unknown>,
) {
  const { heard, subscription } = heardBy(client);
  subscription.open();
  subscription.open();
  await expect.poll(() => heard.starts, { timeout: 10_000 }).toBe(1);
  await publish("one");
  await expect.poll(() => heard.messages).toEqual(["one"]);
  if (interrupt) {
    await interrupt();
    await expect.poll(() => heard.starts, { timeout: 20_000 }).toBeGreaterThan(1);
    await publish("two");
    await expect.poll(() => heard.messages).toEqual(["one", "two"]);
  }
  subscription.close();
  await publish("three");
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(heard.messages).not.toContain("three");
  const before = heard.starts;
  subscription.open();
  await expect.poll(() => heard.starts, { timeout: 10_000 }).toBe(before + 1);
  expect(heard.refusals).toBe(0);
}

describe.each([
  ["redis 5", redis5 as unknown as typeof redis6],
  ["redis 6", redis6],
])("%s", (_name, library) => {
  let server: TestRedis;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  const publish = async (message: string) => (await server.client()).publish("a channel", message);
  const kill = async () => (await server.client()).sendCommand(["CLIENT", "KILL", "TYPE", "PUBSUB"]);

  it.each([
    ["a client", () => library.createClient({ url: server.url })],
    ["a client with RESP 3", () => library.createClient({ url: server.url, RESP: 3 })],
    ["a client with another database and a name", () => library.createClient({ url: `${server.url}/3`, name: "shop" })],
    ["a pool", () => library.createClientPool({ url: server.url })],
  ])("%s", async (_kind, make) => {
    await expectToWork(await connected(make()), publish, kill);
  });

  it.skipIf(!redisServerPath)("a cluster: what is published at any server is heard", async () => {
    const cluster: TestCluster = await startCluster();
    onTestFinished(() => cluster.stop());
    const rootNodes = cluster.nodes.map(({ port }) => ({ url: `redis://127.0.0.1:${port}` }));
    let turn = 0;
    const publishAnywhere = async (message: string) =>
      (await cluster.servers[turn++ % cluster.servers.length]!.client()).publish("a channel", message);
    const killAll = () =>
      Promise.all(
        cluster.servers.map(async (one) => (await one.client()).sendCommand(["CLIENT", "KILL", "TYPE", "PUBSUB"])),
      );
    await expectToWork(await connected(library.createCluster({ rootNodes })), publishAnywhere, killAll);
  });

  it.skipIf(!redisServerPath)("Sentinel, across a failover", { timeout: 90_000 }, async () => {
    const sentinel: TestSentinel = await startSentinel();
    onTestFinished(() => sentinel.stop());
    const sentinelRootNodes = sentinel.nodes;
    const client = await connected(
      library.createSentinel({ name: sentinel.name, sentinelRootNodes, scanInterval: 1000 }),
    );
    let alive = sentinel.servers;
    // Replicas get what is published at the primary.
    const publishAtAll = async (message: string) => {
      for (const one of alive) {
        const own = await one.client();
        if ((await own.info("replication")).includes("role:master")) await own.publish("a channel", message);
      }
    };
    await expectToWork(client, publishAtAll, async () => {
      sentinel.servers[0]!.process.kill("SIGKILL");
      alive = sentinel.servers.slice(1);
    });
  });
});

it("a server that comes later, and a client that is closed and opened again", async () => {
  const server = await startRedis();
  const client = await connected(redis6.createClient({ url: server.url }));
  await server.stop();
  const { heard, subscription } = heardBy(client);
  subscription.open();
  const again = await startRedis({ port: server.port });
  onTestFinished(() => again.stop());
  await expect.poll(() => heard.starts, { timeout: 15_000 }).toBe(1);
});
