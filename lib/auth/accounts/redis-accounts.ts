/**
 * Accounts in Redis: a HASH per user, and one key per user name and per e-mail address that holds the owner's id.
 *
 *     HSET user:7d0c... username Ada email ada@example.org passwordHash $argon2id$... createdAt 1790000000000
 *     SET  username:ada 7d0c... NX
 *     SET  email:ada@example.org 7d0c... NX
 *
 * None expires. No command touches two keys, so on a cluster accounts spread over all nodes. So an account is created
 * in an order that can be interrupted anywhere: the HASH is written with a lifetime of a minute and without
 * `createdAt`, name and address are claimed with SET NX (so one of two racing calls wins), and the last step makes the
 * account permanent. A crash in between leaves a HASH that cannot be found and expires, and names that point to
 * nothing, which the next account that wants them takes over. Until the HASH has expired, they count as taken.
 *
 * Removing works in reverse: first the HASH, then what points to it.
 */
import { randomUUID } from "node:crypto";
import { toUSVString } from "node:util";
import { codes, HoldfastError, unavailable } from "../../errors/index.js";
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
import { readHash } from "../passwords/hash-forms.js";
import { normalizeEmail, normalizeUsername } from "./names.js";

/** The options of `RedisAccounts`. */
export interface RedisAccountsOptions {
  /**
   * A client such as `redisSession()` takes. The app connects and closes it.
   *
   * @example sessions.client
   */
  client: unknown;
  /**
   * Prefix of every key.
   *
   * @default ""
   * @example "shop:"
   */
  prefix?: string | undefined;
  /**
   * How long to wait for the reply to a command, in milliseconds.
   *
   * @default 5000
   * @example 2000
   */
  commandTimeout?: number | undefined;
}

/** Seconds within which an account must be completed. */
const creationTimeout = 60;

/** An id that no account has: random. */
const nobody = randomUUID();

/** How often a claim is tried while others free the name at the same moment. */
const claimsAtMost = 5;

/**
 * An `AccountStore` that stores accounts in Redis, in the form described in docs/accounts.md.
 *
 * @example
 *
 *     const accounts = new RedisAccounts({ client: sessions.client });
 *     const auth = localAuth({ sessions, accounts });
 */
export class RedisAccounts implements AccountStore {
  readonly #commands: AccountCommands;
  readonly #prefix: string;

  /** @throws HoldfastError `HOLDFAST_CLIENT_INVALID` */
  constructor(options: RedisAccountsOptions) {
    this.#commands = new AccountCommands(options.client, options.commandTimeout);
    this.#prefix = options.prefix ?? "";
  }

  /**
   * Creates an account, unless its name or address is taken.
   *
   * @throws HoldfastError `HOLDFAST_PASSWORD_HASH_INVALID`, `HOLDFAST_ACCOUNT_NOT_MADE`, `SESSION_STORE_UNAVAILABLE`
   * @example
   * const account = await accounts.create({ username: "Ada", passwordHash: await hashPassword(password) });
   * if (typeof account === "string") console.log(account); // "username-taken" or "email-taken"
   */
  async create({ username, email, passwordHash }: NewAccount): Promise<Account | "username-taken" | "email-taken"> {
    checkHash(passwordHash);
    const id = randomUUID();
    const fields = ["username", username, "passwordHash", passwordHash];
    if (email !== undefined) fields.push("email", email);
    await this.#commands.run(beginAccount, this.#userKey(id), String(creationTimeout), ...fields);
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
    throw unavailable(
      codes.ACCOUNT_NOT_MADE,
      `The account was not created, because Redis or this process was blocked for more than ${creationTimeout} ` +
        "seconds. Try again.",
    );
  }

  /**
   * The account with this id.
   *
   * @example
   * const account = await accounts.findById(id);
   */
  async findById(id: string): Promise<Account | undefined> {
    return readAccount(id, await this.#commands.fields(this.#userKey(id)));
  }

  /**
   * The account with this user name, in whatever case.
   *
   * @example
   * const account = await accounts.findByUsername("ada");
   */
  findByUsername(username: string): Promise<Account | undefined> {
    return this.#ownerOf(this.#nameKey(username));
  }

  /**
   * The account with this e-mail address, in whatever case.
   *
   * @example
   * const account = await accounts.findByEmail("ada@example.org");
   */
  findByEmail(email: string): Promise<Account | undefined> {
    return this.#ownerOf(this.#emailKey(email));
  }

  /**
   * Replaces the password's hash `from` by `to`; false if it is no longer `from`. Ends no logins: `auth.changePassword`
   * does.
   *
   * @example
   * const isChanged = await accounts.changePassword(id, account.passwordHash, await hashPassword(password));
   */
  changePassword(id: string, from: string, to: string): Promise<boolean> {
    return this.#commands.apply(changePassword, this.#userKey(id), from, to);
  }

  /**
   * Disables or enables an account; false if there is none. Ends no logins: `auth.disableAccount` does.
   *
   * @example
   * const isFound = await accounts.setDisabled(id, true);
   */
  setDisabled(id: string, isDisabled: boolean): Promise<boolean> {
    return this.#commands.apply(setDisabled, this.#userKey(id), isDisabled ? "1" : "0");
  }

  /**
   * Removes an account; false if there is none. Ends no logins: `auth.removeAccount` does.
   *
   * @example
   * const isFound = await accounts.remove(id);
   */
  async remove(id: string): Promise<boolean> {
    // The HASH first: a name that points to nothing counts as free, but an account without its name would still exist.
    const [removed, username, email] = await this.#commands.run(removeAccount, this.#userKey(id));
    if (Number(removed) !== 1) return false;
    await this.#free(id, String(username), typeof email === "string" ? email : undefined);
    return true;
  }

  async #ownerOf(key: string): Promise<Account | undefined> {
    // An unknown name reads a HASH that does not exist, so that both cases take two round trips.
    return this.findById((await this.#commands.get(key)) ?? nobody);
  }

  /** Claims `key` for `id`, unless it belongs to an account that exists or is being created. */
  async #claim(key: string, id: string): Promise<boolean> {
    for (let tries = 0; tries < claimsAtMost; tries++) {
      if (await this.#commands.setIfNone(key, id)) return true;
      const owner = await this.#commands.get(key);
      if (owner === undefined) continue; // its owner has just been removed
      if (await this.#commands.exists(this.#userKey(owner))) return false;
      if (await this.#commands.apply(replaceClaim, key, owner, id)) return true;
    }
    return false;
  }

  async #finish(id: string, createdAt: number): Promise<boolean> {
    try {
      return await this.#commands.apply(finishAccount, this.#userKey(id), String(createdAt));
    } catch (error) {
      // It is not known whether it was done. Redis runs commands in the order in which it gets them, so if the account
      // is completed late, it is removed at once. This is not awaited: the caller has waited long enough.
      void this.remove(id).catch(() => {});
      throw error;
    }
  }

  /** Frees only what still belongs to `id`: it may have another owner by now. */
  async #free(id: string, username: string, email: string | undefined): Promise<void> {
    const keys = [this.#nameKey(username), ...(email === undefined ? [] : [this.#emailKey(email)])];
    await Promise.all(keys.map((key) => this.#commands.apply(replaceClaim, key, id, "")));
  }

  #userKey(id: string): string {
    // Well-formed, like the names: for a lone surrogate, a cluster client computes a wrong slot.
    return `${this.#prefix}user:${toUSVString(id)}`;
  }

  #nameKey(username: string): string {
    return `${this.#prefix}username:${normalizeUsername(username)}`;
  }

  #emailKey(email: string): string {
    return `${this.#prefix}email:${normalizeEmail(email)}`;
  }
}

/** A hash that merely cannot be read is allowed: so an account can have no password yet. */
function checkHash(passwordHash: string): void {
  const form = readHash(passwordHash);
  if (form.kind !== "none" || !form.isBomb) return;
  throw new HoldfastError(
    codes.PASSWORD_HASH_INVALID,
    `The account was not created, because its password hash cannot be used to log in. ${form.problem} Its owner ` +
      'needs a new password: create the account with a hash that matches no password, such as "!", and let them set ' +
      "one.",
  );
}

function readAccount(id: string, fields: Record<string, string | undefined>): Account | undefined {
  const { username, email, passwordHash, createdAt, disabled } = fields;
  if (username === undefined || passwordHash === undefined || createdAt === undefined) return undefined;
  return { id, username, email, passwordHash, createdAt: Number(createdAt), isDisabled: disabled === "1" };
}
