/** Checks that a value is a Redis client that we accept. */
import { codes, HoldfastError } from "../errors/index.js";
import { isServingClient, whatItIs } from "./client-kinds.js";
import type { RedisClient } from "./commands.js";

/**
 * Checks that `client` comes from a supported version of the `redis` package.
 *
 * @throws HoldfastError `HOLDFAST_CLIENT_INVALID`, naming the library it looks like and what to do
 */
export function checkClient(client: unknown): asserts client is RedisClient {
  if (isServingClient(client)) return;
  throw new HoldfastError(
    codes.CLIENT_INVALID,
    "The option `client` must be a client of the `redis` package, version 5 or 6 (createClient, createClientPool, " +
      `createCluster, createSentinel). ${whatItIs(client)}`,
  );
}
