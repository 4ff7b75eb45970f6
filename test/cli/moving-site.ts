/** A site that moves, without its pages: sessions in a SQLite file, and one process that follows the move. */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import session, { type SessionData, type Store } from "express-session";
import { vi } from "vitest";
import { MigratingStore, MoveControl } from "../../lib/migrate/index.js";
import { RedisSessionStore, type RedisSessionStoreOptions } from "../../lib/express-session/index.js";
import type { TestRedis } from "../support/servers/redis-server.js";

const require = createRequire(import.meta.url);
const Database = require("libsql") as new (path: string) => SqliteFile;
const makeStore = require("better-sqlite3-session-store") as (of: typeof session) => new (options: object) => Store;

interface SqliteFile {
  exec(sql: string): void;
  prepare(sql: string): { run(...values: unknown[]): void; all(): { sid: string }[] };
  close(): void;
}

export interface MovingSite {
  /** `--from`: the file. */
  readonly from: string;
  readonly file: SqliteFile;
  readonly store: MigratingStore;
  readonly redis: RedisSessionStore;
  readonly control: MoveControl;
  /** Rows as the site's old store has written them before the move. */
  fill(count: number): void;
  close(): Promise<void>;
}

export async function openSite(
  server: TestRedis,
  options: Partial<RedisSessionStoreOptions> = {},
): Promise<MovingSite> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-command-"));
  const path = join(folder, "sessions.db");
  const file = new Database(path);
  // Its clean-up runs in an interval that it never ends.
  const interval = vi.spyOn(globalThis, "setInterval").mockReturnValue(undefined as never);
  const legacy = new (makeStore(session))({ client: file });
  interval.mockRestore();
  const client = await server.client();
  const redis = new RedisSessionStore({ client, ...options });
  const store = new MigratingStore({ legacy, redis });
  const control = new MoveControl(client as never);
  await vi.waitUntil(async () => (await control.processes()).length === 1, { timeout: 15_000 });
  return {
    from: `sqlite:${path}`,
    file,
    store,
    redis,
    control,
    fill(count) {
      const row = file.prepare("INSERT INTO sessions (sid, sess, expire) VALUES (?, ?, ?)");
      const expire = new Date(Date.now() + 3_600_000).toISOString();
      file.exec("BEGIN");
      for (let i = 0; i < count; i++)
        row.run(
          `visitor-${String(i).padStart(6, "0")}`,
          JSON.stringify({ cookie: { originalMaxAge: 3_600_000 }, n: i }),
          expire,
        );
      file.exec("COMMIT");
    },
    async close() {
      await store.close();
      file.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function save(store: Store, sid: string, data: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const cookie = Object.assign(new session.Cookie(), { maxAge: 3_600_000 });
    store.set(sid, { cookie, ...data } as SessionData, (error) => (error ? reject(error) : resolve()));
  });
}
