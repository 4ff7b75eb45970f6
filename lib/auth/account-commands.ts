/** The commands that accounts in Redis need: each touches one key, has a deadline, and fails in words. */
import { codes, HoldfastError } from "../errors/index.js";
import { checkClient, defineScript, type GuardedClient, guardClient, runScript, type Script } from "../redis/index.js";
import * as source from "./scripts/embedded.js";

/** The commands that are sent. Clients, pools, clusters and sentinels of the `redis` package have them all. */
export interface AccountsClient {
  get(key: string): Promise<unknown>;
  set(key: string, value: string, options: { condition: "NX" }): Promise<unknown>;
  hGetAll(key: string): Promise<unknown>;
  exists(key: string): Promise<unknown>;
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

export const beginAccount = defineScript(source.beginAccountSource);
export const finishAccount = defineScript(source.finishAccountSource);
export const replaceClaim = defineScript(source.replaceClaimSource);
export const changePassword = defineScript(source.changePasswordSource);
export const setDisabled = defineScript(source.setDisabledSource);
export const removeAccount = defineScript(source.removeAccountSource);

export class AccountCommands {
  readonly #redis: GuardedClient;
  readonly #client: AccountsClient;

  /** @throws HoldfastError `HOLDFAST_CLIENT_INVALID` */
  constructor(client: unknown, commandTimeout?: number) {
    checkClient(client);
    this.#redis = guardClient(client, { commandTimeout });
    this.#client = this.#redis.client as unknown as AccountsClient;
  }

  async get(key: string): Promise<string | undefined> {
    const value = await inWords(this.#redis.get(key));
    return typeof value === "string" ? value : undefined;
  }

  /** False: the key is there already. */
  async setIfNone(key: string, value: string): Promise<boolean> {
    const set = () => this.#client.set(key, value, { condition: "NX" });
    return (await inWords(this.#redis.run(key, set))) !== null;
  }

  async fields(key: string): Promise<Record<string, string | undefined>> {
    return (await inWords(this.#redis.hGetAll(key))) as Record<string, string | undefined>;
  }

  async exists(key: string): Promise<boolean> {
    return Number(await inWords(this.#redis.run(key, () => this.#client.exists(key)))) === 1;
  }

  run(script: Script, key: string, ...args: string[]): Promise<unknown> {
    return inWords(runScript(this.#redis, script, [key], args));
  }

  /** For the scripts that answer 1 or 0. */
  async isDone(script: Script, key: string, ...args: string[]): Promise<boolean> {
    return Number(await this.run(script, key, ...args)) === 1;
  }
}

async function inWords(sent: Promise<unknown>): Promise<unknown> {
  try {
    return await sent;
  } catch (cause) {
    if (cause instanceof HoldfastError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HoldfastError(
      codes.STORE_UNAVAILABLE,
      `Redis, which keeps the accounts, failed: ${reason}. Try again in a moment; if it lasts, look at the Redis server.`,
      { cause, status: 503, headers: { "Retry-After": "1" } },
    );
  }
}
