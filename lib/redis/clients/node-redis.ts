/** Clients, pools, clusters and sentinels of `redis` 5 and later, whose commands are those of this package. */
import type { RedisClientType } from "redis";
import { propertyOf } from "../../errors/index.js";
import type { RedisCommands, ScanStep, ScanStepOptions } from "../commands.js";
import type { ClientAdapter, Connection, Server, ServingConnection, Subscriber, SubscriberOptions } from "./adapter.js";
import { keySlot } from "./key-slot.js";
import { isCluster, isSentinel, kindOf, type NodeRedisClient, type NodeRedisSentinel } from "./node-redis-client.js";
import { asLists, sendByKey } from "./node-redis-send.js";
import { NodeRedisServing } from "./node-redis-serving.js";
import { ClusterRecovery } from "./node-redis-recovery.js";
import { keyPrefixOf, readsFromReplicas, withUsualReplies } from "./node-redis-settings.js";
import { openSubscriber } from "./node-redis-subscriber.js";
import { scanStepIn, SentCommands } from "./sent-commands.js";

export class NodeRedis implements ClientAdapter {
  readonly kind: ClientAdapter["kind"];
  readonly commands: RedisCommands;
  readonly howToOpen = "call `await client.connect()`";
  readonly serverOf: ((key: string) => Server) | undefined;
  readonly cannotWait: string | undefined;
  readonly watchMoves: ((onMoved: () => void) => () => void) | undefined;
  readonly announces: boolean;
  readonly serving: ServingConnection | undefined;
  readonly recover: ((key: string) => void) | undefined;
  readonly #client: NodeRedisClient;
  /** The client as it is, with the usual types of replies; `undefined` if its own methods cannot be used. */
  readonly #usual: NodeRedisClient | undefined;
  /** The client, with lists as replies. */
  #withLists: WithLists | undefined;

  /** @param areWords whether each command has to be sent as words */
  constructor(client: NodeRedisClient, areWords = isSentinel(client) || readsFromReplicas(client)) {
    this.#client = client;
    this.kind = kindOf(client);
    this.#usual = areWords ? undefined : withUsualReplies(client);
    this.commands = this.#usual ?? new SentCommands((key, args) => sendByKey(client, key, args), keyPrefixOf(client));
    if (isCluster(client)) {
      this.serverOf = (key) => client.slots[keySlot(keyPrefixOf(client) + key)]?.master;
      const recovery = new ClusterRecovery(client);
      this.recover = (key) => recovery.attempt(keyPrefixOf(client) + key);
    }
    if (isSentinel(client)) this.watchMoves = (onMoved) => watchMoves(client, onMoved);
    if (this.kind === "pool") this.cannotWait = poolCannotWait;
    const isSingle = isTracked(client);
    this.announces = "withTypeMapping" in client && !hasOwnCache(client) && (isSingle || this.kind !== "single");
    if (isSingle) this.serving = new NodeRedisServing(client);
  }

  get isOpen(): boolean {
    return this.#client.isOpen;
  }

  get keyPrefix(): string {
    return keyPrefixOf(this.#client);
  }

  get servers(): readonly Server[] {
    const client = this.#client;
    return isCluster(client) ? client.masters : [undefined];
  }

  async send(server: Server, args: string[]): Promise<unknown> {
    return sendByKey(await this.#nodeAt(server), undefined, args);
  }

  async scan(server: Server, cursor: string, options: ScanStepOptions): Promise<ScanStep> {
    if (this.#usual && server === undefined) return this.#usual.scan(cursor, options);
    const { COUNT, MATCH } = options;
    return scanStepIn(await this.send(server, ["SCAN", cursor, "MATCH", MATCH, "COUNT", String(COUNT)]));
  }

  fieldsOf(key: string): Promise<unknown[]> {
    if (this.commands instanceof SentCommands) return this.commands.fields(key);
    return (this.#withLists ??= this.#client.withTypeMapping<WithLists>(asLists)).hGetAll(key);
  }

  async wait(key: string, replicas: number, timeout: number): Promise<unknown> {
    const server = this.serverOf?.(key);
    if (this.serverOf && !server) throw new Error("It is not known which server holds this key.");
    return this.send(server, ["WAIT", String(replicas), String(timeout)]);
  }

  subscriber(server: Server, options: SubscriberOptions): Promise<Subscriber> {
    return openSubscriber(this.#client, server, options);
  }

  connection(server: Server): Connection {
    const client = this.#client;
    const getPrimary = propertyOf(client, "getMasterNode"); // of a sentinel
    const primary: unknown = typeof getPrimary === "function" ? Reflect.apply(getPrimary, client, []) : undefined;
    // The client library connects to a server of a cluster when it is first used.
    const options = propertyOf(server === undefined ? client : propertyOf(server, "client"), "options");
    const socket = propertyOf(options, "socket");
    const at = server ?? primary ?? propertyOf(propertyOf(client, "options"), "socket");
    const [host, port, path] = ["host", "port", "path"].map((name) => propertyOf(at, name));
    const isVisible = socket !== undefined;
    const user = propertyOf(options, "username");
    return {
      host: typeof host === "string" ? host : at !== undefined && isVisible ? "localhost" : undefined,
      port: typeof port === "number" ? port : undefined,
      path: typeof path === "string" ? path : undefined,
      tls: isVisible ? Boolean(propertyOf(socket, "tls")) : undefined,
      hasPassword: isVisible
        ? Boolean(propertyOf(options, "password") ?? propertyOf(options, "credentialsProvider"))
        : undefined,
      user: typeof user === "string" ? user : undefined,
      database: Number(propertyOf(options, "database") ?? 0),
    };
  }

  /** The client of one server; it has the settings of the app's cluster. */
  async #nodeAt(server: Server): Promise<object> {
    const client = this.#client;
    return server !== undefined && isCluster(client) ? client.nodeClient(server) : client;
  }
}

/** The client's own `clientSideCache` tracks keys on its connections, and keeps them without telling. */
function hasOwnCache(client: object & { clientSideCache?: unknown; options?: { clientSideCache?: unknown } }): boolean {
  return Boolean(client.options?.clientSideCache ?? client.clientSideCache);
}

/** A client with one connection, of which keys can be tracked. */
function isTracked(client: object): client is RedisClientType {
  return (
    kindOf(client) === "single" &&
    ["withTypeMapping", "duplicate", "options", "isReady"].every((name) => name in client)
  );
}

/** Tells when the primary is another server. */
function watchMoves(client: NodeRedisSentinel, onMoved: () => void): () => void {
  const changed = ({ type }: { type?: unknown }) => {
    if (type === "MASTER_CHANGE") onMoved();
  };
  client.on("topology-change", changed);
  return () => void client.off("topology-change", changed);
}

/** WAIT covers only the writes of its own connection. */
const poolCannotWait =
  "a client from `createClientPool`: a pool writes on one connection, and would send WAIT on another. Use a client from " +
  "`createClient`";

interface WithLists {
  hGetAll(key: string): Promise<unknown[]>;
}
