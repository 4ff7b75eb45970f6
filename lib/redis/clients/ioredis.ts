/** Clients of ioredis and iovalkey: one server, Sentinel, Cluster. */
import type { ScanStep, ScanStepOptions } from "../commands.js";
import type { ClientAdapter, Connection, Server } from "./adapter.js";
import {
  asNeeded,
  isIoredisCluster,
  withoutPrefix,
  type IoredisClient,
  type IoredisOptions,
} from "./ioredis-client.js";
import { IoredisCommands } from "./ioredis-commands.js";
import { keySlot } from "./key-slot.js";

/** A server of a cluster. The library replaces its own object for it with each connection. */
interface IoredisServer {
  /** `host:port` */
  readonly address: string;
}

export class Ioredis implements ClientAdapter {
  readonly kind: ClientAdapter["kind"];
  readonly commands: IoredisCommands;
  readonly howToOpen = "call `await client.connect()`";
  readonly serverOf: ((key: string) => Server) | undefined;
  readonly #client: IoredisClient;
  readonly #servers = new Map<string, IoredisServer>();

  constructor(client: IoredisClient) {
    this.#client = client;
    const { options } = client;
    this.commands = new IoredisCommands(
      asNeeded(client),
      Boolean(options.stringNumbers ?? options.redisOptions?.stringNumbers),
    );
    this.kind = isIoredisCluster(client) ? "cluster" : options.sentinels ? "sentinel" : "single";
    if (isIoredisCluster(client)) {
      this.serverOf = (key) => {
        const address = client.slots[keySlot(this.keyPrefix + key)]?.[0];
        return address === undefined ? undefined : this.#server(address);
      };
    }
  }

  /** It connects by itself with the first command, and again, until its owner closes it or its retries end. */
  get isOpen(): boolean {
    const { manuallyClosing, status } = this.#client;
    return status !== "end" && (!manuallyClosing || status === "connecting" || status === "connect");
  }

  get keyPrefix(): string {
    const { keyPrefix } = this.#client.options;
    return typeof keyPrefix === "string" || Buffer.isBuffer(keyPrefix) ? String(keyPrefix) : "";
  }

  /** Before a cluster is ready, the library takes the addresses that it was given for primaries. */
  get servers(): readonly Server[] | undefined {
    const client = this.#client;
    if (!isIoredisCluster(client)) return [undefined];
    return client.status === "ready" ? client.nodes("master").map((node) => this.#server(addressOf(node))) : undefined;
  }

  async findServers(): Promise<readonly Server[]> {
    await this.#client.ping(); // waits until the cluster is ready
    return this.servers ?? [];
  }

  async send(server: Server, args: string[]): Promise<unknown> {
    return withoutPrefix(this.#at(server)).call(...args);
  }

  async scan(server: Server, cursor: string, { COUNT, MATCH }: ScanStepOptions): Promise<ScanStep> {
    const reply = await this.#at(server).scan(cursor, "MATCH", MATCH, "COUNT", COUNT);
    const [next, keys]: unknown[] = Array.isArray(reply) ? reply : [];
    return { cursor: next, keys: Array.isArray(keys) ? keys : [] };
  }

  fieldsOf(key: string): Promise<unknown[]> {
    return this.commands.fields(key);
  }

  async wait(key: string, replicas: number, timeout: number): Promise<unknown> {
    const server = this.serverOf?.(key);
    if (this.serverOf && !server) throw new Error("It is not known which server holds this key.");
    return this.#at(server).wait(replicas, timeout);
  }

  readonly failure = withoutArguments;

  connection(server: Server): Connection {
    const client = this.#client;
    if (isIoredisCluster(client)) {
      const given = login(client.options.redisOptions ?? {});
      if (server === undefined) return given;
      const { address } = server as IoredisServer; // it was made here
      const at = address.lastIndexOf(":");
      return { ...given, host: address.slice(0, at), port: portIn(address.slice(at + 1)) };
    }
    const { options, stream } = client;
    if (options.sentinels) return { ...login(options), host: stream?.remoteAddress, port: stream?.remotePort };
    const { host, path, port } = options;
    if (typeof path === "string") return { ...login(options), path };
    return { ...login(options), host: typeof host === "string" ? host : undefined, port: portIn(port) };
  }

  #server(address: string): IoredisServer {
    let server = this.#servers.get(address);
    if (!server) this.#servers.set(address, (server = { address }));
    return server;
  }

  /** The connection to one server of a cluster, which the library also uses for what is sent by key. */
  #at(server: Server): IoredisClient {
    const client = this.#client;
    if (server === undefined || !isIoredisCluster(client)) return client;
    const { address } = server as IoredisServer; // it was made here
    const node = client.nodes("all").find((one) => addressOf(one) === address);
    if (!node) throw new Error(`There is no connection to ${address}.`);
    return node;
  }
}

function addressOf({ options: { host, port } }: IoredisClient): string {
  return `${host}:${port}`;
}

function login({ db, password, tls, username }: IoredisOptions): Omit<Connection, "host" | "port" | "path"> {
  return {
    tls: Boolean(tls),
    hasPassword: Boolean(password),
    user: typeof username === "string" ? username : undefined,
    database: Number(db ?? 0),
  };
}

function portIn(value: unknown): number | undefined {
  const port = Number(value);
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

/** The library puts the command with all its arguments on errors, from where they would reach logs. */
function withoutArguments(error: unknown): unknown {
  if (error instanceof Error) Reflect.deleteProperty(error, "command");
  return error;
}
