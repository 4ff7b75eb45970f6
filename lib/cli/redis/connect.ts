/**
 * The command's connection to Redis. Its client is that of `redis` without the commands of Redis modules (JSON, search
 * and so on), which no subcommand sends, and for one server without those that this package does not send: it starts
 * faster, and needs less memory.
 */
import { createRequire } from "node:module";
import { within } from "../../errors/index.js";
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

/** Closes it although replies are missing, which then will not come. Never rejects. */
export async function cutOff(connection: RedisConnection): Promise<void> {
  const { client } = connection;
  const destroyed = client.isReady ? client.destroy() : undefined;
  await Promise.all([destroyed, connection.close()]).catch(() => {});
}

/** Milliseconds. Without commands in flight, a connection closes at once. */
const patience = 100;

/**
 * When a command closes it, nobody waits for a reply any more: it had all of them, or has given up.
 *
 * @throws HoldfastError if the address cannot be used
 */
export function connect(options: RedisConnectionOptions): RedisConnection {
  const connection = openConnection(lean, options);
  const { client } = connection;
  return {
    ...connection,
    async close() {
      await within(connection.close(), patience).catch(() => (client.isOpen ? client.destroy() : undefined));
    },
  };
}
