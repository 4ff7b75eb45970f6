/** The Redis that the shop brings along: Valkey in a process of its own, so that workers can come and go. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { StartError } from "./settings.js";

export interface EmbeddedValkey {
  readonly url: string;
  /** Called when it ends without having been asked to. */
  onCrash(listener: () => void): void;
  stop(): Promise<void>;
}

export async function startEmbeddedValkey(): Promise<EmbeddedValkey> {
  const port = await freePort();
  // Valkey writes its log to stdout, and WASI a warning; neither says anything to a visitor of the shop.
  const child = fork(fileURLToPath(new URL("./valkey-process.js", import.meta.url)), [String(port)], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  await untilReady(child);
  let stopping = false;

  return {
    url: `redis://127.0.0.1:${port}`,
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

async function untilReady(child: ChildProcess): Promise<void> {
  const failed = new StartError(
    "The embedded Valkey did not start. Install Redis and name it in REDIS_URL, as REDIS_URL=redis://127.0.0.1:6379.",
  );
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
