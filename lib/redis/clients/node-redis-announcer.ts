/** How `redis` 5 and later opens a second connection for announcements. */
import type { RedisClientType } from "redis";
import type { AnnouncementListener, Announcer } from "./adapter.js";

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
    const connection = this.#client.duplicate({
      RESP: 2, // so that announcements are messages of a channel, which the client library passes on
      maintNotifications: "disabled",
      disableOfflineQueue: false,
      pingInterval: 1000, // detects a connection that died without being closed
      socket: { ...this.#client.options.socket, reconnectStrategy: false },
    });
    connection.on("error", onLost);
    connection.on("end", onLost);
    return {
      get isReady() {
        return connection.isReady;
      },
      connect: () => connection.connect(),
      id: () => connection.clientId(),
      subscribe: (onKeys) => connection.subscribe("__redis__:invalidate", (keys: unknown) => onKeys(keys)),
      close: () => {
        if (connection.isOpen) connection.destroy();
      },
    };
  }
}

const losses = ["error", "end", "reconnecting"];
