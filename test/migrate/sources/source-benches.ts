/**
 * A real database with the real session store on it, for each kind of source. The two stores for SQLite run on libsql,
 * which needs no install script: better-sqlite3-session-store takes it as its client, and connect-sqlite3 through a thin
 * imitation of node-sqlite3's callbacks. So the SQL that writes the rows is the stores' own.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import session from "express-session";
import mysql from "mysql2/promise";
import type { SourceOptions } from "../../../lib/migrate/sources/source.js";
import { startMariadb } from "../../support/servers/mariadb-server.js";
import { poolOf, startPostgres } from "../../support/servers/postgres-server.js";

const require: (name: string) => any = createRequire(import.meta.url);
interface Libsql {
  prepare(sql: string): { all(...values: any[]): any[]; get(...values: any[]): any; run(...values: any[]): any };
  exec(sql: string): void;
  close(): void;
}
const Libsql = require("libsql") as new (path: string) => Libsql;

/** The methods of the store that the tests call, with promises. */
export interface RealStore {
  set(sid: string, data: object): Promise<void>;
  /** Undefined when the store gives no session. */
  get(sid: string): Promise<any>;
  touch(sid: string, data: object): Promise<void>;
  close(): Promise<void>;
}

export interface Bench {
  url: string;
  /** The store as its users make it, on its default table. */
  store(): Promise<RealStore>;
  /** The store with all the names changed that it lets one change, and the source's options for that. */
  renamed(): Promise<{ store: RealStore; options: Omit<SourceOptions, "url"> }>;
  run(sql: string): Promise<any[]>;
  stop(): Promise<void>;
}

/** A session as a request of express-session has it when it is saved. */
export function sessionWith(data: object, expires: Date): object {
  const cookie = new session.Cookie();
  cookie.expires = expires;
  return { cookie, ...data };
}

export const benches: { name: string; start(): Promise<Bench>; needs?: "mariadb" }[] = [
  { name: "connect-pg-simple, where the server's time zone is New York's", start: () => postgresBench("") },
  {
    name: "connect-pg-simple, where the connection's time zone is Kolkata's",
    start: () => postgresBench("?options=-c%20TimeZone%3DAsia%2FKolkata"),
  },
  { name: "express-mysql-session", start: mariadbBench, needs: "mariadb" },
  { name: "connect-sqlite3", start: connectSqliteBench },
  { name: "better-sqlite3-session-store", start: betterSqliteBench },
];

async function postgresBench(query: string): Promise<Bench> {
  const server = await startPostgres("America/New_York");
  const url = server.url + query;
  const pool = poolOf(url);
  const PgStore = require("connect-pg-simple")(session);
  const store = (options: object) =>
    promised(new PgStore({ pool, createTableIfMissing: true, pruneSessionInterval: false, ...options }));
  return {
    url,
    store: async () => store({}),
    async renamed() {
      const names = { schemaName: 'the "shop"', tableName: 'odd "sessions"' };
      await pool.query('CREATE SCHEMA "the ""shop"""');
      return { store: store(names), options: { schema: names.schemaName, table: names.tableName } };
    },
    run: async (sql) => (await pool.query(sql)).rows,
    async stop() {
      await pool.end();
      await server.stop();
    },
  };
}

async function mariadbBench(): Promise<Bench> {
  const server = await startMariadb();
  const pool = mysql.createPool({ uri: server.url });
  const MySqlStore = require("express-mysql-session")(session);
  const store = async (options: object) => {
    const { hostname: host, port, username: user, password, pathname } = new URL(server.url);
    const login = { host, port: Number(port), user, password: decodeURIComponent(password) };
    const made = new MySqlStore({ ...login, database: pathname.slice(1), clearExpired: false, ...options });
    await made.onReady();
    return promised(made);
  };
  return {
    url: server.url,
    store: () => store({}),
    async renamed() {
      const columnNames = { session_id: "the `id`", data: "contents", expires: "until" };
      const schema = { tableName: "odd `sessions`", columnNames };
      const columns = { sid: columnNames.session_id, session: columnNames.data, expires: columnNames.expires };
      return { store: await store({ schema }), options: { schema: "shop", table: schema.tableName, columns } };
    },
    run: async (sql) => (await pool.query(sql))[0] as any[],
    async stop() {
      await pool.end();
      await server.stop();
    },
  };
}

async function connectSqliteBench(): Promise<Bench> {
  const { db, ...file } = sqliteFile();
  const SqliteStore = require("connect-sqlite3")(session);
  const store = (options: object) => promised(new SqliteStore({ db: asNodeSqlite3(db), ...options }));
  return {
    ...file,
    store: async () => store({}),
    renamed: async () => ({ store: store({ table: "shop_sessions" }), options: { table: "shop_sessions" } }),
  };
}

async function betterSqliteBench(): Promise<Bench> {
  const { db, ...file } = sqliteFile();
  const BetterStore: new (options: object) => object = require("better-sqlite3-session-store")(session);
  /** Its timer cannot be turned off, and would keep the process. */
  class StoreWithoutTimer extends BetterStore {
    startInterval() {}
  }
  const store = async () => promised(new StoreWithoutTimer({ client: db }));
  // The store lets nobody change a name; SQLite takes them in either case.
  const columns = { sid: "SID", session: "Sess", expires: "Expire" };
  return { ...file, store, renamed: async () => ({ store: await store(), options: { table: "Sessions", columns } }) };
}

/** A database of its own, and the driver with which the store uses it. */
function sqliteFile() {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-sqlite-"));
  const path = join(folder, "the sessions.db");
  const db = new Libsql(path);
  db.exec("PRAGMA synchronous = OFF"); // 2,500 rows would be as many waits for the disk
  const run = async (sql: string) => (sql.startsWith("SELECT") ? db.prepare(sql).all() : (db.exec(sql), []));
  const stop = async () => {
    db.close();
    rmSync(folder, { recursive: true });
  };
  return { db, url: `sqlite:${path}`, run, stop };
}

/** node-sqlite3's methods, as far as connect-sqlite3 calls them. */
function asNodeSqlite3(db: Libsql) {
  type Done = ((error: unknown, result?: unknown) => void) | undefined;
  const settle = (done: Done, work: () => unknown) =>
    queueMicrotask(() => {
      let result: unknown;
      try {
        result = work();
      } catch (error) {
        done?.(error);
        return;
      }
      done?.(null, result);
    });
  return {
    exec: (sql: string, done?: Done) => settle(done, () => db.exec(sql)),
    run: (sql: string, values: any[], done?: Done) => settle(done, () => db.prepare(sql).run(...values)),
    get: (sql: string, values: any[], done?: Done) => settle(done, () => db.prepare(sql).get(...values)),
    all: (sql: string, values: any[], done?: Done) => settle(done, () => db.prepare(sql).all(...values)),
  };
}

function promised(store: any): RealStore {
  const call = (method: string, ...values: unknown[]) =>
    new Promise<any>((resolve, reject) => {
      const done = (error: unknown, result: unknown) => (error ? reject(error) : resolve(result ?? undefined));
      store[method](...values, done);
    });
  return {
    set: (sid, data) => call("set", sid, data),
    get: (sid) => call("get", sid),
    touch: (sid, data) => call("touch", sid, data),
    close: async () => void (await store.close?.()),
  };
}
