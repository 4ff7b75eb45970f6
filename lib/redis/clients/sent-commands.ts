/** The commands as words, for a library that can send any command. */
import type { RedisCommands, ScanStep, ScriptInput, SetOptions } from "../commands.js";
import { fieldList, fieldsIn } from "./field-list.js";

/** Sends a command to the server that holds `key`. The reply is as in RESP2: texts, numbers, lists and `null`. */
export type Send = (key: string, args: string[]) => Promise<unknown>;

export class SentCommands implements RedisCommands {
  readonly #send: Send;
  readonly #prefix: string;

  /** @param prefix what has to be put in front of keys, because the library does not with commands that are words */
  constructor(send: Send, prefix = "") {
    this.#send = send;
    this.#prefix = prefix;
  }

  get(key: string): Promise<unknown> {
    return this.#on(key, "GET");
  }

  set(key: string, value: string, { condition, expiration }: SetOptions = {}): Promise<unknown> {
    const args = [value];
    if (expiration) args.push("EX", String(expiration.value));
    if (condition) args.push(condition);
    return this.#on(key, "SET", ...args);
  }

  expire(key: string, seconds: number): Promise<unknown> {
    return this.#on(key, "EXPIRE", String(seconds));
  }

  unlink(keys: string | string[]): Promise<unknown> {
    return this.#on(keys, "UNLINK");
  }

  exists(key: string): Promise<unknown> {
    return this.#on(key, "EXISTS");
  }

  mGet(keys: string[]): Promise<unknown> {
    return this.#on(keys, "MGET");
  }

  ttl(key: string): Promise<unknown> {
    return this.#on(key, "TTL");
  }

  strLen(key: string): Promise<unknown> {
    return this.#on(key, "STRLEN");
  }

  hGetAll(key: string): Promise<Record<string, string>> {
    return this.fields(key).then(fieldsIn);
  }

  /** HGETALL as a list: name, value, name, value, ... */
  fields(key: string): Promise<unknown[]> {
    return this.#on(key, "HGETALL").then(fieldList);
  }

  hmGet(key: string, fields: string[]): Promise<unknown[]> {
    return this.#on(key, "HMGET", ...fields).then(listIn);
  }

  hStrLen(key: string, field: string): Promise<unknown> {
    return this.#on(key, "HSTRLEN", field);
  }

  hSet(key: string, field: string, value: string): Promise<unknown> {
    return this.#on(key, "HSET", field, value);
  }

  hDel(key: string, field: string): Promise<unknown> {
    return this.#on(key, "HDEL", field);
  }

  hIncrBy(key: string, field: string, by: number): Promise<unknown> {
    return this.#on(key, "HINCRBY", field, String(by));
  }

  sAdd(key: string, member: string): Promise<unknown> {
    return this.#on(key, "SADD", member);
  }

  sRem(key: string, members: string | string[]): Promise<unknown> {
    return this.#on(key, "SREM", ...[members].flat());
  }

  sCard(key: string): Promise<unknown> {
    return this.#on(key, "SCARD");
  }

  sIsMember(key: string, member: string): Promise<unknown> {
    return this.#on(key, "SISMEMBER", member);
  }

  sMembers(key: string): Promise<string[]> {
    return this.#on(key, "SMEMBERS").then((reply) => listIn(reply).map(String));
  }

  zRange(key: string, from: number, to: number): Promise<unknown> {
    return this.#on(key, "ZRANGE", String(from), String(to));
  }

  evalSha(sha1: string, input: ScriptInput): Promise<unknown> {
    return this.#run("EVALSHA", sha1, input);
  }

  eval(script: string, input: ScriptInput): Promise<unknown> {
    return this.#run("EVAL", script, input);
  }

  ping(): Promise<unknown> {
    return this.#send("", ["PING"]);
  }

  /** A command whose keys come first. */
  #on(keys: string | string[], name: string, ...args: string[]): Promise<unknown> {
    const list = this.#withPrefix(keys);
    return this.#send(list[0] ?? "", [name, ...list, ...args]);
  }

  #run(name: string, script: string, { arguments: args, keys }: ScriptInput): Promise<unknown> {
    const list = this.#withPrefix(keys);
    return this.#send(list[0] ?? "", [name, script, String(keys.length), ...list, ...args]);
  }

  #withPrefix(keys: string | string[]): string[] {
    if (typeof keys === "string") return [this.#prefix + keys];
    return keys.map((key) => this.#prefix + key);
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
