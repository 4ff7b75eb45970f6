/** The Redis clients we accept: node-redis' client, pool, cluster and sentinel, version 5 or 6. */
import { codes, HoldfastError } from "../errors/index.js";

/** The commands that this package sends, as all four kinds of client offer them. */
export interface RedisClient {
  readonly isOpen: boolean;
  get(key: string): Promise<unknown>;
  set(key: string, value: string, options?: SetOptions): Promise<unknown>;
  expire(key: string, seconds: number): Promise<unknown>;
  unlink(keys: string | string[]): Promise<unknown>;
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

export interface SetOptions {
  expiration?: { type: "EX"; value: number };
  /** Only where nothing is. */
  condition?: "NX";
}

/** A client that can walk over the keys of one server. */
export interface ScanningClient {
  scan(cursor: string, options: { MATCH: string; COUNT: number }): Promise<{ cursor: unknown; keys: unknown[] }>;
}

/**
 * Checks that `client` comes from the `redis` package.
 *
 * @throws HoldfastError `HOLDFAST_CLIENT_INVALID`, naming the library it looks like
 */
export function checkClient(client: unknown): asserts client is RedisClient {
  const has = (name: string) => typeof (client as Record<string, unknown> | null | undefined)?.[name] === "function";
  if (has("get") && has("evalSha") && has("expire") && has("unlink")) return;
  throw new HoldfastError(
    codes.CLIENT_INVALID,
    `The option \`client\` must be a client of the \`redis\` package, version 5 or 6 (createClient, createCluster, createSentinel). ${guess()}`,
  );

  function guess(): string {
    if (client === undefined || client === null) return "It is missing.";
    if (has("evalsha") && has("pipeline"))
      return "This one looks like ioredis: replace it by `createClient` of `redis`.";
    if (has("evalsha") && has("send_command")) return "This one looks like `redis` 3: update the package.";
    if (has("then")) return "This one is a promise: await it first.";
    if (has("EVALSHA") || has("v4")) return "This one looks like `redis` 4 in legacy mode: leave `legacyMode` out.";
    return "This one is something else.";
  }
}
