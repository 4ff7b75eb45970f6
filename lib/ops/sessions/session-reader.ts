/**
 * Reads many sessions at the pace of whoever takes them. Only a few small groups are in flight, so that memory is
 * bounded, and other clients of Redis get their turn.
 */
import { repositoryOf, type RedisSessionStore } from "../../express-session/index.js";
import {
  checkClient,
  defineScript,
  describeCommandFailure,
  guardClient,
  runScript,
  scanKeys,
} from "../../redis/index.js";
import type { GuardedClient } from "../../redis/index.js";
import { fieldsOfReply, type Packing, type SessionKeys } from "../../repository/index.js";
import type { Stored } from "../../session/index.js";
import { countSessionsSource, lookAtSessionsSource } from "./scripts/embedded.js";

/** Each is: its number among the keys, milliseconds to live, bytes, and its value. */
type Look = [number: number, milliseconds: number, bytes: number, value: unknown];
const lookScript = defineScript<Look[]>(lookAtSessionsSource);
const countScript = defineScript<number>(countSessionsSource);

/** Keys for each SCAN. */
const scanned = 500;
/** Keys of one script, which blocks the server for well under a millisecond. */
const groupSize = 50;
/** Groups in flight. */
const mostGroups = 4;
/** Bytes of values in one reply; larger sessions are read one by one. */
const replySize = 256 * 1024;
/** Keys that are remembered, so that none is listed twice. */
const remembered = 5000;

/** A session as it was found. */
export interface Found {
  readonly sid: string;
  /** Milliseconds to live; undefined without an expiry. */
  readonly milliseconds: number | undefined;
  /** Bytes of its text, or of its field names and values, as Redis holds them. */
  readonly bytes: number;
  readonly stored: Stored;
}

export interface ReadOptions {
  /** The top-level keys that are needed, where a session is a hash. Default: all. */
  fields?: readonly string[] | undefined;
  /** Only sessions that contain this text. */
  contains?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Called with the number of keys under which there was nothing any more, or a tombstone; not with `contains`. */
  onVanished?: ((keys: number) => void) | undefined;
}

type LookOptions = Omit<ReadOptions, "signal">;

export class SessionReader {
  readonly #client: GuardedClient;
  readonly #prefix: string;
  readonly #packing: Packing;
  readonly #keys: SessionKeys;

  constructor(store: RedisSessionStore) {
    const { client, prefix } = store;
    const given: unknown = client;
    checkClient(given);
    this.#client = guardClient(given);
    this.#prefix = prefix;
    const { keys, packing } = repositoryOf(store);
    this.#keys = keys;
    this.#packing = packing.forMany();
  }

  /** Ids of sessions, of tombstones, and of other things under the prefix. */
  async *ids(signal?: AbortSignal): AsyncGenerator<string[]> {
    for await (const keys of this.#scan(signal)) yield keys.map((key) => key.slice(this.#prefix.length));
  }

  /** All strings and hashes under the prefix; what they hold has not been parsed. */
  async *read({ signal, ...options }: ReadOptions = {}): AsyncGenerator<Found[]> {
    const looking: Promise<Found[]>[] = [];
    for await (const keys of this.#scan(signal)) {
      for (let i = 0; i < keys.length && !signal?.aborted; i += groupSize) {
        const group = this.#look(keys.slice(i, i + groupSize), options);
        group.catch(() => {}); // reported where it is awaited
        looking.push(group);
        if (looking.length >= mostGroups) yield await looking.shift()!;
      }
    }
    for (const group of looking) if (!signal?.aborted) yield await group;
  }

  /** One session, whole. `mayMove`: it may be under its other key, if the id is known. */
  async readOne(sid: string, mayMove = false): Promise<Found | undefined> {
    const [found] = await this.#look(mayMove ? this.#keys.placesOf(sid) : [this.#prefix + sid], {});
    return found && { ...found, sid };
  }

  /** Removes it from where it may be; false if it was nowhere: of a hash, nobody knows under which id it is by now. */
  async remove(sid: string): Promise<boolean> {
    const removed = await this.#client.unlink(this.#keys.placesOf(sid)).catch((error: unknown) => {
      throw describeCommandFailure(error, "destroyed");
    });
    return Number(removed) > 0;
  }

  async count(signal?: AbortSignal): Promise<number> {
    let count = 0;
    for await (const keys of this.#scan(signal)) {
      for (let i = 0; i < keys.length && !signal?.aborted; i += 2 * groupSize) {
        const counts = await this.#run(countScript, keys.slice(i, i + 2 * groupSize), []);
        for (const one of counts) count += one;
      }
    }
    return count;
  }

  #scan(signal: AbortSignal | undefined): AsyncGenerator<string[]> {
    return scanKeys(this.#client, this.#prefix, scanned, { remembered, signal });
  }

  async #look(keys: string[], { contains = "", fields = [], onVanished }: LookOptions): Promise<Found[]> {
    const found: Found[] = [];
    const groups = this.#groupsOf(keys);
    const replies = await this.#run(lookScript, keys, [String(replySize), contains, ...fields]);
    for (const [g, looks] of replies.entries()) {
      for (const [number, milliseconds, bytes, value] of looks) {
        const key = groups[g]![number - 1]!;
        if (value !== null) found.push(this.#foundAt(key, milliseconds, bytes, value));
        else found.push(...(await this.#lookAtLarge(key, [contains, ...fields])));
      }
    }
    if (contains === "" && found.length < keys.length) onVanished?.(keys.length - found.length);
    return found;
  }

  async #lookAtLarge(key: string, args: string[]): Promise<Found[]> {
    const [[look] = []] = await this.#run(lookScript, [key], [String(Number.MAX_SAFE_INTEGER), ...args]);
    return look?.[3] == null ? [] : [this.#foundAt(key, look[1], look[2], look[3])];
  }

  #foundAt(key: string, milliseconds: number, bytes: number, value: unknown): Found {
    return {
      sid: key.slice(this.#prefix.length),
      milliseconds: milliseconds < 0 ? undefined : milliseconds,
      bytes,
      stored: this.#storedIn(value, key),
    };
  }

  #storedIn(value: unknown, key: string): Stored {
    return Array.isArray(value)
      ? this.#packing.readFields(fieldsOfReply(value), key)
      : this.#packing.readText(String(value), key);
  }

  /** Each reply belongs to one of `#groupsOf(keys)`. */
  #run<Reply>(script: ReturnType<typeof defineScript<Reply>>, keys: string[], args: string[]): Promise<Reply[]> {
    const replies = this.#groupsOf(keys).map((group) => runScript(this.#client, script, group, args));
    return Promise.all(replies).catch((error: unknown) => {
      throw describeCommandFailure(error, "read");
    });
  }

  /** On a cluster, the keys of a script must be in one slot. */
  #groupsOf(keys: string[]): string[][] {
    return this.#client.kind === "cluster" ? keys.map((key) => [key]) : [keys];
  }
}
