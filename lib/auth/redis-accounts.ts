/**
 * Accounts in Redis: a HASH per user, and one key per user name and per e-mail address that says whose it is.
 *
 *     HSET user:7d0c... username Ada email ada@example.org passwordHash $argon2id$... createdAt 1790000000000
 *     SET  username:ada 7d0c... NX
 *     SET  email:ada@example.org 7d0c... NX
 *
 * None expires. No command touches two keys, so on a cluster accounts spread over all nodes. Making an account therefore
 * has an order that is safe to break off at every point: the HASH is written with a minute to live and without
 * `createdAt`, name and address are claimed by SET NX (of two that race, one wins), and the last step makes the account
 * stay. Whoever crashes in between leaves a HASH that nobody finds and that goes away, and names that point to nothing,
 * which the next one who wants them takes over. Until then, a minute at most, they count as taken.
 *
 * Removing goes the other way round: first the HASH, and then what points to it.
 */
import { randomUUID } from "node:crypto";
import { toUSVString } from "node:util";
import { codes, HoldfastError } from "../errors/index.js";
import {
  AccountCommands,
  beginAccount,
  changePassword,
  finishAccount,
  removeAccount,
  replaceClaim,
  setDisabled,
} from "./account-commands.js";
import type { Account, AccountStore, NewAccount } from "./account-store.js";
import { normaliseEmail, normaliseUsername } from "./names.js";

export type { AccountsClient } from "./account-commands.js";

export interface RedisAccountsOptions {
  /** A connected client of the `redis` package; its life stays its owner's. */
  client: unknown;
  /** Put before every key. Default: nothing. */
  prefix?: string;
  /** Milliseconds to wait for the answer to a command. Default 5000. */
  commandTimeout?: number;
}

/** Seconds that an account may stay half made. */
const makingTakesAtMost = 60;

/** How often a name is tried to get while others let it go at the same moment. */
const claimsAtMost = 5;

export class RedisAccounts implements AccountStore {
  readonly #commands: AccountCommands;
  readonly #prefix: string;

  /** @throws HoldfastError `HOLDFAST_CLIENT_INVALID` */
  constructor(options: RedisAccountsOptions) {
    this.#commands = new AccountCommands(options.client, options.commandTimeout);
    this.#prefix = options.prefix ?? "";
  }

  async create({ username, email, passwordHash }: NewAccount): Promise<Account | "username-taken" | "email-taken"> {
    const id = randomUUID();
    const fields = ["username", username, "passwordHash", passwordHash];
    if (email !== undefined) fields.push("email", email);
    await this.#commands.run(beginAccount, this.#userKey(id), String(makingTakesAtMost), ...fields);
    if (!(await this.#claim(this.#nameKey(username), id))) {
      await this.remove(id);
      return "username-taken";
    }
    if (email !== undefined && !(await this.#claim(this.#emailKey(email), id))) {
      await this.remove(id);
      return "email-taken";
    }
    const createdAt = Date.now();
    if (await this.#finish(id, createdAt)) return { id, username, email, passwordHash, createdAt, isDisabled: false };
    await this.#free(id, username, email);
    throw new HoldfastError(
      codes.ACCOUNT_NOT_MADE,
      `The account was not made: Redis or this process was held up for more than ${makingTakesAtMost} seconds. Try again.`,
      { status: 503, headers: { "Retry-After": "1" } },
    );
  }

  async findById(id: string): Promise<Account | undefined> {
    return readAccount(id, await this.#commands.fields(this.#userKey(id)));
  }

  findByUsername(username: string): Promise<Account | undefined> {
    return this.#ownerOf(this.#nameKey(username));
  }

  findByEmail(email: string): Promise<Account | undefined> {
    return this.#ownerOf(this.#emailKey(email));
  }

  changePassword(id: string, from: string, to: string): Promise<boolean> {
    return this.#commands.isDone(changePassword, this.#userKey(id), from, to);
  }

  setDisabled(id: string, isDisabled: boolean): Promise<boolean> {
    return this.#commands.isDone(setDisabled, this.#userKey(id), isDisabled ? "1" : "0");
  }

  async remove(id: string): Promise<boolean> {
    // The HASH first: a name that points to nothing is as good as free, but an account without its name is not gone.
    const answer = (await this.#commands.run(removeAccount, this.#userKey(id))) as unknown[];
    const [removed, username, email] = answer;
    if (Number(removed) !== 1) return false;
    await this.#free(id, String(username), typeof email === "string" ? email : undefined);
    return true;
  }

  async #ownerOf(key: string): Promise<Account | undefined> {
    // For a name that nobody has we ask for nobody's HASH, so that both answers take two round trips.
    return this.findById((await this.#commands.get(key)) ?? "nobody");
  }

  /** Makes `key` say `id`, unless it belongs to an account that is there or is being made. */
  async #claim(key: string, id: string): Promise<boolean> {
    for (let tries = 0; tries < claimsAtMost; tries++) {
      if (await this.#commands.setIfNone(key, id)) return true;
      const owner = await this.#commands.get(key);
      if (owner === undefined) continue; // its owner has just been removed
      if (await this.#commands.exists(this.#userKey(owner))) return false;
      if (await this.#commands.isDone(replaceClaim, key, owner, id)) return true;
    }
    return false;
  }

  async #finish(id: string, createdAt: number): Promise<boolean> {
    try {
      return await this.#commands.isDone(finishAccount, this.#userKey(id), String(createdAt));
    } catch (error) {
      // Whether it was done, nobody knows. Redis does what it is sent in that order, so an account that comes into being
      // when Redis wakes up goes again at once. We do not wait: the caller has waited long enough.
      void this.remove(id).catch(() => {});
      throw error;
    }
  }

  /** Only what says `id`: it may belong to somebody else by now. */
  async #free(id: string, username: string, email: string | undefined): Promise<void> {
    const keys = [this.#nameKey(username), ...(email === undefined ? [] : [this.#emailKey(email)])];
    await Promise.all(keys.map((key) => this.#commands.isDone(replaceClaim, key, id, "")));
  }

  #userKey(id: string): string {
    // Well-formed, as the names are: of half a surrogate pair, the client of a cluster computes a wrong slot.
    return `${this.#prefix}user:${toUSVString(id)}`;
  }

  #nameKey(username: string): string {
    return `${this.#prefix}username:${normaliseUsername(username)}`;
  }

  #emailKey(email: string): string {
    return `${this.#prefix}email:${normaliseEmail(email)}`;
  }
}

function readAccount(id: string, fields: Record<string, string | undefined>): Account | undefined {
  const { username, email, passwordHash, createdAt, disabled } = fields;
  if (username === undefined || passwordHash === undefined || createdAt === undefined) return undefined;
  return { id, username, email, passwordHash, createdAt: Number(createdAt), isDisabled: disabled === "1" };
}
