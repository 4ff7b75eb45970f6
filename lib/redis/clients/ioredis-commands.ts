/** The commands of ioredis and iovalkey. */
import type { RedisCommands, ScriptInput, SetOptions } from "../commands.js";
import { fieldList, fieldsIn } from "./field-list.js";
import type { IoredisCommandsOf } from "./ioredis-client.js";

export class IoredisCommands implements RedisCommands {
  readonly #client: IoredisCommandsOf;
  readonly #hasStringNumbers: boolean;

  /** @param hasStringNumbers whether numbers in replies are texts (`stringNumbers`) */
  constructor(client: IoredisCommandsOf, hasStringNumbers: boolean) {
    this.#client = client;
    this.#hasStringNumbers = hasStringNumbers;
  }

  get(key: string): Promise<unknown> {
    return this.#client.get(key);
  }

  set(key: string, value: string, { condition, expiration }: SetOptions = {}): Promise<unknown> {
    const expiry = expiration ? ["EX", String(expiration.value)] : [];
    return this.#client.set(key, value, ...expiry, ...(condition ? [condition] : []));
  }

  expire(key: string, seconds: number): Promise<unknown> {
    return this.#client.expire(key, seconds);
  }

  unlink(keys: string | string[]): Promise<unknown> {
    return this.#client.unlink(keys);
  }

  exists(key: string): Promise<unknown> {
    return this.#client.exists(key);
  }

  mGet(keys: string[]): Promise<unknown> {
    return this.#client.mget(keys);
  }

  ttl(key: string): Promise<unknown> {
    return this.#client.ttl(key);
  }

  strLen(key: string): Promise<unknown> {
    return this.#client.strlen(key).then(Number);
  }

  hGetAll(key: string): Promise<Record<string, string>> {
    return this.fields(key).then(fieldsIn);
  }

  /** HGETALL as a list, whatever transformer the app has set for it (`Command.setReplyTransformer`). */
  fields(key: string): Promise<unknown[]> {
    return this.#client.hgetall(key).then(fieldList);
  }

  hmGet(key: string, fields: string[]): Promise<unknown[]> {
    return this.#client.hmget(key, fields).then(listIn);
  }

  hStrLen(key: string, field: string): Promise<unknown> {
    return this.#client.hstrlen(key, field).then(Number);
  }

  hSet(key: string, field: string, value: string): Promise<unknown> {
    return this.#client.hset(key, field, value);
  }

  hDel(key: string, field: string): Promise<unknown> {
    return this.#client.hdel(key, field);
  }

  hIncrBy(key: string, field: string, by: number): Promise<unknown> {
    return this.#client.hincrby(key, field, by);
  }

  sAdd(key: string, member: string): Promise<unknown> {
    return this.#client.sadd(key, member);
  }

  sRem(key: string, members: string | string[]): Promise<unknown> {
    return this.#client.srem(key, members);
  }

  sCard(key: string): Promise<unknown> {
    return this.#client.scard(key);
  }

  sIsMember(key: string, member: string): Promise<unknown> {
    return this.#client.sismember(key, member);
  }

  sMembers(key: string): Promise<string[]> {
    return this.#client.smembers(key).then((reply) => listIn(reply).map(String));
  }

  zRange(key: string, from: number, to: number): Promise<unknown> {
    return this.#client.zrange(key, from, to);
  }

  evalSha(sha1: string, { arguments: args, keys }: ScriptInput): Promise<unknown> {
    if (this.#hasStringNumbers) return this.#client.evalshaBuffer(sha1, keys.length, keys, args).then(withNumbers);
    return this.#client.evalsha(sha1, keys.length, keys, args);
  }

  eval(script: string, { arguments: args, keys }: ScriptInput): Promise<unknown> {
    if (this.#hasStringNumbers) return this.#client.evalBuffer(script, keys.length, keys, args).then(withNumbers);
    return this.#client.eval(script, keys.length, keys, args);
  }

  ping(): Promise<unknown> {
    return this.#client.ping();
  }
}

function listIn(reply: unknown): unknown[] {
  return Array.isArray(reply) ? reply : [];
}

/** A reply in which texts are buffers, so that the other texts are numbers. */
function withNumbers(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(withNumbers);
  if (Buffer.isBuffer(reply)) return reply.toString();
  return typeof reply === "string" ? Number(reply) : reply;
}
