/**
 * Every command that this package sends, under the names and with the arguments that node-redis 5 gives them. What
 * differs elsewhere is translated in `clients/`.
 *
 * Replies are `unknown` where they are checked, because servers and client libraries differ.
 */

/**
 * The app's own client: of `redis` (client, pool, cluster or sentinel), ioredis or iovalkey (client, cluster), or
 * `@valkey/valkey-glide` (client, cluster client). Recognized by its shape; the types of these libraries have nothing in
 * common.
 */
export type RedisClient = object;

/** Runs scripts. */
export interface ScriptRunner {
  /** Runs a script that the server has cached. */
  evalSha(sha1: string, options: ScriptInput): Promise<unknown>;
  /** Runs a script; the server caches it. */
  eval(script: string, options: ScriptInput): Promise<unknown>;
}

export interface ScriptInput {
  keys: string[];
  arguments: string[];
}

export interface RedisCommands extends ScriptRunner {
  /** The text of a string; `null` if there is none. */
  get(key: string): Promise<unknown>;
  /** Writes a string; returns `null` if `condition` prevented it. */
  set(key: string, value: string, options?: SetOptions): Promise<unknown>;
  /** Sets the time to live of a key, in seconds. */
  expire(key: string, seconds: number): Promise<unknown>;
  /** Removes keys of any type. On a cluster, all keys must be in one slot. */
  unlink(keys: string | string[]): Promise<unknown>;
  /** 1 if the key exists. */
  exists(key: string): Promise<unknown>;
  /** The texts of several strings, `null` where there is none. On a cluster, all keys must be in one slot. */
  mGet(keys: string[]): Promise<unknown>;
  /** The time to live of a key in seconds; -1 if it does not expire, -2 if it does not exist. */
  ttl(key: string): Promise<unknown>;
  /** The length of a string in bytes. */
  strLen(key: string): Promise<unknown>;

  /** All fields of a hash. */
  hGetAll(key: string): Promise<Record<string, string>>;
  /** The given fields of a hash, in the same order. */
  hmGet(key: string, fields: string[]): Promise<unknown[]>;
  /** The length of a field of a hash in bytes. */
  hStrLen(key: string, field: string): Promise<unknown>;
  /** Writes one field of a hash. */
  hSet(key: string, field: string, value: string): Promise<unknown>;
  /** Removes one field of a hash. */
  hDel(key: string, field: string): Promise<unknown>;
  /** Adds to a number in a field of a hash. */
  hIncrBy(key: string, field: string, by: number): Promise<unknown>;

  /** Adds a member to a set. */
  sAdd(key: string, member: string): Promise<unknown>;
  /** Removes members from a set. */
  sRem(key: string, members: string | string[]): Promise<unknown>;
  /** The number of members of a set. */
  sCard(key: string): Promise<unknown>;
  /** 1 if it is a member of the set. */
  sIsMember(key: string, member: string): Promise<unknown>;
  /** All members of a set. */
  sMembers(key: string): Promise<string[]>;

  /** Some members of a sorted set, by their rank. */
  zRange(key: string, from: number, to: number): Promise<unknown>;

  /** Any reply shows that the server responds. */
  ping(): Promise<unknown>;
}

export interface SetOptions {
  /** `value` is in seconds. */
  expiration?: { type: "EX"; value: number };
  /** Write only if the key does not exist. */
  condition?: "NX";
}

/** One step of an iteration over the keys of one server. */
export interface ScanStep {
  /** `"0"` once the iteration is complete. */
  readonly cursor: unknown;
  readonly keys: readonly unknown[];
}

export interface ScanStepOptions {
  MATCH: string;
  COUNT: number;
}
