/** Writes many sessions that are copied from another store: with one script for all, where one server has all keys. */
import { randomUUID } from "node:crypto";
import { HoldfastError } from "../errors/index.js";
import type { Entry, SessionCommands } from "./session-commands.js";

/** If there are several servers, the chance that one of them has so many random keys is less than one in a million. */
const probes = 21;
/** Seconds until the probes expire, in case they cannot be removed. */
const probeLifetime = 60;

export class ImportWriter {
  readonly #commands: SessionCommands;
  readonly #keyOf: (sid: string) => string;
  #isOneServer: Promise<boolean> | undefined;

  constructor(commands: SessionCommands, keyOf: (sid: string) => string) {
    this.#commands = commands;
    this.#keyOf = keyOf;
  }

  /** Writes those under whose keys nothing is stored; returns for each whether it was written. */
  async writeMissing(entries: readonly Entry[]): Promise<boolean[]> {
    if (await this.#hasOneServer()) return this.#commands.writeMissing(entries);
    return Promise.all(entries.map(({ key, text, expiry }) => this.#commands.writeIfAbsent(key, text, expiry)));
  }

  async #hasOneServer(): Promise<boolean> {
    try {
      return await (this.#isOneServer ??= this.#probe());
    } catch (error) {
      this.#isOneServer = undefined;
      throw error;
    }
  }

  /**
   * A cluster refuses a script with keys of several slots. A proxy in front of several servers may send it to one of
   * them; then not all keys are where commands look for them.
   */
  async #probe(): Promise<boolean> {
    const run = randomUUID();
    const keys = Array.from({ length: probes }, (_, i) => this.#keyOf(`holdfast-probe-${i}-${run}`));
    try {
      // An empty text is a tombstone, so nobody takes it for a session.
      await this.#commands.writeMissing(keys.map((key) => ({ key, text: "", expiry: probeLifetime })));
      const found = await Promise.all(keys.map((key) => this.#commands.presence(key)));
      await this.#commands.remove(keys);
      return found.every((presence) => presence === "dead");
    } catch (error) {
      if (HoldfastError.is(error) && error.reason === "cluster") return false;
      throw error;
    }
  }
}
