/**
 * A question that the stores of an app can only answer if they work. It sends no signal, because no visitor asks it.
 */
import type { Store } from "express-session";
import { isMissingFile } from "../../errors/index.js";
import { nobody, repositoryOf, type RedisSessionStore } from "../../express-session/index.js";
import { MigratingStore } from "../../migrate/index.js";

/** Resolves if sessions can be read; rejects with the reason. */
export function probeOf(store: Store, redis: RedisSessionStore | undefined): () => Promise<unknown> {
  if (store instanceof MigratingStore) return () => store.ping();
  if (redis) return async () => repositoryOf(redis).find(nobody);
  return () =>
    new Promise((resolve, reject) => {
      store.get(nobody, (error: unknown, found) => (error && !isMissingFile(error) ? reject(error) : resolve(found)));
    });
}
