/** Walks over all keys of a prefix, in batches, without blocking the server (SCAN, never KEYS). */
import type { RedisClient, ScanningClient } from "./client.js";
import { describeCommandFailure } from "./describe-failure.js";
import { guardClient } from "./guarded-client.js";

interface ClusterClient {
  masters: object[];
  nodeClient(node: object): Promise<ScanningClient> | ScanningClient;
}

/** Batches of keys that begin with `prefix`, each key once. `count` is a hint to the server, as SCAN's COUNT. */
export async function* scanKeys(client: RedisClient, prefix: string, count: number): AsyncGenerator<string[]> {
  const seen = new Set<string>(); // SCAN may return a key twice while the server resizes its table
  const guard = guardClient(client);
  for await (const server of scanningClients(guard.client)) {
    let cursor = "0";
    do {
      const options = { MATCH: `${escapeGlob(prefix)}*`, COUNT: count };
      const at = cursor;
      const reply = await guard
        .run(undefined, () => server.scan(at, options))
        .catch((error: unknown) => {
          throw describeCommandFailure(error, "listed");
        });
      const fresh = reply.keys.map(String).filter((key) => !seen.has(key));
      for (const key of fresh) seen.add(key);
      if (fresh.length > 0) yield fresh;
      cursor = String(reply.cursor);
    } while (cursor !== "0");
  }
}

async function* scanningClients(client: RedisClient): AsyncGenerator<ScanningClient> {
  if (!("masters" in client) || !Array.isArray(client.masters)) {
    yield client as unknown as ScanningClient;
    return;
  }
  const cluster = client as unknown as ClusterClient;
  for (const master of cluster.masters) yield await cluster.nodeClient(master);
}

/** A prefix is literal text: `app[1]:` must not match `app1:`. */
function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, "\\$&");
}
