/** How `redis` 5 and later opens connections for announcements. */
import type { RedisClientType } from "redis";
import type { AnnouncementListener, Announcer, Broadcaster, Server } from "./adapter.js";

export class NodeRedisAnnouncer implements Announcer {
  readonly #client: RedisClientType;

  constructor(client: RedisClientType) {
    this.#client = client;
  }

  get isReady(): boolean {
    return this.#client.isReady;
  }

  send(args: string[]): Promise<unknown> {
    return this.#client.sendCommand(args);
  }

  watch(onReady: () => void, onLost: () => void): () => void {
    this.#client.on("ready", onReady);
    for (const event of losses) this.#client.on(event, onLost);
    return () => {
      this.#client.off("ready", onReady);
      for (const event of losses) this.#client.off(event, onLost);
    };
  }

  listener(onLost: () => void): AnnouncementListener {
    return listenerLike(this.#client, onLost);
  }
}

/** What is used of pools, sentinels and clusters. */
interface ManyConnections {
  readonly isOpen: boolean;
  on?(event: string, listener: () => void): unknown;
  off?(event: string, listener: () => void): unknown;
  /** Of a cluster. */
  nodeClient?(server: object): RedisClientType | Promise<RedisClientType>;
  /** Of a pool. */
  execute?<T>(work: (client: RedisClientType) => T): Promise<Awaited<T>>;
  /** Of sentinels: with a connection to the server that is the primary now. */
  _execute?<T>(isReadonly: false, work: (client: RedisClientType) => Promise<T>): Promise<T>;
}

export class NodeRedisBroadcaster implements Broadcaster {
  readonly #client: ManyConnections;

  constructor(client: ManyConnections) {
    this.#client = client;
  }

  async listener(server: Server, onLost: () => void): Promise<AnnouncementListener> {
    const client = this.#client;
    const make = (one: RedisClientType) => listenerLike(one, onLost);
    if (server !== undefined && client.nodeClient) return make(await client.nodeClient(server));
    if (client.execute) return client.execute(make);
    // oxlint-disable-next-line no-underscore-dangle -- it is how each command of a sentinel reaches a connection
    if (client._execute) return client._execute(false, async (one) => make(one));
    throw new TypeError("this client cannot open another connection");
  }

  watch(onMoved: () => void): () => void {
    this.#client.on?.("topology-change", onMoved);
    return () => void this.#client.off?.("topology-change", onMoved);
  }
}

function listenerLike(client: RedisClientType, onLost: () => void): AnnouncementListener {
  const connection = client.duplicate({
    RESP: 2, // so that announcements are messages of a channel, which the client library passes on
    clientSideCache: undefined,
    maintNotifications: "disabled",
    disableOfflineQueue: false,
    pingInterval: 1000, // detects a connection that died without being closed
    socket: { ...client.options.socket, reconnectStrategy: false },
  });
  connection.on("error", onLost);
  connection.on("end", onLost);
  return {
    get isReady() {
      return connection.isReady;
    },
    connect: () => connection.connect(),
    id: () => connection.clientId(),
    send: (args) => connection.sendCommand(args),
    subscribe: (onKeys) => connection.subscribe("__redis__:invalidate", (keys: unknown) => onKeys(keys)),
    close: () => {
      if (connection.isOpen) connection.destroy();
    },
  };
}

const losses = ["error", "end", "reconnecting"];
