/** The embedded servers: what each of them is, where it listens, and what can be done to it. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { ChildServer } from "./child-server.js";

export interface EmbeddedServer {
  readonly url: string;
  /** Resolves once it is ready. @throws StartError */
  start(): Promise<void>;
  /** Called when it exits unexpectedly. */
  onCrash(listener: () => void): void;
  /** May be called while it starts. */
  stop(): Promise<void>;
}

export interface EmbeddedValkey extends EmbeddedServer {
  /** Resolves when it has stopped answering; it goes on by itself after that many milliseconds. */
  freeze(milliseconds: number): Promise<void>;
  /** Resolves when a new one, with an empty memory, is ready. */
  restart(): Promise<void>;
}

/** The server that stores the sessions. */
export async function embeddedValkey(): Promise<EmbeddedValkey> {
  const port = await freePort();
  const server = new ChildServer({
    program: "./valkey-process.js",
    port,
    failure: "The embedded Valkey did not start. Install Redis and set REDIS_URL, such as REDIS_URL=redis://127.0.0.1:6379.",
  });
  /** On the clock of `performance`. */
  let frozenUntil = 0;

  return {
    ...common(server, `redis://127.0.0.1:${port}`),
    async freeze(milliseconds) {
      if (performance.now() < frozenUntil) return;
      frozenUntil = Infinity;
      const isFrozen = await server.ask({ freeze: milliseconds });
      frozenUntil = isFrozen ? performance.now() + milliseconds : 0;
    },
    async restart() {
      frozenUntil = 0;
      await server.restart();
    },
  };
}

/** The server from which they are migrated, with `--legacy`. */
export async function embeddedPostgres(): Promise<EmbeddedServer> {
  const port = await freePort();
  const server = new ChildServer({
    program: "./postgres-process.js",
    port,
    failure: "The embedded PostgreSQL did not start. Set DATABASE_URL, such as DATABASE_URL=postgres://user@127.0.0.1/shop.",
  });
  return common(server, `postgres://postgres@127.0.0.1:${port}/postgres`);
}

function common(server: ChildServer, url: string): EmbeddedServer {
  return {
    url,
    start: () => server.start(),
    onCrash: (listener) => server.onCrash(listener),
    stop: () => server.stop(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
