/** Importing sessions from another store and destroying them for good: what a move does in Redis besides saving. */
import type { SessionData } from "express-session";
import { defineScript } from "../redis/index.js";
import type { Lifetime } from "../session/index.js";
import { ImportWriter } from "./import-writer.js";
import type { Committer } from "./saving/committer.js";
import { overwriteSource } from "./scripts/embedded.js";
import { textBy, type Serializer } from "./serializer.js";
import type { Packing } from "./packing.js";
import type { SessionCommands } from "./session-commands.js";
import type { TrackedCache } from "./cache/tracked-cache.js";
import type { PendingWrites } from "./pending-writes.js";

const overwriteScript = defineScript<"put" | "dead">(overwriteSource);

/** How a whole session is written, regardless of who wrote it before. */
export interface PutOptions {
  /** Write it only if nothing is stored. */
  onlyIfAbsent: boolean;
  /** Time to live in seconds. Default: as for a save. */
  seconds?: number | undefined;
}

/** A session that is copied as it is. */
export interface ImportedSession {
  readonly sid: string;
  /** The session as JSON. */
  readonly text: string;
  /** Time to live in seconds, more than 0. */
  readonly seconds: number;
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
  readonly #writer: ImportWriter;

  constructor(parts: TransferParts) {
    this.#parts = parts;
    this.#writer = new ImportWriter(parts.commands, parts.keyOf);
  }

  /** Writes a whole session. A session with a tombstone stays destroyed. */
  async put(sid: string, data: SessionData, options: PutOptions): Promise<"put" | "there" | "dead"> {
    const { cache, commands, committer, keyOf, lifetime, serializer, packing, pendingWrites } = this.#parts;
    const { onlyIfAbsent, seconds = lifetime.seconds(data) } = options;
    if (seconds <= 0) return "dead";
    const key = keyOf(sid);
    cache?.changed(key);
    const whole = packing.writtenText(textBy(serializer, data), key);
    const expiry = lifetime.expiry(seconds);
    if (onlyIfAbsent) {
      if (await pendingWrites.add(commands.writeIfAbsent(key, whole, expiry))) return "put";
      return (await this.presenceOf(sid)) === "dead" ? "dead" : "there";
    }
    committer.forget(sid);
    return pendingWrites.add(commands.runOnAnyType(overwriteScript, key, [whole, String(expiry)]));
  }

  /** Writes those sessions under whose ids nothing is stored, not even a tombstone. Returns how many it has written. */
  async putMissing(sessions: readonly ImportedSession[]): Promise<number> {
    const { cache, keyOf, lifetime, packing, pendingWrites, serializer } = this.#parts;
    const entries = sessions.map(({ sid, text, seconds }) => {
      const key = keyOf(sid);
      cache?.changed(key);
      const own = serializer === JSON ? text : textBy(serializer, JSON.parse(text));
      return { key, text: packing.writtenText(own, key), expiry: lifetime.expiry(seconds) };
    });
    const written = await pendingWrites.add(this.#writer.writeMissing(entries));
    return written.filter(Boolean).length;
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
    return commands.presence(keyOf(sid));
  }

  /** The remaining lifetime in seconds; without an expiry, the lifetime that a save would set. */
  async secondsLeft(sid: string): Promise<number> {
    const { commands, keyOf, ttl } = this.#parts;
    const left = await commands.secondsLeft(keyOf(sid));
    return left > 0 ? left : typeof ttl === "number" ? ttl : 0;
  }
}
