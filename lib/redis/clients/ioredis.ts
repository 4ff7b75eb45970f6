/** Clients of ioredis and iovalkey: one server, Sentinel, Cluster. */
import type { ScanStep, ScanStepOptions } from "../commands.js";
import type { ClientAdapter, Connection, Server, Subscriber, SubscriberOptions } from "./adapter.js";
import { ClusterServer, ClusterServers } from "./cluster-servers.js";
import {
  asNeeded,
  isIoredisCluster,
  withoutPrefix,
  type IoredisClient,
  type IoredisOptions,
} from "./ioredis-client.js";
import { fieldList } from "./field-list.js";
import { sendingOnce } from "./ioredis-once.js";
import { openSubscriber } from "./ioredis-subscriber.js";
import { keySlot } from "./key-slot.js";
import { isRead } from "./reads.js";
import { scanStepIn, SentCommands } from "./sent-commands.js";

export class Ioredis implements ClientAdapter {
  readonly kind: ClientAdapter["kind"];
  readonly commands: SentCommands;
  readonly howToOpen = "call `await client.connect()`";
  readonly serverOf: ((key: string) => Server) | undefined;
  readonly announces = true;
  readonly #client: IoredisClient;
  /** The library replaces its own object for a server with each connection. */
  readonly #known = new ClusterServers();

  constructor(client: IoredisClient) {
    this.#client = client;
    const { options } = client;
    const [reading, changing] = [asNeeded(client), sendingOnce(client)];
    const sendWith = (options.stringNumbers ?? options.redisOptions?.stringNumbers) ? sendForNumbers : send;
    this.commands = new SentCommands((_key, args) => sendWith(isRead(args) ? reading : changing, args));
    this.kind = isIoredisCluster(client) ? "cluster" : options.sentinels ? "sentinel" : "single";
    if (isIoredisCluster(client)) {
      this.serverOf = (key) => {
        const address = client.slots[keySlot(this.keyPrefix + key)]?.[0];
        return address === undefined ? undefined : this.#known.at(address);
      };
    }
  }

  /**
   * It connects by itself with the first command, and again, until its owner closes it or its retries end. Without an
   * offline queue, that first command would fail.
   */
  get isOpen(): boolean {
    const { manuallyClosing, options, status } = this.#client;
    if (status === "end" || (status === "wait" && options.enableOfflineQueue === false)) return false;
    return !manuallyClosing || status === "connecting" || status === "connect";
  }

  get keyPrefix(): string {
    const { keyPrefix } = this.#client.options;
    return typeof keyPrefix === "string" || Buffer.isBuffer(keyPrefix) ? String(keyPrefix) : "";
  }

  /** Before a cluster is ready, the library takes the addresses that it was given for primaries. */
  get servers(): readonly Server[] | undefined {
    const client = this.#client;
    if (!isIoredisCluster(client)) return [undefined];
    return client.status === "ready"
      ? client.nodes("master").map((node) => this.#known.at(addressOf(node)))
      : undefined;
  }

  async findServers(): Promise<readonly Server[]> {
    await this.commands.ping(); // waits until the cluster is ready
    return this.servers ?? [];
  }

  async send(server: Server, args: string[]): Promise<unknown> {
    return send(withoutPrefix(this.#at(server)), args);
  }

  async scan(server: Server, cursor: string, { COUNT, MATCH }: ScanStepOptions): Promise<ScanStep> {
    return scanStepIn(await send(this.#at(server), ["SCAN", cursor, "MATCH", MATCH, "COUNT", String(COUNT)]));
  }

  fieldsOf(key: string): Promise<unknown[]> {
    return this.commands.fields(key);
  }

  async wait(key: string, replicas: number, timeout: number): Promise<unknown> {
    const server = this.serverOf?.(key);
    if (this.serverOf && !server) throw new Error("It is not known which server holds this key.");
    return send(this.#at(server), ["WAIT", String(replicas), String(timeout)]);
  }

  /** In a cluster, each server gets what is published at any other. */
  async subscriber(server: Server, options: SubscriberOptions): Promise<Subscriber> {
    const at = server ?? this.#anyServer();
    if (this.serverOf && !at) throw new Error("The cluster has no known server.");
    return openSubscriber(this.#at(at), options);
  }

  connection(server: Server): Connection {
    const client = this.#client;
    if (isIoredisCluster(client)) {
      const at = server instanceof ClusterServer ? server : undefined;
      return { ...login(client.options.redisOptions ?? {}), host: at?.host, port: at?.port };
    }
    const { options, stream } = client;
    if (options.sentinels) return { ...login(options), host: stream?.remoteAddress, port: stream?.remotePort };
    const { host, path, port } = options;
    if (typeof path === "string") return { ...login(options), path };
    return { ...login(options), host: typeof host === "string" ? host : undefined, port: Number(port ?? 6379) };
  }

  #anyServer(): Server {
    const { servers = [] } = this;
    return servers[Math.floor(Math.random() * servers.length)];
  }

  /** The connection to one server of a cluster, which the library also uses for what is sent by key. */
  #at(server: Server): IoredisClient {
    const client = this.#client;
    if (server === undefined || !isIoredisCluster(client)) return client;
    const node = client.nodes("all").find((one) => this.#known.at(addressOf(one)) === server);
    if (!node) throw new Error("There is no connection to this server of the cluster.");
    return node;
  }
}

function send(client: IoredisClient, [name = "", ...args]: string[]): Promise<unknown> {
  return client.call(name.toLowerCase(), args);
}

/** For a client with `stringNumbers`: texts as buffers, so that the other texts are numbers. */
async function sendForNumbers(client: IoredisClient, [name = "", ...args]: string[]): Promise<unknown> {
  return withNumbers(await client.callBuffer(name.toLowerCase(), args));
}

function withNumbers(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(withNumbers);
  if (Buffer.isBuffer(reply)) return reply.toString();
  if (typeof reply === "string") return Number(reply);
  // What a transformer of HGETALL has made.
  return typeof reply === "object" && reply !== null ? fieldList(reply).map(String) : reply;
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
