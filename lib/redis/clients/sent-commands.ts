/** The commands as words, for a library that can send any command. */
import type { RedisCommands, ScanStep, ScriptInput, SetOptions } from "../commands.js";
import { fieldList, fieldsIn } from "./field-list.js";

/** Sends a command to the server that holds `key`. The reply is as in RESP2: texts, numbers, lists and `null`. */
export type Send = (key: string, args: string[]) => Promise<unknown>;

export class SentCommands implements RedisCommands {
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  get(key: string): Promise<unknown> {
    return this.#send(key, ["GET", key]);
  }

  set(key: string, value: string, { condition, expiration }: SetOptions = {}): Promise<unknown> {
    const args = ["SET", key, value];
    if (expiration) args.push("EX", String(expiration.value));
    if (condition) args.push(condition);
    return this.#send(key, args);
  }

  expire(key: string, seconds: number): Promise<unknown> {
    return this.#send(key, ["EXPIRE", key, String(seconds)]);
  }

  unlink(keys: string | string[]): Promise<unknown> {
    const list = [keys].flat();
    return this.#send(list[0] ?? "", ["UNLINK", ...list]);
  }

  exists(key: string): Promise<unknown> {
    return this.#send(key, ["EXISTS", key]);
  }

  mGet(keys: string[]): Promise<unknown> {
    return this.#send(keys[0] ?? "", ["MGET", ...keys]);
  }

  ttl(key: string): Promise<unknown> {
    return this.#send(key, ["TTL", key]);
  }

  strLen(key: string): Promise<unknown> {
    return this.#send(key, ["STRLEN", key]);
  }

  hGetAll(key: string): Promise<Record<string, string>> {
    return this.fields(key).then(fieldsIn);
  }

  /** HGETALL as a list: name, value, name, value, ... */
  fields(key: string): Promise<unknown[]> {
    return this.#send(key, ["HGETALL", key]).then(fieldList);
  }

  hmGet(key: string, fields: string[]): Promise<unknown[]> {
    return this.#send(key, ["HMGET", key, ...fields]).then(listIn);
  }

  hStrLen(key: string, field: string): Promise<unknown> {
    return this.#send(key, ["HSTRLEN", key, field]);
  }

  hSet(key: string, field: string, value: string): Promise<unknown> {
    return this.#send(key, ["HSET", key, field, value]);
  }

  hDel(key: string, field: string): Promise<unknown> {
    return this.#send(key, ["HDEL", key, field]);
  }

  hIncrBy(key: string, field: string, by: number): Promise<unknown> {
    return this.#send(key, ["HINCRBY", key, field, String(by)]);
  }

  sAdd(key: string, member: string): Promise<unknown> {
    return this.#send(key, ["SADD", key, member]);
  }

  sRem(key: string, members: string | string[]): Promise<unknown> {
    return this.#send(key, ["SREM", key, ...[members].flat()]);
  }

  sCard(key: string): Promise<unknown> {
    return this.#send(key, ["SCARD", key]);
  }

  sIsMember(key: string, member: string): Promise<unknown> {
    return this.#send(key, ["SISMEMBER", key, member]);
  }

  sMembers(key: string): Promise<string[]> {
    return this.#send(key, ["SMEMBERS", key]).then((reply) => listIn(reply).map(String));
  }

  zRange(key: string, from: number, to: number): Promise<unknown> {
    return this.#send(key, ["ZRANGE", key, String(from), String(to)]);
  }

  evalSha(sha1: string, { arguments: args, keys }: ScriptInput): Promise<unknown> {
    return this.#send(keys[0] ?? "", ["EVALSHA", sha1, String(keys.length), ...keys, ...args]);
  }

  eval(script: string, { arguments: args, keys }: ScriptInput): Promise<unknown> {
    return this.#send(keys[0] ?? "", ["EVAL", script, String(keys.length), ...keys, ...args]);
  }

  ping(): Promise<unknown> {
    return this.#send("", ["PING"]);
  }
}

/** The reply to SCAN. */
export function scanStepIn(reply: unknown): ScanStep {
  const [cursor, keys] = listIn(reply);
  return { cursor, keys: listIn(keys) };
}

function listIn(reply: unknown): unknown[] {
  return Array.isArray(reply) ? reply : [];
}
