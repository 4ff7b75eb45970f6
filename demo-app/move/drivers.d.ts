/** What the shop uses of two packages that come without types. */

declare module "pg" {
  export class Pool {
    constructor(options: { connectionString: string; max?: number; connectionTimeoutMillis?: number });
    query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
    on(event: "error", listener: (error: Error) => void): this;
    end(): Promise<void>;
  }
}

declare module "connect-pg-simple" {
  import type session from "express-session";
  import type { Pool } from "pg";

  interface Options {
    pool: Pick<Pool, "query">;
    ttl?: number;
    createTableIfMissing?: boolean;
    pruneSessionInterval?: number | false;
  }
  class PgStore extends session.Store {
    constructor(options: Options);
    override get(sid: string, callback: (error: unknown, data?: session.SessionData | null) => void): void;
    override set(sid: string, data: session.SessionData, callback?: (error?: unknown) => void): void;
    override destroy(sid: string, callback?: (error?: unknown) => void): void;
    close(): Promise<void>;
  }
  export default function connectPgSimple(session: unknown): typeof PgStore;
}
