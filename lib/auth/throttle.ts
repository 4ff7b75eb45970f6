/**
 * Guessing is slowed down: attempts are counted in Redis before they are made, so that a thousand guesses at once do not
 * all slip through.
 *
 *     throttle:pair:<hash>      one account from one address
 *     throttle:address:<hash>   one address, over all accounts: many accounts, one common password each
 *     throttle:account:<hash>   one account, over all addresses: a botnet
 *     throttle:action:<hash>    something that has no account, as a registration, from one address
 *     throttle:known:<hash>     this account has logged in from this address
 *
 * Each count lives for its window, which begins with the first attempt and is not prolonged by those that are refused. So
 * nobody is locked out for longer than the longest window, an hour by default. The third count does not hold for an
 * address that the account is known from: a stranger, with however many addresses, cannot keep the owner out there. Who
 * shares the owner's address can, for the first count's window, as long as they go on.
 *
 * Names and addresses are in the keys as SHA-256 only. That hides them from who glances at the keys, not from who tries
 * out all addresses. No command touches two keys, so a cluster serves as well.
 */
import { createHash } from "node:crypto";
import { allowAgain, codes, HoldfastError, warnOnce } from "../errors/index.js";
import { checkClient, guardClient, type GuardedClient, type RedisClient } from "../redis/index.js";
import { AttemptCount, positive, type ThrottleLimit, type Permission } from "./attempt-count.js";
import { networkOf } from "./network.js";

export type { ThrottleLimit, Permission } from "./attempt-count.js";

export interface Attempt {
  /** Normalised login name, or user id. */
  readonly account: string;
  /** The visitor's IP address, as `req.ip`. IPv6 counts by its /64. */
  readonly address: string;
}

export interface ThrottleOptions {
  /** For one account from one address. Default 5 in 15 minutes. */
  readonly perPair?: ThrottleLimit;
  /** For one address, over all accounts. Default 100 in an hour: an office is one address. */
  readonly perAddress?: ThrottleLimit;
  /** For one account, over all addresses from which it has not logged in lately. Default 100 in an hour. */
  readonly perAccount?: ThrottleLimit;
  /** For each action that has no account, as a registration, from one address. Default 20 in an hour. */
  readonly perAction?: ThrottleLimit;
  /** How long an address from which an account has logged in stays known, in seconds. Default 30 days. */
  readonly knownFor?: number;
  /**
   * What happens while Redis does not answer. `"refuse"`: nobody logs in, with an error of HTTP status 503. `"allow"`:
   * attempts pass uncounted, which lets guesses through as well. Default `"refuse"`.
   */
  readonly whenDown?: "refuse" | "allow";
  /** Milliseconds to wait for Redis to answer a command. Default 5000. */
  readonly commandTimeout?: number;
}

const minutes = 60;
const hours = 60 * minutes;
const days = 24 * hours;

const allowed: Permission = { ok: true };

/** Limits attempts to log in, over all processes of the app. */
export class Throttle {
  readonly #client: GuardedClient;
  readonly #prefix: string;
  readonly #knownFor: number;
  readonly #whenDown: "refuse" | "allow";
  readonly #perPair: AttemptCount;
  readonly #perAddress: AttemptCount;
  readonly #perAccount: AttemptCount;
  readonly #perAction: AttemptCount;

  /**
   * @param options `client` is a connected client of the `redis` package, whose life stays its owner's; `prefix` goes
   * before every key, default `throttle:`
   * @throws HoldfastError `HOLDFAST_CLIENT_INVALID`, `HOLDFAST_OPTION_INVALID`
   */
  constructor(options: ThrottleOptions & { client: RedisClient; prefix?: string }) {
    checkClient(options.client);
    this.#client = guardClient(options.client, { commandTimeout: options.commandTimeout });
    this.#prefix = options.prefix ?? "throttle:";
    this.#knownFor = positive("knownFor", options.knownFor ?? 30 * days);
    this.#whenDown = oneOf("whenDown", options.whenDown ?? "refuse", ["refuse", "allow"]);
    this.#perPair = this.#count("perPair", options.perPair ?? { attempts: 5, window: 15 * minutes });
    this.#perAddress = this.#count("perAddress", options.perAddress ?? { attempts: 100, window: hours });
    this.#perAccount = this.#count("perAccount", options.perAccount ?? { attempts: 100, window: hours });
    this.#perAction = this.#count("perAction", options.perAction ?? { attempts: 20, window: hours });
  }

  /**
   * Counts the attempt before it is made, so that 1,000 parallel guesses do not all slip through. One that is refused
   * counts nowhere.
   *
   * @throws HoldfastError `SESSION_STORE_UNAVAILABLE` (503) while Redis does not answer, unless `whenDown` is `"allow"`
   */
  take(attempt: Attempt): Promise<Permission> {
    return this.#unlessDown(async () => {
      const keys = keysOf(attempt);
      const [pair, isKnown] = await Promise.all([this.#perPair.take(keys.pair), this.#isKnown(keys.pair)]);
      if (!pair.ok) return pair;
      const address = await this.#perAddress.take(keys.address);
      if (!address.ok) {
        await this.#perPair.giveBack(keys.pair);
        return address;
      }
      if (isKnown) return allowed;
      const account = await this.#perAccount.take(keys.account);
      if (!account.ok) await Promise.all([this.#perPair.giveBack(keys.pair), this.#perAddress.giveBack(keys.address)]);
      return account;
    });
  }

  /**
   * It succeeded: what was counted is given back, the failures of this account at this address are forgotten, and the
   * address is known as the account's.
   *
   * @throws HoldfastError `SESSION_STORE_UNAVAILABLE` (503), as `take`
   */
  async succeeded(attempt: Attempt): Promise<void> {
    await this.#unlessDown(async () => {
      const keys = keysOf(attempt);
      // If it was known before, then `take` has not counted it for the account.
      const wasKnown = await this.#isKnown(keys.pair);
      await Promise.all([
        this.#client.set(this.#knownKey(keys.pair), "1", { expiration: { type: "EX", value: this.#knownFor } }),
        this.#perPair.forget(keys.pair),
        this.#perAddress.giveBack(keys.address),
        wasKnown ? undefined : this.#perAccount.giveBack(keys.account),
      ]);
      return allowed;
    });
  }

  /**
   * Counts something that has no account, as a registration, per address. Nothing gives it back.
   *
   * @param action one of a few words that the app chooses; each has counts of its own
   * @throws HoldfastError `SESSION_STORE_UNAVAILABLE` (503), as `take`
   */
  takeFor(action: string, address: string): Promise<Permission> {
    return this.#unlessDown(() => this.#perAction.take(hashOf(action, networkOf(address))));
  }

  #count(option: string, limit: ThrottleLimit): AttemptCount {
    return new AttemptCount(this.#client, this.#prefix + option.slice("per".length).toLowerCase(), option, limit);
  }

  async #isKnown(pair: string): Promise<boolean> {
    return (await this.#client.get(this.#knownKey(pair))) !== null;
  }

  #knownKey(pair: string): string {
    return `${this.#prefix}known:${pair}`;
  }

  /** Every command has a deadline, and once Redis is known not to answer it is not asked: see `guardClient`. */
  async #unlessDown(work: () => Promise<Permission>): Promise<Permission> {
    try {
      const permission = await work();
      allowAgain(codes.REDIS_CONNECTION_LOST, subject);
      return permission;
    } catch (cause) {
      if (this.#whenDown === "refuse") throw unavailable(cause);
      warnOnce(codes.REDIS_CONNECTION_LOST, "Attempts to log in are not limited while Redis does not answer.", subject);
      return allowed;
    }
  }
}

function keysOf({ account, address }: Attempt) {
  const network = networkOf(address);
  return { pair: hashOf(account, network), address: hashOf(network), account: hashOf(account) };
}

/** Half of SHA-256 is plenty to tell accounts apart. As JSON, so that no two lists of parts are the same text. */
function hashOf(...parts: string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16).toString("base64url");
}

const subject = "throttle";

function unavailable(cause: unknown): HoldfastError {
  return new HoldfastError(
    codes.STORE_UNAVAILABLE,
    "Attempts to log in or to register cannot be counted, because Redis does not answer as it should (see `cause`), so none is made. Try again in a moment; if it lasts, look at the Redis server.",
    { cause, status: 503, headers: { "Retry-After": "1" } },
  );
}

function oneOf<T extends string>(option: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  const list = choices.map((choice) => `"${choice}"`).join(" or ");
  throw new HoldfastError(codes.OPTION_INVALID, `The option \`${option}\` must be ${list}.`);
}
