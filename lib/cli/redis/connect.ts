/**
 * The command's connection to Redis. Its client is that of `redis` without the commands of Redis modules (JSON, search
 * and so on), which no subcommand sends, and for one server without those that this package does not send: it starts
 * faster, and needs less memory.
 */
import { createRequire } from "node:module";
import {
  openConnection,
  type ClientLibrary,
  type RedisConnection,
  type RedisConnectionOptions,
} from "../../redis/index.js";
import { leanCreateClient, type BareClientClass } from "./lean-client.js";

/** `redis` itself is this library with those commands. An `import` would parse all of its files for names. */
const library: ClientLibrary & { readonly RedisClient: BareClientClass } = createRequire(import.meta.url)(
  "@redis/client",
);

const { createCluster, createSentinel, RedisClient } = library;
const lean: ClientLibrary = { createClient: leanCreateClient(RedisClient), createCluster, createSentinel, RedisClient };

/** @throws HoldfastError if the address cannot be used */
export function connect(options: RedisConnectionOptions): RedisConnection {
  return openConnection(lean, options);
}
