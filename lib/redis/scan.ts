/** Iterates over all keys with a prefix, in batches, without blocking the server (SCAN, never KEYS). */
import { describeCommandFailure } from "./describe-failure.js";
import { guardClient } from "./guard/guarded-client.js";
import type { RedisClient } from "./commands.js";

export interface ScanOptions {
  /**
   * How many of the latest keys are remembered, so that none is returned twice. SCAN repeats a key only if the server
   * shrinks its table meanwhile, and soon after the first time, so a few thousand suffice there; while a cluster moves
   * slots, only all do.
   *
   * @default all
   */
  remembered?: number | undefined;
  /** Ends the iteration early. */
  signal?: AbortSignal | undefined;
}

/**
 * Batches of keys that begin with `prefix`, each key once. `count` is a hint to the server: SCAN's COUNT.
 *
 * @param client already guarded, if the caller has its own deadline
 */
export async function* scanKeys(
  client: RedisClient,
  prefix: string,
  count: number,
  { remembered = Infinity, signal }: ScanOptions = {},
): AsyncGenerator<string[]> {
  let [seen, older] = [new Set<string>(), new Set<string>()];
  const guard = guardClient(client);
  const { keyPrefix } = guard;
  const options = { MATCH: `${escapeGlob(keyPrefix + prefix)}*`, COUNT: count };
  for (const server of await guard.servers().catch(notListed)) {
    let cursor = "0";
    do {
      if (signal?.aborted) return;
      const reply = await guard.scan(server, cursor, options).catch(notListed);
      if (seen.size >= remembered) [seen, older] = [new Set(), seen];
      const keys = reply.keys.map((key) => String(key).slice(keyPrefix.length));
      const fresh = keys.filter((key) => !seen.has(key) && !older.has(key));
      for (const key of fresh) seen.add(key);
      if (fresh.length > 0) yield fresh;
      cursor = String(reply.cursor);
    } while (cursor !== "0");
  }
}

function notListed(error: unknown): never {
  throw describeCommandFailure(error, "listed");
}

/** A prefix is literal text: `app[1]:` must not match `app1:`. */
function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, "\\$&");
}
