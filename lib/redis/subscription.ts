/** Hears the messages of a channel for as long as somebody needs them, across outages. */
import { realTime } from "../errors/index.js";
import { adapterOf, type ClientAdapter, type Receiver } from "./clients/index.js";
import type { RedisClient } from "./commands.js";
import { reconnectDelay } from "./connection/create-client.js";
import { knownFailure } from "./failure-reasons.js";

export interface SubscriptionListener {
  /** Messages arrive from now on. Earlier ones may have been lost. */
  onStart(): void;
  onMessage(message: string): void;
  /** The Redis user may not subscribe, which is tried again, but rarely; or the client cannot. */
  onRefused(error: unknown): void;
}

/** Milliseconds until the next attempt after Redis has refused one, or after the app has closed its client. */
const rareDelay = 60_000;

export class Subscription {
  readonly #adapter: ClientAdapter;
  readonly #channel: string;
  readonly #listener: SubscriptionListener;
  #receiver: Receiver | undefined;
  /** Counts what was opened and closed, so that what was started earlier knows that it is out of date. */
  #round = 0;
  #isWanted = false;
  #failures = 0;

  constructor(client: RedisClient, channel: string, listener: SubscriptionListener) {
    this.#adapter = adapterOf(client);
    this.#channel = channel;
    this.#listener = listener;
  }

  /** Opens it, unless it is open or being opened. */
  open(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#failures = 0;
    void this.#connect(++this.#round);
  }

  close(): void {
    this.#isWanted = false;
    this.#round++;
    this.#receiver?.close();
    this.#receiver = undefined;
  }

  async #connect(round: number): Promise<void> {
    const adapter = this.#adapter;
    if (!adapter.receive)
      return this.#listener.onRefused(new Error("this kind of client cannot open a connection for it"));
    if (!adapter.isOpen) return this.#retry(round, rareDelay);
    try {
      const receiver = await adapter.receive({
        channel: this.#channel,
        onMessage: (message) => this.#listener.onMessage(message),
        onLost: () => this.#retry(round, reconnectDelay(this.#failures++)),
      });
      if (round !== this.#round) return receiver.close();
      this.#receiver = receiver;
      this.#failures = 0;
      this.#listener.onStart();
    } catch (error) {
      if (round !== this.#round) return;
      const isRefused = knownFailure(error)?.reason === "no-permission";
      if (isRefused) this.#listener.onRefused(error);
      this.#retry(round, isRefused ? rareDelay : reconnectDelay(this.#failures++));
    }
  }

  #retry(round: number, delay: number): void {
    if (round !== this.#round) return;
    this.#receiver = undefined;
    const next = ++this.#round;
    realTime
      .setTimeout(() => {
        if (next === this.#round) void this.#connect(next);
      }, delay)
      .unref();
  }
}
