/** The adapter of a client: always the same one for the same client. */
import { codes, HoldfastError } from "../../errors/index.js";
import { isObject } from "../../options/index.js";
import type { RedisClient } from "../commands.js";
import type { ClientAdapter } from "./adapter.js";
import { Glide } from "./glide.js";
import { isGlide, unfitSettings } from "./glide-client.js";
import { Ioredis } from "./ioredis.js";
import { isIoredis, unfitIoredis } from "./ioredis-client.js";
import { NodeRedis } from "./node-redis.js";
import { isNodeRedis } from "./node-redis-client.js";
import { isNodeRedis4 } from "./node-redis-4.js";
import { whatItIs } from "./recognize.js";

const adapters = new WeakMap<object, ClientAdapter>();

/** @throws HoldfastError `HOLDFAST_CLIENT_INVALID`, naming the library it looks like and what to do */
export function adapterOf(client: RedisClient): ClientAdapter {
  let adapter = adapters.get(client);
  if (!adapter) adapters.set(client, (adapter = newAdapter(client)));
  return adapter;
}

/** The driver is recognized by its shape: names are lost in bundles, and clients are wrapped in Proxies. */
function newAdapter(client: object): ClientAdapter {
  if (isNodeRedis(client)) return new NodeRedis(client);
  if (isNodeRedis4(client)) return new NodeRedis(client, true);
  if (isIoredis(client)) {
    refuse(unfitIoredis(client));
    return new Ioredis(client);
  }
  if (!isGlide(client)) throw unusable(whatItIs(client));
  refuse(unfitSettings(client));
  return new Glide(client);
}

function refuse(sentence: string | undefined): void {
  if (sentence !== undefined) throw unusable(sentence);
}

/**
 * Checks that `client` is one that this package can use.
 *
 * @throws HoldfastError `HOLDFAST_CLIENT_INVALID`, naming the library it looks like and what to do
 */
export function checkClient(client: unknown): asserts client is RedisClient {
  if (!isObject(client)) throw unusable(whatItIs(client));
  adapterOf(client);
}

function unusable(sentence: string): HoldfastError {
  return new HoldfastError(
    codes.CLIENT_INVALID,
    "The option `client` must be a client of `redis` (4 or later), ioredis (5 or later), iovalkey or " +
      `@valkey/valkey-glide (2 or later). ${sentence}`,
  );
}
