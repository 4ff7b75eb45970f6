/** The commands that both layouts share, with failures in words. */
import { codes, HoldfastError } from "../errors/index.js";
import { describeCommandFailure, type GuardedClient, runScript, type Script } from "../redis/index.js";
import type { Fields, Stored } from "./layout.js";
import type { Durability } from "./store-options.js";

/** Stands for a value that is neither a string nor a hash; as text that is not JSON, it counts as unreadable. */
const notASession: Stored = { form: "json", text: "(neither a string nor a hash)" };

/**
 * What bytes that are not UTF-8 come as; they would never again compare equal to what is stored. Where this character
 * appears, the lengths tell whether it is meant.
 */
const substitute = "\uFFFD";

export class SessionCommands {
  readonly #client: GuardedClient;

  readonly #durability: Durability | undefined;

  constructor(client: GuardedClient, durability?: Durability) {
    this.#client = client;
    this.#durability = durability;
  }

  /** One GET; for a HASH, which the other layout wrote, one more command. */
  async readText(key: string): Promise<Stored | undefined> {
    try {
      const value = await this.#client.get(key);
      if (!value) return undefined;
      const text = String(value);
      const isFaithful = !text.includes(substitute) || (await this.#hasLengthOf(text, key));
      return isFaithful ? { form: "json", text } : notASession;
    } catch (error) {
      if (isWrongType(error)) return this.readFields(key, true);
      throw describeCommandFailure(error, "read");
    }
  }

  /** One HGETALL; for a string, which the other layout wrote (or a tombstone), one more command. */
  async readFields(key: string, isSecondTry = false): Promise<Stored | undefined> {
    try {
      const fields = (await this.#client.hGetAll(key)) as Fields;
      let isEmpty = true;
      for (const name in fields) {
        isEmpty = false;
        const text = fields[name]!;
        const isSuspect = text.includes(substitute) || name.includes(substitute);
        if (isSuspect && !(await this.#hasLengthOf(text, key, name))) return notASession;
      }
      return isEmpty ? undefined : { form: "hash", fields };
    } catch (error) {
      if (isWrongType(error)) return isSecondTry ? notASession : this.readText(key);
      throw describeCommandFailure(error, "read");
    }
  }

  async #hasLengthOf(text: string, key: string, field?: string): Promise<boolean> {
    return (await this.#client.byteLength(key, field)) === Buffer.byteLength(text);
  }

  /** Writes a text whole. `expiry` in seconds; 0 for no end. */
  async writeText(key: string, text: string, expiry: number): Promise<void> {
    const options = expiry === 0 ? undefined : { expiration: { type: "EX", value: expiry } as const };
    await this.#client.set(key, text, options).catch((error: unknown) => {
      throw describeCommandFailure(error, "saved");
    });
    await this.#replicated(key);
  }

  /** False where something is already, a tombstone as well; nothing was written then. */
  async writeIfAbsent(key: string, text: string, expiry: number): Promise<boolean> {
    const expiration = expiry === 0 ? {} : { expiration: { type: "EX", value: expiry } as const };
    const reply = await this.#client.set(key, text, { condition: "NX", ...expiration }).catch((error: unknown) => {
      throw describeCommandFailure(error, "saved");
    });
    if (reply !== null) await this.#replicated(key);
    return reply !== null;
  }

  /** Runs a script that saves; `undefined` if the key is of another type than it expects. */
  async run(script: Script, key: string, args: string[]): Promise<unknown> {
    try {
      const reply = await runScript(this.#client, script, [key], args);
      if (reply === 1) await this.#replicated(key);
      return reply;
    } catch (error) {
      if (isWrongType(error)) return undefined;
      throw describeCommandFailure(error, "saved");
    }
  }

  async refresh(key: string, seconds: number): Promise<void> {
    await this.#client.expire(key, seconds).catch((error: unknown) => {
      throw describeCommandFailure(error, "refreshed");
    });
  }

  async secondsLeft(key: string): Promise<number> {
    return Number(
      await this.#client.secondsLeft(key).catch((error: unknown) => {
        throw describeCommandFailure(error, "read");
      }),
    );
  }

  async remove(keys: string[]): Promise<void> {
    // One command a key: on a cluster the keys lie in different slots. Issued together, they share a round trip.
    await Promise.all(keys.map((key) => this.#client.unlink(key))).catch((error: unknown) => {
      throw describeCommandFailure(error, "destroyed");
    });
    for (const key of this.#durability ? keys : []) await this.#replicated(key);
  }

  /** What this connection has written so far is on as many replicas as the app asks for. */
  async #replicated(key: string): Promise<void> {
    if (!this.#durability) return;
    const { replicas, timeout = 100 } = this.#durability;
    const count = Number(await this.#client.wait(replicas, timeout, key));
    if (count >= replicas) return;
    throw new HoldfastError(
      codes.NOT_REPLICATED,
      `The session was written, but ${count} of ${replicas} replicas confirmed it within ${timeout} ms, so a failover could lose it. ` +
        "Look at the replicas (INFO replication), or ask for fewer in `durability`.",
      { status: 503, headers: { "Retry-After": "1" } },
    );
  }
}

function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.includes("WRONGTYPE");
}
