/**
 * Slows down guessing: attempts are counted in Redis before they are made, so that a thousand concurrent guesses do not
 * all slip through.
 *
 *     throttle:pair:<hash>      one account, or one name, from one address; or one account in one browser
 *     throttle:address:<hash>   one address, over all accounts: against one common password tried on many accounts
 *     throttle:account:<hash>   one account, or one name, over all addresses: against a botnet; or in one browser
 *     throttle:login:<hash>     successful logins of one account: each costs a hash
 *     throttle:action:<hash>    an action without an account, such as a registration, from one address
 *     throttle:known:<hash>     this account has logged in from this address
 *
 * Each count lasts for its window, which begins with the first attempt and is not extended by refused ones; only
 * Redis's clock decides when it ends. The third count does not apply to an address from which the account has logged in
 * before, and a browser that has logged in before has its own counts (see known-browsers.ts): so strangers cannot lock
 * the owner out there, however many addresses they use. Elsewhere they can, for as long as they continue.
 *
 * Names and addresses are in the keys only as SHA-256. That hides them from a casual look, but not from somebody who
 * tries all addresses. No command touches two keys, so a cluster works too.
 */
import { allowAgain, codes, optionInvalid, redisUnavailable, warnOnce } from "../../errors/index.js";
import { checkClient, guardClient, type GuardedClient, type RedisClient } from "../../redis/index.js";
import { allowed, Attempt, hashOf, placeOf, type AttemptCounts, type Origin } from "./attempt.js";
import { AttemptCount, positive, type ThrottleLimit, type Permission } from "./attempt-count.js";

export type { ThrottleLimit, Permission } from "./attempt-count.js";

/** Limits on attempts to log in, to register and to change a password. Windows are in seconds. */
export interface ThrottleOptions {
  /**
   * For one account from one address, whether with its user name, its e-mail address or the form for a new password.
   *
   * @default { attempts: 5, window: 900 } // 15 minutes
   * @example { attempts: 10, window: 900 }
   */
  readonly perPair?: ThrottleLimit | undefined;
  /**
   * For one address, over all accounts. A whole office may share one address.
   *
   * @default { attempts: 100, window: 3600 }
   * @example { attempts: 500, window: 3600 }
   */
  readonly perAddress?: ThrottleLimit | undefined;
  /**
   * For one account, over all addresses from which it has not logged in recently.
   *
   * @default { attempts: 100, window: 3600 }
   * @example { attempts: 50, window: 3600 }
   */
  readonly perAccount?: ThrottleLimit | undefined;
  /**
   * For successful logins and password changes of one account, from where it has logged in before.
   *
   * @default { attempts: 100, window: 3600 }
   * @example { attempts: 200, window: 3600 }
   */
  readonly perLogin?: ThrottleLimit | undefined;
  /**
   * For each action without an account, such as a registration, from one address.
   *
   * @default { attempts: 20, window: 3600 }
   * @example { attempts: 5, window: 3600 }
   */
  readonly perAction?: ThrottleLimit | undefined;
  /**
   * How long the addresses and browsers from which an account has logged in are remembered, in seconds.
   *
   * @default 2592000 // 30 days
   * @example 90 * 86_400
   */
  readonly knownFor?: number | undefined;
  /**
   * The name of the cookie that proves to which accounts a browser has logged in, so that strangers cannot lock the
   * owner out there; `false` for no cookie. It is signed with the keys of `sessions`, or with `browserSecret`.
   *
   * @default "known-browser"
   * @example "__Host-known-browser"
   */
  readonly browserCookie?: string | false | undefined;
  /**
   * The secrets of that cookie: the first signs, all verify. Without them and without `sessions`, there is no cookie.
   *
   * @default derived from the secrets of `sessions`
   * @example process.env.BROWSER_SECRETS?.split(",")
   */
  readonly browserSecret?: string | readonly string[] | undefined;
  /**
   * What happens if Redis does not answer. `"refuse"`: nobody can log in; the error has HTTP status 503. `"allow"`:
   * attempts are not counted, so guesses are not limited either.
   *
   * @default "refuse"
   * @example "allow"
   */
  readonly whenDown?: "refuse" | "allow" | undefined;
  /**
   * How long to wait for the reply to a command, in milliseconds.
   *
   * @default 5000
   * @example 2000
   */
  readonly commandTimeout?: number | undefined;
}

const minutes = 60;
const hours = 60 * minutes;
const days = 24 * hours;

/** Limits attempts to log in, across all processes of the app. */
export class Throttle {
  /** How long addresses and browsers are remembered, in seconds. */
  readonly knownFor: number;
  readonly #client: GuardedClient;
  readonly #prefix: string;
  readonly #whenDown: "refuse" | "allow";
  readonly #counts: AttemptCounts;
  readonly #perAction: AttemptCount;

  /**
   * @param options `client` is a client such as `redisSession()` takes, which its owner closes; `prefix` is the prefix
   *   of every key, default `throttle:`
   * @throws HoldfastError `HOLDFAST_CLIENT_INVALID`, `HOLDFAST_OPTION_INVALID`
   */
  constructor(options: ThrottleOptions & { client: RedisClient; prefix?: string }) {
    checkClient(options.client);
    this.#client = guardClient(options.client, { commandTimeout: options.commandTimeout });
    this.#prefix = options.prefix ?? "throttle:";
    this.knownFor = positive("knownFor", options.knownFor ?? 30 * days);
    this.#whenDown = oneOf("whenDown", options.whenDown ?? "refuse", ["refuse", "allow"]);
    this.#counts = {
      pair: this.#count("perPair", options.perPair ?? { attempts: 5, window: 15 * minutes }),
      address: this.#count("perAddress", options.perAddress ?? { attempts: 100, window: hours }),
      account: this.#count("perAccount", options.perAccount ?? { attempts: 100, window: hours }),
      login: this.#count("perLogin", options.perLogin ?? { attempts: 100, window: hours }),
      isKnown: async (key) => (await this.#client.get(this.#knownKey(key))) !== null,
      remember: async (key) => {
        await this.#client.set(this.#knownKey(key), "1", { expiration: { type: "EX", value: this.knownFor } });
      },
      unlessDown: (work) => this.#unlessDown(work),
    };
    this.#perAction = this.#count("perAction", options.perAction ?? { attempts: 20, window: hours });
  }

  /**
   * An attempt to log in, which is counted before it is made. Its methods throw a HoldfastError
   * `SESSION_STORE_UNAVAILABLE` (503) if Redis does not answer, unless `whenDown` is `"allow"`.
   */
  attempt(origin: Origin): Attempt {
    return new Attempt(this.#counts, origin);
  }

  /** Notes that the account has logged in from this address. */
  async remember(account: string, address: string | undefined): Promise<void> {
    await this.#counts.remember(hashOf("account", account, placeOf(address)));
  }

  /**
   * Counts an action without an account, such as a registration, per address. It is never given back.
   *
   * @param action the name of the action; each has its own counts
   * @throws HoldfastError `SESSION_STORE_UNAVAILABLE` (503), like an attempt
   */
  takeFor(action: string, address: string | undefined): Promise<Permission> {
    return this.#unlessDown(async () => {
      const answer = await this.#perAction.take(hashOf(action, placeOf(address)));
      return answer.ok ? allowed : answer;
    });
  }

  #count(option: string, limit: ThrottleLimit): AttemptCount {
    return new AttemptCount(this.#client, this.#prefix + option.slice("per".length).toLowerCase(), option, limit);
  }

  #knownKey(key: string): string {
    return `${this.#prefix}known:${key}`;
  }

  /** Every command has a deadline, and none is sent while Redis is known not to answer: see `guardClient`. */
  async #unlessDown<T>(work: () => Promise<T>): Promise<T | typeof allowed> {
    try {
      const permission = await work();
      allowAgain(codes.REDIS_CONNECTION_LOST, subject);
      return permission;
    } catch (cause) {
      if (this.#whenDown === "refuse") throw notCounted(cause);
      warnOnce(codes.REDIS_CONNECTION_LOST, "Attempts to log in are not limited while Redis does not answer.", subject);
      return allowed;
    }
  }
}

const subject = "throttle";

function notCounted(cause: unknown): Error {
  return redisUnavailable(
    "Attempts to log in or to register are refused, because they cannot be counted: Redis does not answer as it " +
      "should (see `cause`).",
    { cause },
  );
}

function oneOf<T extends string>(option: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  const list = choices.map((choice) => `"${choice}"`).join(" or ");
  throw optionInvalid(`\`${option}\` must be ${list}`);
}
