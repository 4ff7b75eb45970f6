/**
 * Sessions tables in a SQLite file: connect-sqlite3 (sid, expired in milliseconds, sess), better-sqlite3-session-store
 * (sid, sess, expire as ISO 8601 text), and others. Column types are not enforced, so the rows tell how expiry is
 * stored.
 *
 * While an app uses the file, open it in a separate process: two builds of SQLite in one process break each other's
 * locks (https://www.sqlite.org/howtocorrupt.html, 2.2.1).
 */
import { access } from "node:fs/promises";
import { codes, HoldfastError } from "../../../errors/index.js";
import type { Column, Dialect, Expiry, UpsertParts } from "../dialect.js";
import { isoText, milliseconds, type Form } from "../expiry-form.js";
import { codeOf, failed, noTable, notWritable, unreachable, wrongTable, type Place } from "../failures.js";
import { rowProblems } from "./error-codes.js";
import { sqliteDriver, type Database, type OpenDatabase } from "./sqlite-driver.js";
import { SqlTable } from "../sql-table.js";
import type { Source, SourceOptions } from "../types.js";

export async function openSqlite(options: SourceOptions): Promise<Source> {
  // sqlite:sessions.db, sqlite:/srv/sessions.db, sqlite:///srv/sessions.db
  const path = options.url.slice("sqlite:".length).replace(/^\/\//, "");
  if (path === "" || path.startsWith(":memory:")) {
    const message = "The URL of the sessions table names no file. Its form is sqlite:path/to/sessions.db.";
    throw new HoldfastError(codes.SOURCE_INVALID, message);
  }
  if (options.schema !== undefined) {
    throw new HoldfastError(codes.SOURCE_INVALID, "SQLite has no schemas. Omit the option `schema`.");
  }
  const table = options.table ?? "sessions";
  const target = quoted(table);
  const place = { database: "SQLite", name: `SQLite, table ${target}`, at: path, isFile: true };
  const Driver = await sqliteDriver();
  let opened: Database | undefined;
  const open = async () => (opened ??= await openFile(Driver, place));
  const dialect: Dialect = {
    place,
    target,
    hasExactNames: false,
    sessionTypes: { pattern: /(?:)/, words: "text" },
    expiryWords: "a time",
    quoted,
    mark: () => "?",
    columns: async () => columnsOf(await open(), table),
    async query<R>(sql: string, values: readonly (string | number)[] = []) {
      const statement = (await open()).prepare(sql);
      if (/^SELECT|RETURNING/.test(sql)) return statement.all<R>(...values);
      statement.run(...values);
      return [];
    },
    text: (column) => column,
    expiry: (type) => expiry(type),
    upsert,
    returnsIds: true,
    rowProblem,
    isDeadlock: () => false,
    explain: (cause) => explain(place, cause),
    async close() {
      opened?.close();
      opened = undefined;
    },
  };
  return new SqlTable(dialect, options.columns ?? {}, { sid: "sid", session: "sess", expires: "expired" });
}

async function openFile(Driver: OpenDatabase, place: Place): Promise<Database> {
  // Otherwise, the driver would create a missing file.
  await access(place.at).catch((cause: unknown) => {
    throw unreachable(place, "there is no such file, or this user may not read it", cause);
  });
  const db = new Driver(place.at);
  try {
    db.exec("PRAGMA busy_timeout = 5000"); // milliseconds to wait while the app holds a lock
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

/** The fallback is what a store writes into a new table. */
function expiry(type: string): Expiry {
  const fallback: Form | undefined = type === "" ? milliseconds : /TEXT|CHAR/i.test(type) ? isoText : undefined;
  return { isFixed: false, read: (column) => column, write: (mark) => mark, fallback };
}

function upsert({ target, columns, sid, updated, deleted, rows }: UpsertParts): string {
  const set = updated.map((column) => `${column} = excluded.${column}`);
  if (deleted) set.push(`${deleted} = NULL`);
  return (
    `INSERT INTO ${target} AS held (${columns.join(", ")}) VALUES ${rows} ON CONFLICT (${sid}) ` +
    `DO UPDATE SET ${set.join(", ")} WHERE held.${sid} = excluded.${sid} COLLATE BINARY RETURNING ${sid} AS sid`
  );
}

interface Described {
  name: string;
  type: string;
  pk: number;
  notnull: number;
  dflt_value: unknown;
}

function columnsOf(db: Database, table: string): Column[] {
  const sql = 'SELECT name, type, pk, "notnull", dflt_value FROM pragma_table_info(?)';
  return db
    .prepare(sql)
    .all<Described>(table)
    .map(({ name, type, pk, notnull, dflt_value: fallback }) => {
      const isNumbered = pk === 1 && /^INTEGER$/i.test(type);
      const isRequired = notnull === 1 && fallback === null && !isNumbered;
      return { name, type, isKey: isKey(db, table, name, pk), isRequired, isExact: false };
    });
}

function isKey(db: Database, table: string, name: string, pk: number): boolean {
  const columnsOfIndex = "SELECT group_concat(name) FROM pragma_index_info(i.name)";
  const unique = db
    .prepare(`SELECT 1 FROM pragma_index_list(?) i WHERE "unique" AND NOT partial AND (${columnsOfIndex}) = ?`)
    .all(table, name);
  const isWhole = !db.prepare("SELECT 1 FROM pragma_table_info(?) WHERE pk > 1").all(table).length;
  return (pk === 1 && isWhole) || unique.length > 0;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function rowProblem(cause: unknown): string | undefined {
  const text = cause instanceof Error ? `${codeOf(cause)} ${cause.message}` : "";
  if (/TOOBIG|too big/i.test(text)) return rowProblems.tooLarge;
  if (/CHECK constraint|CONSTRAINT_CHECK/.test(text)) return rowProblems.check;
  if (/UNIQUE constraint|CONSTRAINT_UNIQUE/.test(text)) return rowProblems.notUnique;
  return /malformed JSON/i.test(text) ? rowProblems.notJson : undefined;
}

function explain(place: Place, cause: unknown): HoldfastError {
  const text = cause instanceof Error ? `${codeOf(cause)} ${cause.message}` : "";
  if (/NOTADB|not a database/.test(text)) return wrongTable(place, "the file is not an SQLite database", cause);
  if (/BUSY|LOCKED|is locked/.test(text)) return unreachable(place, "the file was locked for five seconds", cause);
  if (/CANTOPEN|unable to open/i.test(text)) return unreachable(place, "the file cannot be opened", cause);
  if (/no such table/.test(text)) return noTable(place, cause);
  if (/READONLY|readonly/.test(text)) return notWritable(place, "this user may not write the file", cause);
  if (/NOT NULL constraint|CONSTRAINT_NOTNULL/.test(text))
    return notWritable(place, "a constraint of the table rejects what is written", cause);
  return failed(place, cause);
}
