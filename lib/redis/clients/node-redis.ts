/** Clients, pools, clusters and sentinels of `redis` 5 and later, whose commands are those of this package. */
import type { RedisClientType } from "redis";
import { propertyOf } from "../../errors/index.js";
import type { RedisCommands, ScanStep, ScanStepOptions } from "../commands.js";
import type {
  Announcer,
  Broadcaster,
  ClientAdapter,
  Connection,
  Receiver,
  ReceiverOptions,
  Server,
} from "./adapter.js";
import { keySlot } from "./key-slot.js";
import { NodeRedisAnnouncer, NodeRedisBroadcaster } from "./node-redis-announcer.js";
import { isCluster, kindOf, type NodeRedisClient } from "./node-redis-client.js";
import { openReceiver } from "./node-redis-receiver.js";
import { keyPrefixOf, withUsualReplies } from "./node-redis-settings.js";

export class NodeRedis implements ClientAdapter {
  readonly kind: ClientAdapter["kind"];
  readonly commands: RedisCommands;
  readonly howToOpen = "call `await client.connect()`";
  readonly serverOf: ((key: string) => Server) | undefined;
  readonly cannotWait: string | undefined;
  readonly announcer: Announcer | undefined;
  readonly broadcaster: Broadcaster | undefined;
  protected readonly client: NodeRedisClient;
  readonly #usual: NodeRedisClient;
  /** The client, with lists as replies. */
  #withLists: WithLists | undefined;

  constructor(client: NodeRedisClient) {
    this.client = client;
    this.kind = kindOf(client);
    this.#usual = withUsualReplies(client);
    this.commands = this.#usual;
    if (isCluster(client)) this.serverOf = (key) => client.slots[keySlot(keyPrefixOf(client) + key)]?.master;
    if (this.kind === "pool") this.cannotWait = poolCannotWait;
    if (hasOwnCache(client)) return;
    if (isSingle(client)) this.announcer = new NodeRedisAnnouncer(client);
    else if (this.kind !== "single") this.broadcaster = new NodeRedisBroadcaster(client);
  }

  get isOpen(): boolean {
    return this.client.isOpen;
  }

  get keyPrefix(): string {
    return keyPrefixOf(this.client);
  }

  get servers(): readonly Server[] {
    const { client } = this;
    return isCluster(client) ? client.masters : [undefined];
  }

  async send(server: Server, args: string[]): Promise<unknown> {
    const node = await this.nodeAt(server);
    const options = { typeMapping: {} };
    const send: unknown = propertyOf(node, "sendCommand");
    if (typeof send !== "function") throw new TypeError("this client has no sendCommand()");
    return Reflect.apply(send, node, "getSentinelNode" in node ? [false, args, options] : [args, options]);
  }

  async scan(server: Server, cursor: string, options: ScanStepOptions): Promise<ScanStep> {
    return (await this.#usualAt(server)).scan(cursor, options);
  }

  fieldsOf(key: string): Promise<unknown[]> {
    const lists = (this.#withLists ??= this.#usual.withTypeMapping<WithLists>({ [mapReply]: Array }));
    return lists.hGetAll(key);
  }

  async wait(key: string, replicas: number, timeout: number): Promise<unknown> {
    const server = this.serverOf?.(key);
    if (this.serverOf && !server) throw new Error("It is not known which server holds this key.");
    return (await this.#usualAt(server)).wait(replicas, timeout);
  }

  receive(options: ReceiverOptions): Promise<Receiver> {
    return openReceiver(this.client, options);
  }

  connection(server: Server): Connection {
    const { client } = this;
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
  protected async nodeAt(server: Server): Promise<NodeRedisClient> {
    const { client } = this;
    return server !== undefined && isCluster(client) ? client.nodeClient(server) : client;
  }

  /** Not asked for anew: in version 5, the last mapping that a sentinel was asked for counts for all of it. */
  async #usualAt(server: Server): Promise<NodeRedisClient> {
    return server === undefined ? this.#usual : withUsualReplies(await this.nodeAt(server));
  }
}

/** The client's own `clientSideCache` tracks keys on its connections, and keeps them without telling. */
function hasOwnCache(client: object & { clientSideCache?: unknown; options?: { clientSideCache?: unknown } }): boolean {
  return Boolean(client.options?.clientSideCache ?? client.clientSideCache);
}

/** A client with one connection, of which keys can be tracked. */
function isSingle(client: object): client is RedisClientType {
  const has = (name: string) => name in client;
  return (
    has("duplicate") &&
    has("options") &&
    has("isReady") &&
    !has("masters") &&
    !has("totalClients") &&
    !has("nodeClient") &&
    !has("getSentinelNode")
  );
}

/** WAIT covers only the writes of its own connection. */
const poolCannotWait =
  "a client from `createClientPool`: a pool writes on one connection, and would send WAIT on another. Use a client from " +
  "`createClient`";

/** `RESP_TYPES.MAP` of `redis`: the byte that a map begins with in the protocol. */
const mapReply = 37;

interface WithLists {
  hGetAll(key: string): Promise<unknown[]>;
}
