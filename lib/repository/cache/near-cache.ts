/**
 * Sessions in this process's memory, until Redis announces a change. Pure: it has no connection.
 *
 * Answers arrive on one connection and announcements on another, so an announcement may overtake the answer that it
 * makes stale. Therefore each command is noted when it is sent; if its key is announced before the answer arrives, the
 * answer is not kept.
 */
import { sizeOf } from "../saving/last-written.js";
import type { Stored } from "../../session/index.js";

export interface NearCacheOptions {
  /** Maximum number of sessions; the least recently used go first. @default 10000 */
  maxEntries?: number | undefined;
  /**
   * Maximum total characters of all sessions; a session larger than a fiftieth of that is not kept.
   *
   * @default 16000000
   */
  maxCharacters?: number | undefined;
  /** Seconds after which a session is read again, even if no change was announced. @default 10 */
  ttl?: number | undefined;
}

interface Entry {
  readonly stored: Stored;
  /** Milliseconds on a monotonic clock. */
  readonly until: number;
  readonly size: number;
}

/** A command that is under way. */
export interface Ticket {
  readonly key: string;
  isClean: boolean;
}

/** What a near cache needs to know and tells. */
export interface NearCacheHooks {
  /** Called with each key that this process changes through this cache. */
  changed(key: string): void;
  /** Whether all servers announce their changes at this moment. Asked once for each command, when it is answered. */
  isComplete(): boolean;
}

const noHooks: NearCacheHooks = { changed: () => {}, isComplete: () => true };

export class NearCache {
  readonly #maxEntries: number;
  readonly #maxCharacters: number;
  readonly #lifetime: number;
  readonly #hooks: NearCacheHooks;
  readonly #entries = new Map<string, Entry>();
  readonly #inFlight = new Map<string, Set<Ticket>>();
  #characters = 0;
  #isOn = false;

  constructor({ maxEntries, maxCharacters, ttl }: NearCacheOptions, hooks = noHooks) {
    this.#maxEntries = maxEntries ?? 10_000;
    this.#maxCharacters = maxCharacters ?? 16_000_000;
    this.#lifetime = (ttl ?? 10) * 1000;
    this.#hooks = hooks;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Of all entries. */
  get characters(): number {
    return this.#characters;
  }

  /** How long an entry is kept, in milliseconds. */
  get lifetime(): number {
    return this.#lifetime;
  }

  get(key: string, now = performance.now()): Stored | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.until <= now) {
      this.#remove(key);
      return undefined;
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry); // to the end of the map: most recently used
    return entry.stored;
  }

  /** Drops entries that are too old, including those of visitors who never return. */
  sweep(now = performance.now()): void {
    for (const [key, { until }] of this.#entries) if (until <= now) this.#remove(key);
  }

  #keep(key: string, stored: Stored, now: number): void {
    this.#remove(key);
    const size = sizeOf(stored);
    if (size > this.#maxCharacters / 50) return;
    this.#entries.set(key, { stored, until: now + this.#lifetime, size });
    this.#characters += size;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#characters <= this.#maxCharacters) return;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#characters -= entry.size;
  }

  /** Whether exactly this is cached, so no change to it was announced. */
  isCurrent(key: string, stored: Stored): boolean {
    return this.#entries.get(key)?.stored === stored;
  }

  /** A command that reads or writes `key` is being sent. */
  begin(key: string): Ticket {
    const ticket = { key, isClean: this.#isOn };
    const others = this.#inFlight.get(key);
    if (others) others.add(ticket);
    else this.#inFlight.set(key, new Set([ticket]));
    return ticket;
  }

  /**
   * Its answer has arrived: `stored` is kept, unless the key was announced meanwhile, or a server answered that does not
   * announce yet.
   */
  end(ticket: Ticket, stored: Stored | undefined, now = performance.now()): void {
    const isComplete = this.#hooks.isComplete(); // in any case: new servers are noticed by it
    const others = this.#inFlight.get(ticket.key);
    others?.delete(ticket);
    if (others?.size === 0) this.#inFlight.delete(ticket.key);
    if (isComplete && ticket.isClean && stored) this.#keep(ticket.key, stored, now);
  }

  /** Redis announced a change to the key. */
  drop(key: string): void {
    this.#remove(key);
    for (const ticket of this.#inFlight.get(key) ?? []) ticket.isClean = false;
  }

  /** This process changes the key, or has changed it, which Redis does not announce to it. */
  changed(key: string): void {
    this.drop(key);
    this.#hooks.changed(key);
  }

  /** Redis announced a change to all keys, as after FLUSHALL. */
  clear(): void {
    this.#entries.clear();
    this.#characters = 0;
    for (const tickets of this.#inFlight.values()) for (const ticket of tickets) ticket.isClean = false;
  }

  /** Announcements are lost from now on: nothing cached or under way can be relied on. */
  turnOff(): void {
    this.#isOn = false;
    this.clear();
  }

  /** Announcements arrive again; answers to commands sent from now on can be kept. */
  turnOn(): void {
    this.#isOn = true;
  }
}
