/** The sessions table of connect-pg-simple: sid, sess (JSON), expire (a timestamp without time zone). */
import { HoldfastError } from "../../errors/index.js";
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

/** What is used of `pg`. */
interface Pool {
  query<R>(text: string, values?: unknown[]): Promise<{ rows: R[] }>;
  on(event: "error", listener: (error: Error) => void): void;
  end(): Promise<void>;
}
interface StoredRow {
  sid: string;
  text: string | null;
  expires: number | null;
}
interface Columns {
  sid: string;
  session: string;
  expires: string;
}
interface Driver {
  default: { Pool: new (options: object) => Pool };
}

export async function openPostgres(options: SourceOptions): Promise<Source> {
  const { url, schema, table = "session", columns = {} } = options;
  const target = schema === undefined ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
  const place = { database: "PostgreSQL", name: `PostgreSQL, table ${target}`, at: addressOf(url, 5432) };
  const names = { sid: columns.sid ?? "sid", session: columns.session ?? "sess", expires: columns.expires ?? "expire" };
  const { Pool } = ((await driver("pg", "PostgreSQL")) as Driver).default;
  const pool = new Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 10_000 });
  // An idle connection that the server ends is replaced at the next query; unheard, the event would end the process.
  pool.on("error", () => {});
  return new PostgresTable(pool, place, target, names);
}

class PostgresTable implements Source {
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
    // connect-pg-simple writes to_timestamp(...) into a column without time zone, and compares that column with
    // to_timestamp(...): both go through the time zone of the connection. So does this cast, which makes the same
    // instant of it as long as both connect with the same url.
    const milliseconds = `(extract(epoch FROM ${expires}::timestamptz) * 1000)::float8`;
    this.#selection = `SELECT ${sid} AS sid, ${session}::text AS text, ${milliseconds} AS expires FROM ${target}`;
    this.#insertion = `INSERT INTO ${target} (${sid}, ${session}, ${expires}) VALUES`;
    const set = `${session} = excluded.${session}, ${expires} = excluded.${expires}`;
    this.#overwriting = `ON CONFLICT (${sid}) DO UPDATE SET ${set}`;
  }

  async check(): Promise<void> {
    const found = await this.#query<Column>(columnsOfTable, [this.#target]);
    if (found.length === 0) throw noTable(this.#place);
    const problem = problemOf(found, this.#columns);
    if (problem) throw wrongTable(this.#place, problem);
    await this.rows(undefined, 1); // whether this user may read
  }

  async count(): Promise<number> {
    const [row] = await this.#query<{ n: string }>(`SELECT count(*) AS n FROM ${this.#target}`);
    return Number(row!.n);
  }

  async rows(after: string | undefined, limit: number): Promise<Row[]> {
    // By the column's own collation, which is that of the primary key: `COLLATE "C"` would sort the table for each page.
    const order = `ORDER BY ${this.#sid} LIMIT ${Math.trunc(limit)}`;
    const rows =
      after === undefined
        ? await this.#query<StoredRow>(`${this.#selection} ${order}`)
        : await this.#query<StoredRow>(`${this.#selection} WHERE ${this.#sid} > $1 ${order}`, [after]);
    return rows.map(asRow);
  }

  async find(sids: readonly string[]): Promise<Map<string, Row>> {
    const found = new Map<string, Row>();
    for (const batch of batches(sids.filter(possible), (sid) => sid.length)) {
      const rows = await this.#query<StoredRow>(`${this.#selection} WHERE ${this.#sid} = ANY($1)`, [batch]);
      for (const row of rows) found.set(row.sid, asRow(row));
    }
    return found;
  }

  async write(rows: readonly Row[]): Promise<void> {
    for (const batch of batches(lastOfEach(rows), (row) => row.sid.length + row.text.length)) {
      const places = batch.map((_, i) => `($${3 * i + 1}, $${3 * i + 2}, to_timestamp($${3 * i + 3}::float8 / 1000))`);
      const values = batch.flatMap((row) => [row.sid, row.text, row.expires]);
      await this.#query(`${this.#insertion} ${places.join(", ")} ${this.#overwriting}`, values);
    }
  }

  async remove(sids: readonly string[]): Promise<void> {
    for (const batch of batches(sids.filter(possible), (sid) => sid.length)) {
      await this.#query(`DELETE FROM ${this.#target} WHERE ${this.#sid} = ANY($1)`, [batch]);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #query<R>(text: string, values: unknown[] = []): Promise<R[]> {
    try {
      return (await this.#pool.query<R>(text, values)).rows;
    } catch (cause) {
      throw explain(this.#place, cause);
    }
  }
}

/** `infinity` is a time of PostgreSQL's that no store writes and no lifetime can express. */
function asRow({ sid, text, expires }: StoredRow): Row {
  const isTime = expires !== null && Number.isFinite(expires);
  return { sid, text: text ?? "", expires: isTime ? Math.round(expires) : Number.NaN };
}

/** PostgreSQL's text holds no NUL: such an id has no row, and asking for it would be an error. */
function possible(sid: string): boolean {
  return !sid.includes("\0");
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

interface Column {
  name: string;
  type: string;
  unique: boolean;
}

const columnsOfTable = `
  SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, EXISTS (
    SELECT FROM pg_index i
    WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum
  ) AS unique
  FROM pg_attribute a
  WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped`;

function problemOf(found: Column[], names: Columns): string | undefined {
  const of = (name: string) => found.find((column) => column.name === name);
  const missing = Object.values(names).filter((name) => !of(name));
  if (missing.length > 0) return `it has no column ${missing.map(quoted).join(", ")}`;
  const [session, expires] = [of(names.session)!, of(names.expires)!];
  if (!/^(jsonb?|text|character varying)$/.test(session.type)) {
    return `the column ${quoted(names.session)} is of the type ${session.type}, where sessions are json`;
  }
  if (!/^timestamp with(out)? time zone$/.test(expires.type)) {
    return `the column ${quoted(names.expires)} is of the type ${expires.type}, where expiry is a timestamp`;
  }
  if (!of(names.sid)!.unique) return `the column ${quoted(names.sid)} is not a key, so that an id could have two rows`;
  return undefined;
}

/** Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function explain(place: Place, cause: unknown): HoldfastError {
  if (cause instanceof HoldfastError) return cause;
  const code = codeOf(cause);
  // Without a password where one is asked for, the driver itself gives up, and its error has no code.
  const noPassword = cause instanceof Error && /password must be a (non-empty )?string/.test(cause.message);
  if (code.startsWith("28") || noPassword) return refusedLogin(place, cause);
  if (code === "3D000") return noSuchDatabase(place, cause);
  if (code === "42P01" || code === "3F000") return noTable(place, cause);
  if (code === "42703") return wrongTable(place, "it lacks a column", cause);
  if (code === "42501") return notAllowed(place, cause);
  if (/^(57P0|53300)/.test(code)) return unreachable(place, "it takes no connections at the moment", cause);
  const reason = code.startsWith("08") ? "the connection was closed" : connectionReason(cause);
  return reason ? unreachable(place, reason, cause) : failed(place, cause);
}
