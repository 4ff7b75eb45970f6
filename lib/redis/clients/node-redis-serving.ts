/** The only connection of a client of `redis` 5 or later, of which keys can be tracked. */
import type { RedisClientType } from "redis";
import type { ServingConnection } from "./adapter.js";

/** In the order of events, none of these is missed. */
const losses = ["error", "end", "reconnecting"];

export class NodeRedisServing implements ServingConnection {
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
}
