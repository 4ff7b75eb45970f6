/**
 * Sessions in this process' memory, for as long as Redis has not announced a change. Pure: it has no connection.
 *
 * Answers come on one connection and announcements on another, so an announcement may overtake the answer that it makes
 * old. Therefore each command is noted when it is sent; if its key is announced before the answer is here, the answer is
 * not kept.
 */
import type { Stored } from "./layout.js";

export interface NearCacheOptions {
  /** Sessions that are kept at most; the longest unused go first. Default 10,000. */
  maxEntries?: number;
  /** Seconds after which a session is read anew, whatever was announced. Default 10. */
  ttl?: number;
}

interface Entry {
  readonly stored: Stored;
  /** Milliseconds. */
  readonly until: number;
}

/** A command that is under way. */
export interface Ticket {
  readonly key: string;
  isClean: boolean;
}

export class NearCache {
  readonly #maxEntries: number;
  readonly #lifetime: number;
  readonly #entries = new Map<string, Entry>();
  readonly #underWay = new Map<string, Set<Ticket>>();
  #isOn = false;

  constructor({ maxEntries = 10_000, ttl = 10 }: NearCacheOptions) {
    this.#maxEntries = maxEntries;
    this.#lifetime = ttl * 1000;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string, now = Date.now()): Stored | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (entry.until <= now) return undefined;
    this.#entries.set(key, entry); // to the end of the map: used last
    return entry.stored;
  }

  /** Whether exactly this is kept, so that no change of it was announced. */
  isCurrent(key: string, stored: Stored): boolean {
    return this.#entries.get(key)?.stored === stored;
  }

  /** A command that reads or writes `key` is being sent. */
  begin(key: string): Ticket {
    const ticket = { key, isClean: this.#isOn };
    const others = this.#underWay.get(key);
    if (others) others.add(ticket);
    else this.#underWay.set(key, new Set([ticket]));
    return ticket;
  }

  /** Its answer is here: `stored` is kept, unless the key was announced meanwhile. */
  end(ticket: Ticket, stored: Stored | undefined, now = Date.now()): void {
    const others = this.#underWay.get(ticket.key);
    others?.delete(ticket);
    if (others?.size === 0) this.#underWay.delete(ticket.key);
    if (!ticket.isClean || !stored) return;
    this.#entries.delete(ticket.key);
    this.#entries.set(ticket.key, { stored, until: now + this.#lifetime });
    if (this.#entries.size > this.#maxEntries) this.#entries.delete(this.#entries.keys().next().value!);
  }

  /** Redis announced a change of the key, or this process changes it in a way that Redis does not announce to it. */
  drop(key: string): void {
    this.#entries.delete(key);
    for (const ticket of this.#underWay.get(key) ?? []) ticket.isClean = false;
  }

  /** Redis announced a change of all keys, as by FLUSHALL. */
  clear(): void {
    this.#entries.clear();
    for (const tickets of this.#underWay.values()) for (const ticket of tickets) ticket.isClean = false;
  }

  /** Announcements are lost from now on: nothing that is kept, or under way, can be relied on. */
  turnOff(): void {
    this.#isOn = false;
    this.clear();
  }

  /** Announcements arrive; what is sent from now on can be kept. */
  turnOn(): void {
    this.#isOn = true;
  }
}
