/** The commands that both layouts share, with readable errors. */
import { codes, unavailable, type HoldfastError } from "../errors/index.js";
import { defineScript, describeCommandFailure, type GuardedClient, runScript, type Script } from "../redis/index.js";
import { fieldsOfReply } from "./fields.js";
import type { Packing } from "./packing.js";
import { presenceSource, writeMissingSource } from "./scripts/embedded.js";
import { isPacked, type Stored } from "../session/index.js";

const presenceScript = defineScript<"lives" | "dead" | "none">(presenceSource);
const writeMissingScript = defineScript<number[]>(writeMissingSource);

export interface Durability {
  /** How many replicas must confirm. */
  replicas: number;
  /** Milliseconds to wait for them. Commands on this connection queue up meanwhile. @default 100 */
  timeout?: number | undefined;
}

/** What is written under a key. */
export interface Entry {
  readonly key: string;
  readonly text: string;
  /** In seconds; 0 for no expiry. */
  readonly expiry: number;
}

/** Stands for a value that is neither a string nor a hash; as text that is not JSON, it counts as unreadable. */
const notASession: Stored = { form: "json", text: "(neither a string nor a hash)" };

/**
 * Processes with different layouts may write a session in turns, so that it has become a hash, or a string again, between
 * two commands: that neither command fits says nothing until they have been tried more often.
 */
const mostTries = 9;

/**
 * Bytes that are not UTF-8 are decoded to this; they would never compare equal to what is stored. If this character
 * appears, the lengths tell whether it was stored as such.
 */
const substitute = "\uFFFD";

export class SessionCommands {
  readonly #client: GuardedClient;
  readonly #packing: Packing;
  readonly #durability: Durability | undefined;

  constructor(client: GuardedClient, packing: Packing, durability?: Durability) {
    this.#client = client;
    this.#packing = packing;
    this.#durability = durability;
  }

  /** One GET; for a HASH, which the other layout wrote, one more command. `tries`: how often its type was another one. */
  async readText(key: string, tries = 0): Promise<Stored | undefined> {
    try {
      const value = await this.#client.get(key);
      if (!value) return undefined;
      const text = String(value);
      const isFaithful = !text.includes(substitute) || (await this.#hasLengthOf(text, key));
      return isFaithful ? this.#packing.readText(text, key) : notASession;
    } catch (error) {
      if (isWrongType(error)) return tries === mostTries ? notASession : this.readFields(key, tries + 1);
      throw describeCommandFailure(error, "read");
    }
  }

  /** One HGETALL; for a string, which the other layout wrote (or a tombstone), one more command. */
  async readFields(key: string, tries = 0): Promise<Stored | undefined> {
    try {
      const reply = await this.#client.fieldsOf(key);
      if (reply.length === 0) return undefined;
      const fields = fieldsOfReply(reply);
      let hasPacked = false;
      for (const name in fields) {
        const text = fields[name]!;
        hasPacked ||= isPacked(text);
        const isSuspect = text.includes(substitute) || name.includes(substitute);
        if (isSuspect && !(await this.#hasLengthOf(text, key, name))) return notASession;
      }
      const isAsStored = !hasPacked && !this.#packing.isStrict;
      return isAsStored ? { form: "hash", fields } : this.#packing.readFields(fields, key);
    } catch (error) {
      if (isWrongType(error)) return tries === mostTries ? notASession : this.readText(key, tries + 1);
      throw describeCommandFailure(error, "read");
    }
  }

  async #hasLengthOf(text: string, key: string, field?: string): Promise<boolean> {
    return (await this.#client.byteLength(key, field)) === Buffer.byteLength(text);
  }

  /** Writes a whole text. `expiry` in seconds; 0 for no expiry. */
  async writeText(key: string, text: string, expiry: number): Promise<void> {
    const options = expiry === 0 ? undefined : { expiration: { type: "EX", value: expiry } as const };
    await this.#client.set(key, text, options).catch((error: unknown) => {
      throw describeCommandFailure(error, "saved");
    });
    if (this.#durability) await this.#waitForReplicas(key);
  }

  /** False if the key already exists, even as a tombstone; then nothing was written. */
  async writeIfAbsent(key: string, text: string, expiry: number): Promise<boolean> {
    const expiration = expiry === 0 ? {} : { expiration: { type: "EX", value: expiry } as const };
    const reply = await this.#client.set(key, text, { condition: "NX", ...expiration }).catch((error: unknown) => {
      throw describeCommandFailure(error, "saved");
    });
    if (reply !== null && this.#durability) await this.#waitForReplicas(key);
    return reply !== null;
  }

  /** The same for many keys with one script, which one server must have; returns for each whether it was written. */
  async writeMissing(entries: readonly Entry[]): Promise<boolean[]> {
    const keys = entries.map(({ key }) => key);
    const args = entries.flatMap(({ text, expiry }) => [text, String(expiry)]);
    const reply = await runScript(this.#client, writeMissingScript, keys, args).catch((error: unknown) => {
      throw describeCommandFailure(error, "saved");
    });
    const written = reply.map((one) => one === 1);
    if (written.includes(true)) await this.#waitForReplicas(keys[0]!);
    return written;
  }

  /**
   * Runs a script that saves, and returns 1 once it has; `undefined` if the key has a different type than it expects.
   *
   * @param other a second key, in the same slot
   */
  async run<Reply>(script: Script<Reply>, key: string, args: string[], other?: string): Promise<Reply | undefined> {
    let reply: Reply;
    try {
      reply = await runScript(this.#client, script, other === undefined ? [key] : [key, other], args);
    } catch (error) {
      if (isWrongType(error)) return undefined;
      throw describeCommandFailure(error, "saved");
    }
    if (reply === 1 && this.#durability) await this.#waitForReplicas(key);
    return reply;
  }

  /** Runs a script that takes a key of any type, and returns "put" if it has written. */
  async runOnAnyType<Reply extends string>(script: Script<Reply>, key: string, args: string[]): Promise<Reply> {
    const reply = await runScript(this.#client, script, [key], args).catch((error: unknown) => {
      throw describeCommandFailure(error, "saved");
    });
    if (reply === "put" && this.#durability) await this.#waitForReplicas(key);
    return reply;
  }

  /** Runs a script that takes several keys, which are in one slot. */
  async runOnKeys<Reply>(script: Script<Reply>, keys: string[], args: string[]): Promise<Reply> {
    return runScript(this.#client, script, keys, args).catch((error: unknown) => {
      throw describeCommandFailure(error, "read");
    });
  }

  /** Whether a session, a tombstone or nothing is stored under this key. */
  presence(key: string): Promise<"lives" | "dead" | "none"> {
    return this.runOnAnyType(presenceScript, key, []);
  }

  async refresh(key: string, seconds: number): Promise<void> {
    await this.#client.expire(key, seconds).catch((error: unknown) => {
      throw describeCommandFailure(error, "refreshed");
    });
  }

  async secondsLeft(key: string): Promise<number> {
    return Number(
      await this.#client
        .send(key, (client) => client.ttl(key))
        .catch((error: unknown) => {
          throw describeCommandFailure(error, "read");
        }),
    );
  }

  async remove(keys: string[]): Promise<void> {
    // One command per key: on a cluster the keys are in different slots. Issued together, they share a round trip.
    await Promise.all(keys.map((key) => this.#client.unlink(key))).catch((error: unknown) => {
      throw describeCommandFailure(error, "destroyed");
    });
    for (const key of this.#durability ? keys : []) await this.#waitForReplicas(key);
  }

  /** Removes keys that are in one slot, at one moment. */
  async removeTogether(keys: string[]): Promise<void> {
    await this.#client.unlink(keys).catch((error: unknown) => {
      throw describeCommandFailure(error, "destroyed");
    });
    if (this.#durability) await this.#waitForReplicas(keys[0]!);
  }

  /** Waits until what this connection has written is on as many replicas as the app asks for. */
  async #waitForReplicas(key: string): Promise<void> {
    if (!this.#durability) return;
    const { replicas, timeout = 100 } = this.#durability;
    const reply = await this.#client.wait(replicas, timeout, key).catch((error: unknown) => {
      throw notReplicated("it is not known whether a replica has it", describeCommandFailure(error, "confirmed"));
    });
    const count = Number(reply);
    if (count >= replicas) return;
    throw notReplicated(`${count} of ${replicas} replicas confirmed it within ${timeout} ms`);
  }
}

function notReplicated(why: string, cause?: HoldfastError): HoldfastError {
  const isForbidden = cause?.reason === "no-permission";
  const remedy = isForbidden
    ? "Let the Redis user send WAIT (`+wait`), which the option `durability` needs."
    : "Look at the replicas (INFO replication), or ask for fewer in `durability`.";
  return unavailable(
    codes.NOT_REPLICATED,
    `The session was written, but ${why}, so a failover could lose it. ${remedy}`,
    { reason: cause?.reason ?? "replicas", cause },
  );
}

function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.includes("WRONGTYPE");
}
