/** One kind of count in Redis, as that of attempts per address: rate-limiter-flexible, with a script of our own. */
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { codes, HoldfastError } from "../errors/index.js";
import { defineScript, runScript, type GuardedClient } from "../redis/index.js";

export interface ThrottleLimit {
  /** How many attempts may fail within the window. */
  readonly attempts: number;
  /** Seconds, whole. It begins with the first attempt. */
  readonly window: number;
}

/** Whether an attempt may be made. */
export type Permission =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Seconds, whole, at least 1: what the header `Retry-After` says. */
      readonly retryAfter: number;
    };

/**
 * KEYS[1] the count; ARGV[1] what to add, -1 to give back; ARGV[2] the window in seconds; ARGV[3] the limit.
 * Returns the count, or one more than the limit when that is reached, and its remaining milliseconds. rate-limiter-flexible's
 * own script counts refused attempts as well, after which giving one back frees nothing; and giving back to a count that
 * has expired would begin the next one below zero.
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
  readonly #limiter: RateLimiterRedis;

  /**
   * @param option what the limit is called, for messages
   * @throws HoldfastError `HOLDFAST_OPTION_INVALID`
   */
  constructor(client: GuardedClient, keyPrefix: string, option: string, { attempts, window }: ThrottleLimit) {
    this.#client = client;
    this.#limiter = new RateLimiterRedis({
      // All that the library sends for what is used here is its script.
      storeClient: {
        eval: (_: string, { keys, arguments: args }: { keys: string[]; arguments: string[] }) =>
          runScript(client, countScript, keys, args),
      },
      useRedisPackage: true,
      keyPrefix,
      points: positive(`${option}.attempts`, attempts),
      duration: positive(`${option}.window`, window),
    });
  }

  /** Counts one more, if the limit allows it. */
  async take(key: string): Promise<Permission> {
    try {
      await this.#limiter.consume(key);
      return { ok: true };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return { ok: false, retryAfter: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) };
    }
  }

  /** Counts one less. */
  async giveBack(key: string): Promise<void> {
    await this.#limiter.reward(key);
  }

  /** Counts from nothing. */
  async forget(key: string): Promise<void> {
    await this.#client.unlink(this.#limiter.getKey(key));
  }
}

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` */
export function positive(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new HoldfastError(codes.OPTION_INVALID, `The option \`${option}\` must be a whole number above 0.`);
}
