/** Importing sessions from another store and destroying them for good: what a move does in Redis besides saving. */
import type { SessionData } from "express-session";
import { defineScript } from "../redis/index.js";
import type { Lifetime } from "../session/index.js";
import type { Committer } from "./saving/committer.js";
import { overwriteSource, presenceSource } from "./scripts/embedded.js";
import { textBy, type Serializer } from "./serializer.js";
import type { Packing } from "./packing.js";
import type { SessionCommands } from "./session-commands.js";
import type { TrackedCache } from "./cache/tracked-cache.js";
import type { PendingWrites } from "./pending-writes.js";

const overwriteScript = defineScript<"put" | "dead">(overwriteSource);
const presenceScript = defineScript<"lives" | "dead" | "none">(presenceSource);

/** How a whole session is written, regardless of who wrote it before. */
export interface PutOptions {
  /** Write it only if nothing is stored. */
  onlyIfAbsent: boolean;
  /** Time to live in seconds. Default: as for a save. */
  seconds?: number | undefined;
  /** The session as JSON, if already known. */
  text?: string | undefined;
}

export interface TransferParts {
  readonly keyOf: (sid: string) => string;
  readonly serializer: Serializer;
  /** In seconds. */
  readonly ttl: number | ((session: SessionData) => number);
  readonly commands: SessionCommands;
  readonly packing: Packing;
  readonly lifetime: Lifetime;
  readonly committer: Committer;
  readonly cache: TrackedCache | undefined;
  readonly pendingWrites: PendingWrites;
}

export class SessionTransfer {
  readonly #parts: TransferParts;

  constructor(parts: TransferParts) {
    this.#parts = parts;
  }

  /** Writes a whole session. A session with a tombstone stays destroyed. */
  async put(sid: string, data: SessionData, options: PutOptions): Promise<"put" | "there" | "dead"> {
    const { cache, commands, committer, keyOf, lifetime, serializer, packing, pendingWrites } = this.#parts;
    const { onlyIfAbsent, seconds = lifetime.seconds(data), text } = options;
    if (seconds <= 0) return "dead";
    const key = keyOf(sid);
    cache?.changed(key);
    const plain = text !== undefined && serializer === JSON ? text : textBy(serializer, data);
    const whole = packing.writtenText(plain);
    const expiry = lifetime.expiry(seconds);
    if (onlyIfAbsent) {
      if (await pendingWrites.add(commands.writeIfAbsent(key, whole, expiry))) return "put";
      return (await this.presenceOf(sid)) === "dead" ? "dead" : "there";
    }
    committer.forget(sid);
    return pendingWrites.add(commands.runOnAnyType(overwriteScript, key, [whole, String(expiry)]));
  }

  /**
   * Destroys a session and leaves a tombstone for so long: an empty value, which connect-redis reads as "no session".
   */
  async bury(sid: string, seconds: number): Promise<void> {
    const { cache, commands, committer, keyOf, lifetime, pendingWrites } = this.#parts;
    lifetime.forget(sid);
    committer.forget(sid);
    const key = keyOf(sid);
    cache?.changed(key);
    await pendingWrites.add(commands.writeText(key, "", Math.max(1, Math.ceil(seconds))));
  }

  /** Whether a session, a tombstone or nothing is stored under this id. */
  async presenceOf(sid: string): Promise<"lives" | "dead" | "none"> {
    const { commands, keyOf } = this.#parts;
    return commands.runOnAnyType(presenceScript, keyOf(sid), []);
  }

  /** The remaining lifetime in seconds; without an expiry, the lifetime that a save would set. */
  async secondsLeft(sid: string): Promise<number> {
    const { commands, keyOf, ttl } = this.#parts;
    const left = await commands.secondsLeft(keyOf(sid));
    return left > 0 ? left : typeof ttl === "number" ? ttl : 0;
  }
}
