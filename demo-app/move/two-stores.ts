/** The session store during the migration, and the table that the console's steps read and write. */
import connectPgSimple from "connect-pg-simple";
import session from "express-session";
import { RedisSessionStore } from "holdfast";
import { MigratingStore, openSource, type Source } from "holdfast/migrate";
import { Pool } from "pg";
import type { RedisClientType } from "redis";
import { countQuery } from "../request-cost.js";
import { sessionSettings } from "../visit.js";

export interface TwoStores {
  /** The store for the session middleware. */
  readonly store: MigratingStore;
  readonly redis: RedisSessionStore;
  /** The legacy store's table, for what stores cannot do: counting, reading row by row. */
  readonly source: Source;
  /** Says goodbye, so that no doubt remains about copies that this process still owed. */
  close(): Promise<void>;
}

export async function openTwoStores(client: RedisClientType, databaseUrl: string): Promise<TwoStores> {
  const pool = new Pool({ connectionString: databaseUrl, max: 5, connectionTimeoutMillis: 5000 });
  pool.on("error", () => {}); // an idle connection that ended is replaced at the next query
  const PgStore = connectPgSimple(session);
  const legacy = new PgStore({ pool: counted(pool), ttl: sessionSettings.ttl });
  const redis = new RedisSessionStore({ client, ...sessionSettings, scanCount: 1000 });
  const store = new MigratingStore({ legacy, redis });
  const source = await openSource({ url: databaseUrl });
  return {
    store,
    redis,
    source,
    async close() {
      await store.close();
      await redis.close();
      await legacy.close();
      await Promise.all([source.close(), pool.end()]);
    },
  };
}

/** The pool, for the legacy store only, with its queries counted for the request. */
function counted(pool: Pool): Pick<Pool, "query"> {
  return {
    query(text, values) {
      countQuery();
      return pool.query(text, values);
    },
  };
}
