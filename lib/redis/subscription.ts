/** Hears the messages of a channel for as long as somebody needs them, across outages. */
import { adapterOf } from "./clients/index.js";
import type { RedisClient } from "./commands.js";
import { canSubscribe, StandingSubscriber } from "./standing-subscriber.js";

export interface SubscriptionListener {
  /** Messages arrive from now on. Earlier ones may have been lost. */
  onStart(): void;
  onMessage(message: string): void;
  /** The Redis user may not subscribe, which is tried again; or the client cannot. */
  onRefused(error: unknown): void;
}

/** In milliseconds. Messages are rare, and nothing depends on them at once. */
const pingInterval = 10_000;

export class Subscription {
  readonly #listener: SubscriptionListener;
  readonly #subscriber: StandingSubscriber | undefined;

  constructor(client: RedisClient, channel: string, listener: SubscriptionListener) {
    this.#listener = listener;
    const adapter = adapterOf(client);
    if (!canSubscribe(adapter)) return;
    this.#subscriber = new StandingSubscriber(adapter, undefined, {
      channel,
      pingInterval,
      onOpen: () => listener.onStart(),
      onMessage: (message) => listener.onMessage(String(message)),
      onLost: () => {},
      onRefused: (error) => listener.onRefused(error),
    });
  }

  /** Opens it, unless it is open or being opened. */
  open(): void {
    if (this.#subscriber) this.#subscriber.open();
    else this.#listener.onRefused(new Error("this kind of client cannot open a connection for it"));
  }

  close(): void {
    this.#subscriber?.close();
  }
}
