/**
 * What a Redis has in its memory: texts and hashes by key, and when each ends. `Date` is its clock, so that the fake one
 * of a test counts too.
 */
import { EventEmitter } from "node:events";
import { realTime } from "../../errors/index.js";

/** The fields of a hash, in the order in which they were written. */
type Hash = Map<string, string>;

interface Entry {
  readonly value: string | Hash;
  /** Milliseconds since 1970; `Infinity` for never. */
  readonly end: number;
}

export class Keyspace {
  readonly #entries = new Map<string, Entry>();
  /** Messages by channel. */
  readonly #messages = new EventEmitter().setMaxListeners(0);

  has(key: string): boolean {
    return this.#entry(key) !== undefined;
  }

  /** @throws an error like that of Redis if the key holds a hash */
  text(key: string): string | undefined {
    const value = this.#entry(key)?.value;
    if (typeof value === "object") throw wrongType();
    return value;
  }

  /** As a tombstone is. */
  isEmptyText(key: string): boolean {
    return this.#entry(key)?.value === "";
  }

  /** As only a hash can. */
  lacksField(key: string, name: string): boolean {
    const value = this.#entry(key)?.value;
    return typeof value === "object" && !value.has(name);
  }

  /** @param seconds the time to live; 0 for none, "keep" for the one that the key has */
  setText(key: string, value: string, seconds: number | "keep" = 0): void {
    const end = seconds === "keep" ? (this.#entry(key)?.end ?? Infinity) : endIn(seconds);
    this.#entries.set(key, { value, end });
  }

  /** @throws an error like that of Redis if the key holds a text */
  hash(key: string): ReadonlyMap<string, string> | undefined {
    const value = this.#entry(key)?.value;
    if (typeof value === "string") throw wrongType();
    return value;
  }

  setFields(key: string, fields: Iterable<readonly [name: string, value: string]>): void {
    const hash = new Map(this.hash(key));
    for (const [name, value] of fields) hash.set(name, value);
    if (hash.size > 0) this.#entries.set(key, { value: hash, end: this.#entry(key)?.end ?? Infinity });
  }

  /** A hash without fields is no key. Returns how many there were. */
  removeFields(key: string, names: Iterable<string>): number {
    const hash = new Map(this.hash(key));
    let removed = 0;
    for (const name of names) if (hash.delete(name)) removed++;
    if (hash.size === 0) this.#entries.delete(key);
    else this.#entries.set(key, { value: hash, end: this.#entry(key)!.end });
    return removed;
  }

  remove(key: string): boolean {
    return this.has(key) && this.#entries.delete(key);
  }

  /** What is stored under the new key is lost. */
  rename(from: string, to: string): void {
    const entry = this.#entry(from);
    if (!entry) return;
    this.#entries.delete(from);
    this.#entries.set(to, entry);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** A time to live of 0 or less removes the key. Returns whether there was one. */
  expire(key: string, seconds: number): boolean {
    const entry = this.#entry(key);
    if (!entry) return false;
    if (seconds <= 0) return this.#entries.delete(key);
    this.#entries.set(key, { ...entry, end: endIn(seconds) });
    return true;
  }

  persist(key: string): void {
    const entry = this.#entry(key);
    if (entry) this.#entries.set(key, { ...entry, end: Infinity });
  }

  /** Milliseconds to live; -1 for a key that does not expire, -2 for none. */
  millisecondsLeft(key: string): number {
    const entry = this.#entry(key);
    if (!entry) return -2;
    return entry.end === Infinity ? -1 : entry.end - Date.now();
  }

  /** The same in seconds, rounded as Redis does. */
  secondsLeft(key: string): number {
    const left = this.millisecondsLeft(key);
    return left < 0 ? left : Math.round(left / 1000);
  }

  /** As in Redis, messages arrive after the command that sends them, and only where somebody listens by then. */
  publish(channel: string, message: string): void {
    for (const listener of this.#messages.listeners(channel)) {
      realTime.queueMicrotask(() => void listener(message));
    }
  }

  subscribe(channel: string, listener: (message: string) => void): void {
    this.#messages.on(channel, listener);
  }

  unsubscribe(channel: string, listener: (message: string) => void): void {
    this.#messages.off(channel, listener);
  }

  keys(): string[] {
    return [...this.#entries.keys()].filter((key) => this.has(key));
  }

  #entry(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (!entry || entry.end > Date.now()) return entry;
    this.#entries.delete(key);
    return undefined;
  }
}

function endIn(seconds: number): number {
  return seconds === 0 ? Infinity : Date.now() + seconds * 1000;
}

function wrongType(): Error {
  return new Error("WRONGTYPE Operation against a key holding the wrong kind of value");
}
