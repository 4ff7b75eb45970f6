/** The commands for accounts in Redis: each touches one key, has a deadline, and fails with a readable error. */
import { HoldfastError, redisUnavailable } from "../../errors/index.js";
import {
  checkClient,
  defineScript,
  type GuardedClient,
  guardClient,
  runScript,
  type Script,
} from "../../redis/index.js";
import * as source from "./scripts/embedded.js";

export const beginAccount = defineScript(source.beginAccountSource);
export const finishAccount = defineScript(source.finishAccountSource);
export const replaceClaim = defineScript(source.replaceClaimSource);
export const changePassword = defineScript(source.changePasswordSource);
export const setDisabled = defineScript(source.setDisabledSource);
export const removeAccount = defineScript<unknown[]>(source.removeAccountSource);

export class AccountCommands {
  readonly #redis: GuardedClient;

  /** @throws HoldfastError `HOLDFAST_CLIENT_INVALID` */
  constructor(client: unknown, commandTimeout?: number) {
    checkClient(client);
    this.#redis = guardClient(client, { commandTimeout });
  }

  async get(key: string): Promise<string | undefined> {
    const value = await withReadableFailure(this.#redis.get(key));
    return typeof value === "string" ? value : undefined;
  }

  /** Sets the key if it does not exist; false if it does. */
  async setIfNone(key: string, value: string): Promise<boolean> {
    return (await withReadableFailure(this.#redis.set(key, value, { condition: "NX" }))) !== null;
  }

  async fields(key: string): Promise<Record<string, string | undefined>> {
    return withReadableFailure(this.#redis.hGetAll(key));
  }

  async exists(key: string): Promise<boolean> {
    return Number(await withReadableFailure(this.#redis.send(key, (client) => client.exists(key)))) === 1;
  }

  run<Reply>(script: Script<Reply>, key: string, ...args: string[]): Promise<Reply> {
    return withReadableFailure(runScript(this.#redis, script, [key], args));
  }

  /** Runs a script that returns 1 (done) or 0; true if it was done. */
  async apply(script: Script, key: string, ...args: string[]): Promise<boolean> {
    return Number(await this.run(script, key, ...args)) === 1;
  }
}

async function withReadableFailure<T>(sent: Promise<T>): Promise<T> {
  try {
    return await sent;
  } catch (error) {
    const known = HoldfastError.is(error) ? error : undefined;
    const cause = known ? known.cause : error;
    if (cause === undefined) throw error; // there was no reply
    const text = cause instanceof Error ? cause.message : String(cause);
    const what = text.replace(/, with args beginning with: .*/s, ""); // of a name, an address or a password hash
    const reason = known?.reason ?? "other";
    throw redisUnavailable(`Redis, which stores the accounts, failed: ${what}.`, { cause, reason });
  }
}
