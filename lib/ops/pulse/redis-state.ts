/** What this process sees of Redis. */
import type { GuardedClient } from "../../redis/index.js";
import { onSignal } from "../on-signal.js";
import type { PulseRedis } from "./pulse-types.js";

export class RedisState {
  readonly #redis: GuardedClient;
  readonly #isOut: () => boolean;
  readonly #stops: (() => void)[];
  #outages = 0;
  #lastOutage: PulseRedis["lastOutage"];

  constructor(redis: GuardedClient, isOut: () => boolean) {
    this.#redis = redis;
    this.#isOut = isOut;
    this.#stops = [
      onSignal("redis:unavailable", ({ client }) => {
        if (client === redis.client) this.#outages++;
      }),
      onSignal("redis:available", ({ client, duration, reason }) => {
        if (client === redis.client) this.#lastOutage = { at: Date.now(), duration: Math.round(duration), reason };
      }),
    ];
  }

  get now(): PulseRedis {
    const { inFlight } = this.#redis;
    const lastOutage = this.#lastOutage;
    return { isAvailable: !this.#isOut(), inFlight, outages: this.#outages, ...(lastOutage && { lastOutage }) };
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }
}
