/** Starts a real Redis for a test file: the machine's redis-server, or the embedded Valkey where there is none. */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient, type RedisClientType } from "redis";
import { freePort } from "./free-port.js";
import { redisServerPath } from "../programs.js";

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** The server's process, for drills that stop or kill it. */
  readonly process: ChildProcess;
  /** A connected client that is closed by `stop()`. */
  client(): Promise<RedisClientType>;
  stop(): Promise<void>;
}

export type ServerKind = "redis" | "valkey";

/** The kinds of server that this machine can start; the first is what `startRedis()` starts. scripts/matrix.mjs chooses one. */
export const availableServers: ServerKind[] = process.env.HOLDFAST_TEST_SERVER
  ? [process.env.HOLDFAST_TEST_SERVER as ServerKind]
  : redisServerPath
    ? ["redis", "valkey"]
    : ["valkey"];

export interface TestRedisOptions {
  kind?: ServerKind;
  /** More arguments for `redis-server`, as `["--appendonly", "yes"]`. */
  args?: string[];
  /** A configuration file of `redis-server`, which CONFIG REWRITE writes. */
  file?: string;
  port?: number;
}

/** Another program may take a port between the moment that it was found free and the start: then on another one. */
export async function startRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (options.port !== undefined || attempt === 3) throw error;
    }
  }
}

async function startOnce(options: TestRedisOptions): Promise<TestRedis> {
  const kind = options.kind ?? availableServers[0]!;
  const port = options.port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), "holdfast-redis-"));
  const server = kind === "redis" ? startRedisServer(port, folder, options) : startValkey(port);
  const killServer = () => void server.kill("SIGKILL");
  process.once("exit", killServer);
  const url = `redis://127.0.0.1:${port}`;
  const clients: RedisClientType[] = [];
  await untilAnswering(url, server);

  return {
    url,
    port,
    process: server,
    async client() {
      const client = createClient({ url }) as RedisClientType;
      client.on("error", () => {});
      await client.connect();
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) if (client.isOpen) client.destroy();
      process.off("exit", killServer);
      if (server.exitCode === null && server.signalCode === null) {
        server.kill("SIGKILL");
        await once(server, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function startRedisServer(port: number, folder: string, { args = [], file }: TestRedisOptions): ChildProcess {
  if (!redisServerPath) throw new Error("redis-server is not on this machine");
  const always = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--daemonize", "no"];
  return spawn(redisServerPath, [...(file ? [file] : []), ...always, ...args], { stdio: "ignore" });
}

function startValkey(port: number): ChildProcess {
  const script = fileURLToPath(new URL("./valkey-process.mjs", import.meta.url));
  return fork(script, [String(port)], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
}

/** Resolves once a PING (or a demand for a password) is answered. */
async function untilAnswering(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 15_000;
  let reason: unknown;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`the Redis server ended with code ${server.exitCode}`);
    const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 1000 } });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.ping();
      client.destroy();
      return;
    } catch (error) {
      if (/NOAUTH|WRONGPASS/.test(String(error))) return;
      reason = error;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }
  throw new Error("the Redis server did not answer within 15 s", { cause: reason });
}
