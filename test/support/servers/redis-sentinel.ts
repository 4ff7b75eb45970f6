/** Starts a real primary with two replicas, watched by three sentinels, for a test file. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type RedisClientType } from "redis";
import { freePort } from "./free-port.js";
import { redisServerPath } from "../programs.js";
import { startRedis, type TestRedis } from "./redis-server.js";

export interface TestSentinel {
  readonly name: string;
  /** The sentinels. */
  readonly nodes: { host: string; port: number }[];
  /** The first is the primary at the start. */
  readonly servers: TestRedis[];
  stop(): Promise<void>;
}

const host = "127.0.0.1";
const name = "sessions";

export interface SentinelTiming {
  /** Milliseconds of silence after which a sentinel takes the primary for dead. */
  downAfter: number;
}

export async function startSentinel({ downAfter }: SentinelTiming = { downAfter: 1000 }): Promise<TestSentinel> {
  const servers: TestRedis[] = [];
  const sentinels: ChildProcess[] = [];
  const folder = mkdtempSync(join(tmpdir(), "holdfast-sentinel-"));
  const killAll = () => sentinels.forEach((sentinel) => void sentinel.kill("SIGKILL"));
  process.once("exit", killAll);
  const stop = async () => {
    process.off("exit", killAll);
    killAll();
    await Promise.all(sentinels.map(ended));
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const fast = ["--repl-diskless-sync-delay", "0"];
    const primary = await startRedis({ kind: "redis", args: fast });
    servers.push(primary);
    for (let n = 0; n < 2; n++) {
      servers.push(await startRedis({ kind: "redis", args: [...fast, "--replicaof", `${host} ${primary.port}`] }));
    }
    await until(async () => (await (await primary.client()).info("replication")).includes("connected_slaves:2"));
    const nodes = await Promise.all([1, 2, 3].map(async () => ({ host, port: await freePort() })));
    for (const { port } of nodes) sentinels.push(startOne(folder, port, primary.port, downAfter));
    await until(async () => (await Promise.all(nodes.map(({ port }) => hasten(port)))).every((isDone) => isDone));
    await until(async () => (await Promise.all(nodes.map(({ port }) => seesAll(port)))).every((seen) => seen));
    return { name, nodes, servers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode === null && process.signalCode === null) await once(process, "exit");
}

function startOne(folder: string, port: number, primary: number, downAfter: number): ChildProcess {
  const file = join(folder, `${port}.conf`);
  const lines = [
    `port ${port}`,
    `bind ${host}`,
    `dir ${folder}`,
    `sentinel monitor ${name} ${host} ${primary} 2`,
    `sentinel down-after-milliseconds ${name} ${downAfter}`,
    `sentinel failover-timeout ${name} 3000`,
  ];
  writeFileSync(file, lines.join("\n") + "\n");
  return spawn(redisServerPath!, [file, "--sentinel"], { stdio: "ignore" });
}

/** Milliseconds between a sentinel's questions: by default it asks once a second, or even once in ten. */
const periods = ["info-period", "ping-period", "ask-period", "publish-period"].flatMap((period) => [period, "200"]);

/** Whether it has been told; Redis before 7 has no such command, and takes its time. */
function hasten(port: number): Promise<boolean> {
  return asking(port, async (client) => {
    await client.sendCommand(["SENTINEL", "DEBUG", ...periods]).catch((error: Error) => {
      if (!/unknown|ERR/i.test(error.message)) throw error;
    });
    return true;
  });
}

/** Whether this sentinel knows both replicas and both other sentinels. */
function seesAll(port: number): Promise<boolean> {
  return asking(port, async (client) => {
    const state = (await client.sendCommand(["SENTINEL", "MASTER", name])) as unknown;
    const entries = Array.isArray(state) ? pairs(state) : Object.entries(state as object);
    const found = Object.fromEntries(entries) as Record<string, string>;
    return found["num-slaves"] === "2" && found["num-other-sentinels"] === "2" && found["flags"] === "master";
  });
}

/** What a sentinel answers; false while it does not. */
async function asking(port: number, question: (client: RedisClientType) => Promise<boolean>): Promise<boolean> {
  const client = createClient({ socket: { host, port, reconnectStrategy: false } }) as RedisClientType;
  client.on("error", () => {});
  try {
    await client.connect();
    return await question(client);
  } catch {
    return false;
  } finally {
    if (client.isOpen) client.destroy();
  }
}

function pairs(list: unknown[]): [string, unknown][] {
  return list.flatMap((value, i) => (i % 2 === 0 ? [[String(value), list[i + 1]] as [string, unknown]] : []));
}

async function until(check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 25_000;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error("replicas and sentinels did not find each other within 25 s");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
