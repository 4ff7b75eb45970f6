/** Starts a real Redis Cluster for a test file: three primaries, each with a replica. */
import type { RedisClientType } from "redis";
import { freePort } from "./free-port.js";
import { startRedis, type TestRedis } from "./redis-server.js";

export interface TestCluster {
  readonly nodes: { host: string; port: number }[];
  readonly servers: TestRedis[];
  /** The server that owns a slot now, and a client of it. */
  ownerOf(slot: number): Promise<{ server: TestRedis; client: RedisClientType; id: string }>;
  /** Moves slots from their owner to another primary, key by key, as `redis-cli --cluster reshard` does. */
  moveSlots(from: number, to: number): Promise<void>;
  stop(): Promise<void>;
}

const host = "127.0.0.1";
const slots = 16384;

export async function startCluster(): Promise<TestCluster> {
  const servers: TestRedis[] = [];
  const stop = async () => void (await Promise.all(servers.map((server) => server.stop())));
  try {
    for (let n = 0; n < 6; n++) servers.push(await startNode());
    const clients = await Promise.all(servers.map((server) => server.client()));
    await form(servers, clients);
    return { nodes: servers.map(({ port }) => ({ host, port })), servers, ownerOf, moveSlots, stop };
  } catch (error) {
    await stop();
    throw error;
  }

  async function ownerOf(slot: number) {
    for (const server of servers) {
      if (server.process.exitCode !== null || server.process.signalCode !== null) continue;
      const client = await server.client();
      const [, , flags, ...rest] = await myself(client);
      const isOwner = flags!.includes("master") && rest.slice(5).some((range) => isIn(range, slot));
      if (isOwner) return { server, client, id: String(await client.sendCommand(["CLUSTER", "MYID"])) };
    }
    throw new Error(`no server owns slot ${slot}`);
  }

  async function moveSlots(from: number, to: number): Promise<void> {
    const source = await ownerOf(from);
    const target = await ownerOf(to > slots / 2 ? 0 : slots - 1);
    for (let slot = from; slot <= to; slot++) {
      const setSlot = (node: typeof source, ...args: string[]) =>
        node.client.sendCommand(["CLUSTER", "SETSLOT", String(slot), ...args]);
      await setSlot(target, "IMPORTING", source.id);
      await setSlot(source, "MIGRATING", target.id);
      for (;;) {
        const keys = (await source.client.sendCommand(["CLUSTER", "GETKEYSINSLOT", String(slot), "100"])) as string[];
        if (keys.length === 0) break;
        const address = [host, String(target.server.port), "", "0", "5000"];
        await source.client.sendCommand(["MIGRATE", ...address, "KEYS", ...keys]);
      }
      await setSlot(target, "NODE", target.id);
      await setSlot(source, "NODE", target.id);
    }
  }
}

/** The bus listens on the port plus 10000, so the port must be below 55536. */
async function startNode(): Promise<TestRedis> {
  // Without full coverage, so that the other servers' sessions go on while one server is being replaced.
  const settings = [
    "--cluster-enabled",
    "yes",
    "--cluster-node-timeout",
    "1000",
    "--cluster-require-full-coverage",
    "no",
    "--cluster-replica-validity-factor",
    "0",
  ];
  const args = [...settings, "--repl-diskless-sync-delay", "0"];
  for (let attempt = 1; ; attempt++) {
    let port = await freePort();
    while (port > 55_000) port = await freePort(); // the bus of the cluster is 10,000 above
    try {
      return await startRedis({ kind: "redis", port, args });
    } catch (error) {
      if (attempt === 3) throw error; // else one of the two ports was taken
    }
  }
}

async function form(servers: TestRedis[], clients: RedisClientType[]): Promise<void> {
  const meet = (client: RedisClientType, port: number) => client.sendCommand(["CLUSTER", "MEET", host, String(port)]);
  for (const [n, client] of clients.entries()) {
    await client.sendCommand(["CLUSTER", "SET-CONFIG-EPOCH", String(n + 1)]);
    if (n < 3) {
      const first = Math.floor((n * slots) / 3);
      const last = Math.floor(((n + 1) * slots) / 3) - 1;
      await client.sendCommand(["CLUSTER", "ADDSLOTSRANGE", String(first), String(last)]);
    }
    if (n > 0) await meet(clients[0]!, servers[n]!.port);
  }
  await until(async () => (await Promise.all(clients.map(known))).every((count) => count === 6));
  for (const [n, client] of clients.entries()) {
    if (n < 3) continue;
    const primary = String(await clients[n - 3]!.sendCommand(["CLUSTER", "MYID"]));
    await client.sendCommand(["CLUSTER", "REPLICATE", primary]);
  }
  await until(async () =>
    (await Promise.all(clients.map((client, n) => isReady(client, n < 3)))).every((ready) => ready),
  );
}

async function known(client: RedisClientType): Promise<number> {
  return String(await client.sendCommand(["CLUSTER", "NODES"]))
    .trim()
    .split("\n")
    .filter((line) => !line.includes("handshake")).length;
}

async function isReady(client: RedisClientType, isPrimary: boolean): Promise<boolean> {
  const info = String(await client.sendCommand(["CLUSTER", "INFO"]));
  const replication = await client.info("replication");
  const isLinked = isPrimary ? replication.includes("connected_slaves:1") : replication.includes("link_status:up");
  return info.includes("cluster_state:ok") && isLinked;
}

async function myself(client: RedisClientType): Promise<string[]> {
  const lines = String(await client.sendCommand(["CLUSTER", "NODES"])).split("\n");
  return lines.find((line) => line.includes("myself"))!.split(" ");
}

function isIn(range: string, slot: number): boolean {
  const [first, last = first] = range.split("-").map(Number);
  return slot >= first! && slot <= last!;
}

async function until(check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error("the cluster did not form within 20 s");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
