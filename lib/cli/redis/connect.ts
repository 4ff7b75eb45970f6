/**
 * The command's connection to Redis. Its client is that of `redis` without the commands of Redis modules (JSON, search
 * and so on), which no subcommand sends: it starts faster, and needs less memory.
 */
import { createRequire } from "node:module";
import {
  openConnection,
  type ClientLibrary,
  type RedisConnection,
  type RedisConnectionOptions,
} from "../../redis/index.js";

/** `redis` itself is this library with those commands. An `import` would parse all of its files for names. */
const library: ClientLibrary = createRequire(import.meta.url)("@redis/client");

/** @throws HoldfastError if the address cannot be used */
export function connect(options: RedisConnectionOptions): RedisConnection {
  return openConnection(library, options);
}
