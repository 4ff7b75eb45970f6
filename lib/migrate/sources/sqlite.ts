/**
 * The sessions table of connect-sqlite3 (sid, expired in milliseconds, sess) or of better-sqlite3-session-store (sid,
 * sess, expire as ISO 8601 text): an expiry column that is declared as text holds text.
 *
 * Open it in a process of its own while an app uses the file: two builds of SQLite in one process undo each other's
 * locks (https://www.sqlite.org/howtocorrupt.html, 2.2.1).
 */
import { access } from "node:fs/promises";
import { codes, HoldfastError } from "../../errors/index.js";
import { lastOfEach } from "./batches.js";
import { codeOf, failed, noTable, unreachable, wrongTable, type Place } from "./failures.js";
import { sqliteDriver, type Database, type OpenDatabase } from "./sqlite-driver.js";
import type { Row, Source, SourceOptions } from "./types.js";

type Names = NonNullable<SourceOptions["columns"]>;
interface StoredRow {
  sid: unknown;
  text: unknown;
  expires: unknown;
}
/** An open file, and the columns of its table. */
interface Opened {
  db: Database;
  target: string;
  sid: string;
  session: string;
  expires: string;
  /** Whether expiry is text. */
  isText: boolean;
  selection: string;
}

export async function openSqlite(options: SourceOptions): Promise<Source> {
  // sqlite:sessions.db, sqlite:/srv/sessions.db, sqlite:///srv/sessions.db
  const path = options.url.slice("sqlite:".length).replace(/^\/\//, "");
  if (path === "" || path.startsWith(":memory:")) {
    const message = "The url of the sessions table names no file. It has the form sqlite:path/to/sessions.db.";
    throw new HoldfastError(codes.SOURCE_INVALID, message);
  }
  if (options.schema !== undefined) {
    throw new HoldfastError(codes.SOURCE_INVALID, "SQLite has no schemas. Leave the option out.");
  }
  const table = options.table ?? "sessions";
  const place = { database: "SQLite", name: `SQLite, table ${quoted(table)}`, at: path, isFile: true };
  return new SqliteTable(await sqliteDriver(), place, table, options.columns ?? {});
}

class SqliteTable implements Source {
  readonly name: string;
  #opened: Opened | undefined;
  readonly #driver: OpenDatabase;
  readonly #place: Place;
  readonly #table: string;
  readonly #columns: Names;

  constructor(driver: OpenDatabase, place: Place, table: string, columns: Names) {
    this.name = place.name;
    this.#driver = driver;
    this.#place = place;
    this.#table = table;
    this.#columns = columns;
  }

  async check(): Promise<void> {
    await this.rows(undefined, 1);
  }

  count(): Promise<number> {
    return this.#use(({ db, target }) => {
      const [row] = db.prepare(`SELECT count(*) AS n FROM ${target}`).all() as { n: number }[];
      return row!.n;
    });
  }

  rows(after: string | undefined, limit: number): Promise<Row[]> {
    return this.#use(({ db, selection, sid }) => {
      const order = `ORDER BY ${sid} LIMIT ${Math.trunc(limit)}`;
      const rows =
        after === undefined
          ? db.prepare(`${selection} ${order}`).all()
          : db.prepare(`${selection} WHERE ${sid} > ? ${order}`).all(after);
      return (rows as StoredRow[]).map(asRow);
    });
  }

  find(sids: readonly string[]): Promise<Map<string, Row>> {
    return this.#use(({ db, selection, sid }) => {
      const one = db.prepare(`${selection} WHERE ${sid} = ?`);
      const rows = sids.flatMap((id) => one.all(id) as StoredRow[]).map(asRow);
      return new Map(rows.map((row) => [row.sid, row]));
    });
  }

  write(rows: readonly Row[]): Promise<void> {
    return this.#use(({ db, target, sid, session, expires, isText }) => {
      const set = `${session} = excluded.${session}, ${expires} = excluded.${expires}`;
      const columns = [sid, session, expires].join(", ");
      const one = db.prepare(
        `INSERT INTO ${target} (${columns}) VALUES (?, ?, ?) ON CONFLICT (${sid}) DO UPDATE SET ${set}`,
      );
      allOrNone(db, () => {
        for (const row of lastOfEach(rows)) {
          one.run(row.sid, row.text, isText ? new Date(row.expires).toISOString() : row.expires);
        }
      });
    });
  }

  remove(sids: readonly string[]): Promise<void> {
    return this.#use(({ db, target, sid }) => {
      const one = db.prepare(`DELETE FROM ${target} WHERE ${sid} = ?`);
      allOrNone(db, () => {
        for (const id of sids) one.run(id);
      });
    });
  }

  async close(): Promise<void> {
    this.#opened?.db.close();
    this.#opened = undefined;
  }

  async #use<T>(work: (opened: Opened) => T): Promise<T> {
    try {
      return work((this.#opened ??= await this.#open()));
    } catch (cause) {
      throw explain(this.#place, cause);
    }
  }

  async #open(): Promise<Opened> {
    // A driver would make the file if there is none.
    await access(this.#place.at).catch((cause: unknown) => {
      throw unreachable(this.#place, "there is no such file, or it may not be read", cause);
    });
    const db = new this.#driver(this.#place.at);
    try {
      db.exec("PRAGMA busy_timeout = 5000"); // milliseconds that a lock of the app's is waited for
      return { db, ...this.#columnsIn(db) };
    } catch (cause) {
      db.close();
      throw cause;
    }
  }

  #columnsIn(db: Database): Omit<Opened, "db"> {
    const found = db.prepare("SELECT name, type, pk FROM pragma_table_info(?)").all(this.#table) as Column[];
    if (found.length === 0) throw noTable(this.#place);
    const of = (name: string) => found.find((column) => column.name.toLowerCase() === name.toLowerCase());
    const usual = of("expired") ? "expired" : "expire";
    const names = [this.#columns.sid ?? "sid", this.#columns.session ?? "sess", this.#columns.expires ?? usual];
    const missing = names.filter((name) => !of(name));
    // Looked at here, because SQLite takes a name in quotes that is no column for text.
    if (missing.length > 0) throw wrongTable(this.#place, `it has no column ${missing.map(quoted).join(", ")}`);
    if (!isKey(db, this.#table, of(names[0]!)!)) {
      throw wrongTable(this.#place, `the column ${quoted(names[0]!)} is not a key, so that an id could have two rows`);
    }
    const [sid, session, expires] = names.map(quoted) as [string, string, string];
    const target = quoted(this.#table);
    const selection = `SELECT ${sid} AS sid, ${session} AS text, ${expires} AS expires FROM ${target}`;
    return { target, sid, session, expires, isText: /TEXT|CHAR/i.test(of(names[2]!)!.type), selection };
  }
}

interface Column {
  name: string;
  type: string;
  pk: number;
}

function isKey(db: Database, table: string, { name, pk }: Column): boolean {
  const columnsOfIndex = "SELECT group_concat(name) FROM pragma_index_info(i.name)";
  const unique = db
    .prepare(`SELECT 1 FROM pragma_index_list(?) i WHERE "unique" AND NOT partial AND (${columnsOfIndex}) = ?`)
    .all(table, name);
  return pk === 1 || unique.length > 0;
}

/** One transaction: each of its own would wait for the disk. */
function allOrNone(db: Database, work: () => void): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    work();
    db.exec("COMMIT");
  } catch (cause) {
    db.exec("ROLLBACK");
    throw cause;
  }
}

function asRow({ sid, text, expires }: StoredRow): Row {
  return { sid: textOf(sid), text: textOf(text), expires: typeof expires === "number" ? expires : timeOf(expires) };
}

function textOf(value: unknown): string {
  // Bytes are an ArrayBuffer with libsql, a view of one with the others.
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  return value === null ? "" : String(value);
}

/** SQLite's own functions, with which a store compares this text, take it for UTC when it names no zone. */
function timeOf(value: unknown): number {
  if (typeof value !== "string") return Number.NaN;
  const namesZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(value);
  return Date.parse(namesZone ? value : `${value.replace(" ", "T")}Z`);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function explain(place: Place, cause: unknown): HoldfastError {
  if (cause instanceof HoldfastError) return cause;
  const text = cause instanceof Error ? `${codeOf(cause)} ${cause.message}` : "";
  if (/NOTADB|not a database/.test(text)) return wrongTable(place, "the file is not a database of SQLite", cause);
  if (/BUSY|LOCKED|is locked/.test(text)) return unreachable(place, "the file was locked for five seconds", cause);
  if (/CANTOPEN|unable to open/i.test(text)) return unreachable(place, "the file cannot be opened", cause);
  if (/no such table/.test(text)) return noTable(place, cause);
  if (/READONLY|readonly/.test(text)) return wrongTable(place, "the file may not be written", cause);
  return failed(place, cause);
}
