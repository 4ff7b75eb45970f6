/** One kind of count in Redis, such as attempts per address: rate-limiter-flexible with a custom script. */
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { optionInvalid } from "../../errors/index.js";
import { defineScript, runScript, type GuardedClient } from "../../redis/index.js";

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
 * KEYS[1] the count; ARGV[1] what to add, -1 to give back; ARGV[2] the window in seconds; ARGV[3] the limit.
 * Returns the count, or one more than the limit if that is reached, and its remaining milliseconds.
 * rate-limiter-flexible's own script also counts refused attempts, so that giving one back would free nothing; and
 * giving back to a count that has expired would start the next one below zero.
 */
const countScript = defineScript(`
local count = tonumber(redis.call("GET", KEYS[1]) or 0)
local change, limit = tonumber(ARGV[1]), tonumber(ARGV[3])
if change < 0 and count + change <= 0 then
  redis.call("DEL", KEYS[1])
  return {0, 0}
end
local isRefused = change > 0 and count + change > limit
if isRefused then
  count = limit + 1
else
  count = redis.call("INCRBY", KEYS[1], change)
end
if redis.call("PTTL", KEYS[1]) < 0 then redis.call("EXPIRE", KEYS[1], ARGV[2]) end
return {count, redis.call("PTTL", KEYS[1])}`);

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
