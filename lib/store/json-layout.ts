/** The layout `json`: a session is one string, as connect-redis writes it. The only file that sends its commands. */
import { describeCommandFailure, defineScript, runScript, type RedisClient } from "../redis/index.js";
import { replaceSource } from "./scripts/embedded.js";

const replaceScript = defineScript(replaceSource);

/** What a conditional write found. */
export type ReplaceResult = { outcome: "replaced" } | { outcome: "gone" } | { outcome: "moved"; stored: string };

export class JsonLayout {
  readonly #client: RedisClient;

  constructor(client: RedisClient) {
    this.#client = client;
  }

  /** The text of a session; `undefined` where there is none (a tombstone is none) or where the key is of another type. */
  async read(key: string): Promise<string | undefined> {
    try {
      const value = await this.#client.get(key);
      return value === null || value === undefined ? undefined : String(value) || undefined;
    } catch (error) {
      if (isWrongType(error)) return notASession;
      throw describeCommandFailure(error, "read");
    }
  }

  /** Writes a session whole, whatever is there. `ttl` in seconds; 0 for no end. */
  async write(key: string, text: string, ttl: number): Promise<void> {
    const expiry = ttl === 0 ? undefined : { expiration: { type: "EX", value: ttl } as const };
    await this.#client.set(key, text, expiry).catch((error: unknown) => {
      throw describeCommandFailure(error, "saved");
    });
  }

  /** Writes `text` if `expected` is still what is stored, in one atomic step. */
  async replace(key: string, expected: string, text: string, ttl: number): Promise<ReplaceResult> {
    const args = [expected, text, String(ttl)];
    const reply = await runScript(this.#client, replaceScript, [key], args).catch((error: unknown) => {
      if (isWrongType(error)) return 0;
      throw describeCommandFailure(error, "saved");
    });
    if (reply === 1) return { outcome: "replaced" };
    return reply === 0 ? { outcome: "gone" } : { outcome: "moved", stored: String(reply) };
  }

  async refresh(key: string, ttl: number): Promise<void> {
    await this.#client.expire(key, ttl).catch((error: unknown) => {
      throw describeCommandFailure(error, "refreshed");
    });
  }

  async remove(keys: string[]): Promise<void> {
    // One command a key: on a cluster the keys lie in different slots. Issued together, they share a round trip.
    await Promise.all(keys.map((key) => this.#client.unlink(key))).catch((error: unknown) => {
      throw describeCommandFailure(error, "destroyed");
    });
  }
}

/** Stands for a value that is not a string at all; like any text that is not JSON, it counts as unreadable. */
const notASession = "(not a string)";

function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.includes("WRONGTYPE");
}
