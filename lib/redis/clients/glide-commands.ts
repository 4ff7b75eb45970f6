/** The commands of @valkey/valkey-glide. All are sent as the library sends any command, so that replies have one form. */
import type { RedisCommands, ScriptInput, SetOptions } from "../commands.js";
import { fieldsIn } from "./field-list.js";
import { bytes, isGlideCluster, type GlideClient, type GlideRoute } from "./glide-client.js";

export class GlideCommands implements RedisCommands {
  readonly #client: GlideClient;
  readonly #isCluster: boolean;

  constructor(client: GlideClient) {
    this.#client = client;
    this.#isCluster = isGlideCluster(client);
  }

  /** Sends any command to the primary that holds `key`. The library would read from replicas if the app has asked it to. */
  sendFor(key: string, args: string[]): Promise<unknown> {
    return this.sendTo(this.#isCluster ? { type: "primarySlotKey", key } : undefined, args);
  }

  /** @param route absent for a client of one server */
  sendTo(route: GlideRoute | undefined, args: string[]): Promise<unknown> {
    return this.#client.customCommand(args, route ? { decoder: bytes, route } : { decoder: bytes }).then(asInResp2);
  }

  get(key: string): Promise<unknown> {
    return this.sendFor(key, ["GET", key]);
  }

  set(key: string, value: string, { condition, expiration }: SetOptions = {}): Promise<unknown> {
    const expiry = expiration ? ["EX", String(expiration.value)] : [];
    return this.sendFor(key, ["SET", key, value, ...expiry, ...(condition ? [condition] : [])]);
  }

  expire(key: string, seconds: number): Promise<unknown> {
    return this.sendFor(key, ["EXPIRE", key, String(seconds)]);
  }

  unlink(keys: string | string[]): Promise<unknown> {
    const list = listOf(keys);
    return this.sendFor(list[0] ?? "", ["UNLINK", ...list]);
  }

  exists(key: string): Promise<unknown> {
    return this.sendFor(key, ["EXISTS", key]);
  }

  mGet(keys: string[]): Promise<unknown> {
    return this.sendFor(keys[0] ?? "", ["MGET", ...keys]);
  }

  ttl(key: string): Promise<unknown> {
    return this.sendFor(key, ["TTL", key]);
  }

  strLen(key: string): Promise<unknown> {
    return this.sendFor(key, ["STRLEN", key]);
  }

  hGetAll(key: string): Promise<Record<string, string>> {
    return this.list(key, ["HGETALL", key]).then(fieldsIn);
  }

  hmGet(key: string, fields: string[]): Promise<unknown[]> {
    return this.list(key, ["HMGET", key, ...fields]);
  }

  hStrLen(key: string, field: string): Promise<unknown> {
    return this.sendFor(key, ["HSTRLEN", key, field]);
  }

  hSet(key: string, field: string, value: string): Promise<unknown> {
    return this.sendFor(key, ["HSET", key, field, value]);
  }

  hDel(key: string, field: string): Promise<unknown> {
    return this.sendFor(key, ["HDEL", key, field]);
  }

  hIncrBy(key: string, field: string, by: number): Promise<unknown> {
    return this.sendFor(key, ["HINCRBY", key, field, String(by)]);
  }

  sAdd(key: string, member: string): Promise<unknown> {
    return this.sendFor(key, ["SADD", key, member]);
  }

  sRem(key: string, members: string | string[]): Promise<unknown> {
    return this.sendFor(key, ["SREM", key, ...listOf(members)]);
  }

  sCard(key: string): Promise<unknown> {
    return this.sendFor(key, ["SCARD", key]);
  }

  sIsMember(key: string, member: string): Promise<unknown> {
    return this.sendFor(key, ["SISMEMBER", key, member]);
  }

  sMembers(key: string): Promise<string[]> {
    return this.list(key, ["SMEMBERS", key]).then((members) => members.map(String));
  }

  zRange(key: string, from: number, to: number): Promise<unknown> {
    return this.sendFor(key, ["ZRANGE", key, String(from), String(to)]);
  }

  evalSha(sha1: string, input: ScriptInput): Promise<unknown> {
    return this.#script("EVALSHA", sha1, input);
  }

  eval(script: string, input: ScriptInput): Promise<unknown> {
    return this.#script("EVAL", script, input);
  }

  ping(): Promise<unknown> {
    return this.sendTo(this.#isCluster ? "randomNode" : undefined, ["PING"]);
  }

  /** A reply that is a list. */
  list(key: string, args: string[]): Promise<unknown[]> {
    return this.sendFor(key, args).then((reply) => (Array.isArray(reply) ? reply : []));
  }

  #script(name: string, script: string, { arguments: args, keys }: ScriptInput): Promise<unknown> {
    return this.sendFor(keys[0] ?? "", [name, script, String(keys.length), ...keys, ...args]);
  }
}

function listOf(texts: string | string[]): string[] {
  return typeof texts === "string" ? [texts] : texts;
}

/** A map is a list of `{ key, value }` there. */
function asInResp2(reply: unknown): unknown {
  if (Buffer.isBuffer(reply)) return reply.toString();
  if (Array.isArray(reply))
    return reply.flatMap((item) => (isEntry(item) ? [asInResp2(item.key), asInResp2(item.value)] : [asInResp2(item)]));
  return typeof reply === "boolean" ? Number(reply) : reply;
}

function isEntry(item: unknown): item is { key: unknown; value: unknown } {
  return typeof item === "object" && item !== null && "key" in item && "value" in item;
}
