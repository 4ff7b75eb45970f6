/**
 * Accounts in Redis: a HASH per user, and one key per user name that says whose it is.
 *
 *     HSET user:7d0c... username Ada passwordHash $argon2id$... createdAt 1790000000000
 *     SET  username:ada 7d0c... NX
 *
 * Neither expires. No command touches two keys, so on a cluster accounts spread over all nodes. Making an account
 * therefore has an order that is safe to break off at every point: the HASH is written with a minute to live, the name
 * is claimed by SET NX (of two that race, one wins), and PERSIST makes the account stay. Whoever crashes in between leaves
 * a HASH that goes away and a name that points to nothing, which the next one who wants it takes over.
 */
import { randomUUID } from "node:crypto";
import type { Account, AccountStore, NewAccount } from "./account-store.js";
import { normaliseUsername } from "./username.js";

/** The commands that are sent. Clients, pools, clusters and sentinels of the `redis` package have them all. */
export interface AccountsClient {
  get(key: string): Promise<unknown>;
  set(key: string, value: string, options: { condition: "NX" }): Promise<unknown>;
  hSet(key: string, fields: Record<string, string>): Promise<unknown>;
  hGetAll(key: string): Promise<unknown>;
  exists(key: string): Promise<unknown>;
  expire(key: string, seconds: number): Promise<unknown>;
  persist(key: string): Promise<unknown>;
  del(key: string): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

export interface RedisAccountsOptions {
  /** A connected client of the `redis` package; its life stays its owner's. */
  client: unknown;
  /** Put before every key. Default: nothing. */
  prefix?: string;
}

/** Seconds that an account may stay half made. */
const makingTakesAtMost = 60;

// KEYS[1] the name's key, ARGV[1] the id it must hold, ARGV[2] the id to put there, or "" to free the name.
// Returns 1 when it was replaced, 0 when somebody else was faster.
const replaceClaim = `
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == "" then redis.call("DEL", KEYS[1]) else redis.call("SET", KEYS[1], ARGV[2]) end
return 1`;

export class RedisAccounts implements AccountStore {
  readonly #client: AccountsClient;
  readonly #prefix: string;

  constructor(options: RedisAccountsOptions) {
    this.#client = options.client as AccountsClient;
    this.#prefix = options.prefix ?? "";
  }

  async create({ username, passwordHash }: NewAccount): Promise<Account | "taken"> {
    const account: Account = { id: randomUUID(), username, passwordHash, createdAt: Date.now() };
    const key = this.#userKey(account.id);
    // Issued together: one round trip, and node-redis keeps their order.
    await Promise.all([
      this.#client.hSet(key, { username, passwordHash, createdAt: String(account.createdAt) }),
      this.#client.expire(key, makingTakesAtMost),
    ]);
    if (!(await this.#claim(username, account.id))) {
      await this.#client.del(key);
      return "taken";
    }
    if (Number(await this.#client.persist(key)) === 1) return account;
    // We were held up for longer than the HASH lived. Whoever registers is told, and the name is free again.
    await this.#replaceClaim(username, account.id, "");
    throw new Error("The account could not be made in time. Try again.");
  }

  async findById(id: string): Promise<Account | undefined> {
    return readAccount(id, await this.#client.hGetAll(this.#userKey(id)));
  }

  async findByUsername(username: string): Promise<Account | undefined> {
    const id = await this.#client.get(this.#nameKey(username));
    // For a name that nobody has we ask for nobody's HASH, so that both answers take two round trips.
    return this.findById(typeof id === "string" ? id : "nobody");
  }

  async #claim(username: string, id: string): Promise<boolean> {
    const key = this.#nameKey(username);
    if ((await this.#client.set(key, id, { condition: "NX" })) !== null) return true;
    const owner = await this.#client.get(key);
    if (typeof owner !== "string") return false;
    if (Number(await this.#client.exists(this.#userKey(owner))) === 1) return false;
    return this.#replaceClaim(username, owner, id);
  }

  async #replaceClaim(username: string, from: string, to: string): Promise<boolean> {
    const options = { keys: [this.#nameKey(username)], arguments: [from, to] };
    return Number(await this.#client.eval(replaceClaim, options)) === 1;
  }

  #userKey(id: string): string {
    return `${this.#prefix}user:${id}`;
  }

  #nameKey(username: string): string {
    return `${this.#prefix}username:${normaliseUsername(username)}`;
  }
}

function readAccount(id: string, fields: unknown): Account | undefined {
  const { username, passwordHash, createdAt } = fields as Record<string, string | undefined>;
  if (username === undefined || passwordHash === undefined) return undefined;
  return { id, username, passwordHash, createdAt: Number(createdAt) };
}
