/** One kind of count in Redis, such as attempts per address: rate-limiter-flexible with a custom script. */
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { optionInvalid } from "../../errors/index.js";
import { defineScript, runScript, type GuardedClient } from "../../redis/index.js";
import { countSource } from "./scripts/embedded.js";

/** How many attempts may fail within which time. */
export interface ThrottleLimit {
  /** How many attempts may fail within the window. */
  readonly attempts: number;
  /** The window in whole seconds. It begins with the first attempt. */
  readonly window: number;
}

/** Whether an attempt may be made. */
export type Permission =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Seconds to wait, a whole number from 1: the value of the header `Retry-After`. */
      readonly retryAfter: number;
    };

/**
 * rate-limiter-flexible's own script also counts refused attempts, so that giving one back would free nothing; and
 * giving back to a count that has expired would start the next one below zero.
 */
const countScript = defineScript(countSource);

export class AttemptCount {
  readonly #client: GuardedClient;
  readonly #attempts: number;
  readonly #limiter: RateLimiterRedis;

  /**
   * @param option the name of the limit, for messages
   * @throws HoldfastError `HOLDFAST_OPTION_INVALID`
   */
  constructor(client: GuardedClient, keyPrefix: string, option: string, { attempts, window }: ThrottleLimit) {
    this.#client = client;
    this.#attempts = positive(`${option}.attempts`, attempts);
    this.#limiter = new RateLimiterRedis({
      // For the methods used here, the library only runs its script.
      storeClient: {
        eval: (_: string, { keys, arguments: args }: { keys: string[]; arguments: string[] }) =>
          runScript(client, countScript, keys, args),
      },
      useRedisPackage: true,
      keyPrefix,
      points: attempts,
      duration: positive(`${option}.window`, window),
    });
  }

  /** Counts one more attempt, if the limit allows it. */
  async take(key: string): Promise<Permission> {
    try {
      await this.#limiter.consume(key);
      return { ok: true };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return { ok: false, retryAfter: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) };
    }
  }

  /** Whether the limit would allow one more; counts nothing. */
  async peek(key: string): Promise<Permission> {
    const name = this.#limiter.getKey(key);
    if (Number((await this.#client.get(name)) ?? 0) < this.#attempts) return { ok: true };
    return { ok: false, retryAfter: Math.max(1, Number(await this.#client.send(name, (client) => client.ttl(name)))) };
  }

  /** Counts one attempt less. */
  async giveBack(key: string): Promise<void> {
    await this.#limiter.reward(key);
  }

  /** Resets the count. */
  async reset(key: string): Promise<void> {
    await this.#client.unlink(this.#limiter.getKey(key));
  }
}

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` */
export function positive(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw optionInvalid(`\`${option}\` must be a whole number above 0`);
}
