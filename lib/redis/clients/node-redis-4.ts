/** Clients and clusters of `redis` 4, which differ in the options of SET, the types of replies, and scripts on a cluster. */
import { propertyOf } from "../../errors/index.js";
import type { ScanStep, ScanStepOptions, ScriptInput, SetOptions } from "../commands.js";
import type { Server } from "./adapter.js";
import { NodeRedis } from "./node-redis.js";
import { isCluster, type NodeRedisClient, type NodeRedisNode } from "./node-redis-client.js";

/** Not in legacy mode, in which its methods take callbacks. */
export function isNodeRedis4(client: object & { isOpen?: unknown }): client is NodeRedisClient {
  const needed = ["get", "set", "unlink", "evalSha", "eval", "hGetAll", "disconnect"];
  return (
    typeof client.isOpen === "boolean" &&
    needed.every((name) => typeof propertyOf(client, name) === "function") &&
    !("withTypeMapping" in client) &&
    !isInLegacyMode(client)
  );
}

export function isInLegacyMode(client: object): boolean {
  return "v4" in client && propertyOf(propertyOf(client, "options"), "legacyMode") === true;
}

export class NodeRedis4 extends NodeRedis {
  override readonly announcer = undefined;

  override async send(server: Server, args: string[]): Promise<unknown> {
    const node = await this.nodeAt(server);
    const send: unknown = propertyOf(node, "sendCommand");
    if (typeof send !== "function") throw new TypeError("this client has no sendCommand()");
    return Reflect.apply(
      send,
      node,
      server === undefined && this.kind === "cluster" ? [undefined, true, args] : [args],
    );
  }

  override async fieldsOf(key: string): Promise<unknown[]> {
    return Object.entries(await this.commands.hGetAll(key)).flat();
  }

  protected override usual(client: NodeRedisClient): NodeRedisNode {
    return new NodeRedis4Commands(client);
  }
}

/** SET with an expiry, as version 4 takes it: it ignores `expiration` and `condition`. */
interface WithSet4 {
  set(key: string, value: string, options?: { EX?: number; NX?: true }): Promise<unknown>;
}

/** Sends any command to the server that holds `key`. */
interface Cluster4 {
  sendCommand(key: string | undefined, isReadonly: boolean, args: string[]): Promise<unknown>;
}

class NodeRedis4Commands implements NodeRedisNode {
  readonly #client: NodeRedisNode;
  readonly #cluster: Cluster4 | undefined;

  constructor(client: NodeRedisNode) {
    this.#client = client;
    this.#cluster = isCluster(client) ? (client as object as Cluster4) : undefined; // which it is in version 4
  }

  set(key: string, value: string, { condition, expiration }: SetOptions = {}): Promise<unknown> {
    const client: WithSet4 = this.#client as object as WithSet4; // which it is in version 4
    return client.set(key, value, {
      ...(expiration && { EX: expiration.value }),
      ...(condition && { NX: true as const }),
    });
  }

  evalSha(sha1: string, options: ScriptInput): Promise<unknown> {
    return this.#cluster ? this.#script(this.#cluster, "EVALSHA", sha1, options) : this.#client.evalSha(sha1, options);
  }

  eval(script: string, options: ScriptInput): Promise<unknown> {
    return this.#cluster ? this.#script(this.#cluster, "EVAL", script, options) : this.#client.eval(script, options);
  }

  /** A cluster's own methods send scripts to any server, which answers MOVED, upon which all servers are discovered anew. */
  #script(cluster: Cluster4, name: string, script: string, { arguments: args, keys }: ScriptInput): Promise<unknown> {
    return cluster.sendCommand(keys[0], false, [name, script, String(keys.length), ...keys, ...args]);
  }

  // ---- as in version 5 ----------------------------------------------------------------------------------------------

  get(key: string): Promise<unknown> {
    return this.#client.get(key);
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
    return this.#client.mGet(keys);
  }

  ttl(key: string): Promise<unknown> {
    return this.#client.ttl(key);
  }

  strLen(key: string): Promise<unknown> {
    return this.#client.strLen(key);
  }

  hGetAll(key: string): Promise<Record<string, string>> {
    return this.#client.hGetAll(key);
  }

  hmGet(key: string, fields: string[]): Promise<unknown[]> {
    return this.#client.hmGet(key, fields);
  }

  hStrLen(key: string, field: string): Promise<unknown> {
    return this.#client.hStrLen(key, field);
  }

  hSet(key: string, field: string, value: string): Promise<unknown> {
    return this.#client.hSet(key, field, value);
  }

  hDel(key: string, field: string): Promise<unknown> {
    return this.#client.hDel(key, field);
  }

  hIncrBy(key: string, field: string, by: number): Promise<unknown> {
    return this.#client.hIncrBy(key, field, by);
  }

  sAdd(key: string, member: string): Promise<unknown> {
    return this.#client.sAdd(key, member);
  }

  sRem(key: string, members: string | string[]): Promise<unknown> {
    return this.#client.sRem(key, members);
  }

  sCard(key: string): Promise<unknown> {
    return this.#client.sCard(key);
  }

  sIsMember(key: string, member: string): Promise<unknown> {
    return this.#client.sIsMember(key, member);
  }

  sMembers(key: string): Promise<string[]> {
    return this.#client.sMembers(key);
  }

  zRange(key: string, from: number, to: number): Promise<unknown> {
    return this.#client.zRange(key, from, to);
  }

  ping(): Promise<unknown> {
    return this.#client.ping();
  }

  wait(replicas: number, timeout: number): Promise<unknown> {
    return this.#client.wait(replicas, timeout);
  }

  scan(cursor: string, options: ScanStepOptions): Promise<ScanStep> {
    return this.#client.scan(cursor, options);
  }
}
