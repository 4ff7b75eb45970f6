/** The sessions table of express-mysql-session, in MySQL or MariaDB: session_id, expires (whole seconds), data. */
import { codes, HoldfastError } from "../../errors/index.js";
import { batches, lastOfEach } from "./batches.js";
import { driver } from "./driver.js";
import {
  addressOf,
  codeOf,
  connectionReason,
  failed,
  noSuchDatabase,
  noTable,
  notAllowed,
  refusedLogin,
  unreachable,
  wrongTable,
  type Place,
} from "./failures.js";
import type { Row, Source, SourceOptions } from "./types.js";

/** What is used of `mysql2/promise`. */
interface Pool {
  execute(sql: string, values?: unknown[]): Promise<[unknown, unknown]>;
  query(sql: string): Promise<[unknown, unknown]>;
  end(): Promise<void>;
}
interface Columns {
  sid: string;
  session: string;
  expires: string;
}
interface Driver {
  default: { createPool(options: object): Pool };
}
interface StoredRow {
  sid: string | Buffer;
  text: string | Buffer | null;
  expires: number | string | null;
}

/** The most that the column of express-mysql-session holds, in the year 2106. */
const latestSecond = 2 ** 32 - 1;

export async function openMysql(options: SourceOptions): Promise<Source> {
  const { url, schema, table = "sessions", columns = {} } = options;
  const target = schema === undefined ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
  const database = url.toLowerCase().startsWith("mariadb") ? "MariaDB" : "MySQL";
  const place = { database, name: `${database}, table ${target}`, at: addressOf(url, 3306) };
  const names = {
    sid: columns.sid ?? "session_id",
    session: columns.session ?? "data",
    expires: columns.expires ?? "expires",
  };
  const { createPool } = ((await driver("mysql2/promise", database)) as Driver).default;
  const settings = { connectionLimit: 4, charset: "utf8mb4", jsonStrings: true, connectTimeout: 10_000 };
  return new MysqlTable(createPool({ ...settings, uri: url }), place, target, names);
}

class MysqlTable implements Source {
  readonly name: string;
  // Not to be seen by console.log(): a pool knows the password.
  readonly #pool: Pool;
  readonly #place: Place;
  readonly #target: string;
  readonly #columns: Columns;
  readonly #sid: string;
  readonly #selection: string;
  readonly #insertion: string;
  readonly #overwriting: string;

  constructor(pool: Pool, place: Place, target: string, columns: Columns) {
    this.name = place.name;
    this.#pool = pool;
    this.#place = place;
    this.#target = target;
    this.#columns = columns;
    const [sid, session, expires] = [columns.sid, columns.session, columns.expires].map(quoted);
    this.#sid = sid!;
    this.#selection = `SELECT ${sid} AS sid, ${session} AS text, ${expires} AS expires FROM ${target}`;
    this.#insertion = `INSERT INTO ${target} (${sid}, ${session}, ${expires}) VALUES`;
    const set = `${session} = VALUES(${session}), ${expires} = VALUES(${expires})`;
    this.#overwriting = `ON DUPLICATE KEY UPDATE ${set}`;
  }

  async check(): Promise<void> {
    const found = await this.#run<Column>(`SHOW COLUMNS FROM ${this.#target}`);
    const problem = problemOf(found, this.#columns);
    if (problem) throw wrongTable(this.#place, problem);
    await this.rows(undefined, 1); // whether this user may read
  }

  async count(): Promise<number> {
    const [row] = await this.#run<{ n: number }>(`SELECT COUNT(*) AS n FROM ${this.#target}`);
    return row!.n;
  }

  async rows(after: string | undefined, limit: number): Promise<Row[]> {
    // By the column's own collation, which is that of the primary key. The limit is no parameter: MySQL 8.0.22 and later
    // refuse one there that comes as a double, and the driver sends numbers so.
    const order = `ORDER BY ${this.#sid} LIMIT ${Math.trunc(limit)}`;
    const rows =
      after === undefined
        ? await this.#execute(`${this.#selection} ${order}`)
        : await this.#execute(`${this.#selection} WHERE ${this.#sid} > ? ${order}`, [after]);
    return rows.map(asRow);
  }

  async find(sids: readonly string[]): Promise<Map<string, Row>> {
    const found = new Map<string, Row>();
    for (const batch of batches(sids, (sid) => sid.length)) {
      const rows = await this.#execute(`${this.#selection} WHERE ${this.#sid} IN (${marks(batch)})`, batch);
      for (const row of rows.map(asRow)) found.set(row.sid, row);
    }
    return found;
  }

  async write(rows: readonly Row[]): Promise<void> {
    for (const batch of batches(lastOfEach(rows), (row) => row.sid.length + row.text.length)) {
      const values = batch.flatMap((row) => [row.sid, row.text, secondsOf(row.expires)]);
      const places = batch.map(() => "(?, ?, ?)").join(", ");
      await this.#execute(`${this.#insertion} ${places} ${this.#overwriting}`, values);
    }
  }

  async remove(sids: readonly string[]): Promise<void> {
    for (const batch of batches(sids, (sid) => sid.length)) {
      await this.#execute(`DELETE FROM ${this.#target} WHERE ${this.#sid} IN (${marks(batch)})`, batch);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** Values go beside the statement, never into it: how text is quoted depends on the server's sql_mode. */
  #execute(sql: string, values: unknown[] = []): Promise<StoredRow[]> {
    return this.#answer(this.#pool.execute(sql, values));
  }

  #run<R>(sql: string): Promise<R[]> {
    return this.#answer(this.#pool.query(sql));
  }

  async #answer<R>(answer: Promise<[unknown, unknown]>): Promise<R[]> {
    try {
      return (await answer)[0] as R[];
    } catch (cause) {
      throw explain(this.#place, cause);
    }
  }
}

function asRow({ sid, text, expires }: StoredRow): Row {
  // A column of bytes comes as a Buffer.
  const seconds = expires === null || expires === "" ? Number.NaN : Number(expires);
  return { sid: String(sid), text: text === null ? "" : String(text), expires: seconds * 1000 };
}

/** Rounded up, so that no session ends early. As text: the driver would send a number as a double. */
function secondsOf(expires: number): string {
  return String(Math.min(Math.max(Math.ceil(expires / 1000), 0), latestSecond));
}

function marks(batch: unknown[]): string {
  return batch.map(() => "?").join(", ");
}

function quoted(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

interface Column {
  Field: string;
  Type: string;
  Key: string;
}

function problemOf(found: Column[], names: Columns): string | undefined {
  // Names of columns are the same in either case to MySQL.
  const of = (name: string) => found.find(({ Field }) => Field.toLowerCase() === name.toLowerCase());
  const missing = Object.values(names).filter((name) => !of(name));
  if (missing.length > 0) return `it has no column ${missing.map(quoted).join(", ")}`;
  const [session, expires] = [of(names.session)!, of(names.expires)!];
  if (!/^(json|\w*text|varchar|\w*blob|varbinary)/i.test(session.Type)) {
    return `the column ${quoted(names.session)} is of the type ${session.Type}, where sessions are text`;
  }
  if (!/^(big|medium)?int/i.test(expires.Type)) {
    return `the column ${quoted(names.expires)} is of the type ${expires.Type}, where expiry is a number of seconds`;
  }
  if (!/PRI|UNI/.test(of(names.sid)!.Key)) {
    return `the column ${quoted(names.sid)} is not a key, so that an id could have two rows`;
  }
  return undefined;
}

function explain(place: Place, cause: unknown): HoldfastError {
  const code = codeOf(cause);
  if (code === "ER_NO_DB_ERROR") {
    const message = "The url of the sessions table names no database. Add it at the end: mysql://user@host/database.";
    return new HoldfastError(codes.SOURCE_INVALID, message, { cause });
  }
  if (/^ER_((DB)?ACCESS_DENIED|HOST_NOT_PRIVILEGED|NOT_SUPPORTED_AUTH)/.test(code)) return refusedLogin(place, cause);
  if (code === "ER_BAD_DB_ERROR") return noSuchDatabase(place, cause);
  if (code === "ER_NO_SUCH_TABLE") return noTable(place, cause);
  if (code === "ER_BAD_FIELD_ERROR") return wrongTable(place, "it lacks a column", cause);
  if (/^ER_(TABLE|COLUMN)ACCESS_DENIED/.test(code)) return notAllowed(place, cause);
  if (/^ER_(CON_COUNT|SERVER_SHUTDOWN|HOST_IS_BLOCKED|TOO_MANY_USER)/.test(code)) {
    return unreachable(place, "it takes no connections at the moment", cause);
  }
  const reason = connectionReason(cause);
  return reason ? unreachable(place, reason, cause) : failed(place, cause);
}
