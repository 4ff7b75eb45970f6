/** The embedded servers, each in its own process, so that workers can come and go. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { StartError } from "../settings.js";

export interface EmbeddedServer {
  readonly url: string;
  /** Called when it exits unexpectedly. */
  onCrash(listener: () => void): void;
  stop(): Promise<void>;
}

/** The server that stores the sessions. */
export function startEmbeddedValkey(): Promise<EmbeddedServer> {
  return start(
    "./valkey-process.js",
    (port) => `redis://127.0.0.1:${port}`,
    "The embedded Valkey did not start. Install Redis and set REDIS_URL, such as REDIS_URL=redis://127.0.0.1:6379.",
  );
}

/** The server from which they are migrated, with `--legacy`. */
export function startEmbeddedPostgres(): Promise<EmbeddedServer> {
  return start(
    "./postgres-process.js",
    (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
    "The embedded PostgreSQL did not start. Set DATABASE_URL, such as DATABASE_URL=postgres://user@127.0.0.1/shop.",
  );
}

async function start(program: string, urlAt: (port: number) => string, failure: string): Promise<EmbeddedServer> {
  const port = await freePort();
  // Valkey writes its log to stdout, and WASI a warning; neither is of interest here.
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), [String(port)], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  await untilReady(child, new StartError(failure));
  let stopping = false;

  return {
    url: urlAt(port),
    onCrash(listener) {
      child.once("exit", () => stopping || listener());
    },
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await once(child, "exit");
    },
  };
}

async function untilReady(child: ChildProcess, failed: StartError): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", () => reject(failed));
    child.once("error", () => reject(failed));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
