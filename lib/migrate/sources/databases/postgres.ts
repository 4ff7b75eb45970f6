/** Sessions tables in PostgreSQL; the usual one is connect-pg-simple's: sid, sess (JSON), expire (a timestamp). */
import type { Column, Dialect, Expiry, UpsertParts } from "../dialect.js";
import { seconds, type Form } from "../expiry-form.js";
import { driver } from "../driver.js";
import { addressOf, codeOf } from "../failures.js";
import { explainPostgres, rowProblemOfPostgres } from "./postgres-failures.js";
import { SqlTable } from "../sql-table.js";
import type { Source, SourceOptions } from "../types.js";

/** The part of `pg` that is used. */
interface Pool {
  query<R>(text: string, values?: readonly unknown[]): Promise<{ rows: R[] }>;
  on(event: "error", listener: (error: Error) => void): void;
  end(): Promise<void>;
}
interface Driver {
  default: { Pool: new (options: object) => Pool };
}

export async function openPostgres(options: SourceOptions): Promise<Source> {
  const { url, schema, table = "session", columns = {} } = options;
  const target = schema === undefined ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
  const place = { database: "PostgreSQL", name: `PostgreSQL, table ${target}`, at: addressOf(url, 5432) };
  const { Pool } = (await driver<Driver>("pg", "PostgreSQL")).default;
  const pool = new Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 10_000 });
  // If the server closes an idle connection, the next query replaces it; without a listener, the event would end the
  // process.
  pool.on("error", () => {});
  const query = async <R>(sql: string, values: readonly unknown[] = []) => (await pool.query<R>(sql, values)).rows;
  const dialect: Dialect = {
    place,
    target,
    hasExactNames: true,
    sessionTypes: { pattern: /^(jsonb?|text|character varying)$/, words: "json" },
    jsonTypes: /^jsonb?$/,
    expiryWords: "a timestamp or a number",
    quoted,
    mark: (n) => `$${n}`,
    columns: () => query<Column>(columnsOfTable, [target]),
    query,
    text: (column) => `${column}::text`,
    expiry,
    upsert,
    returnsIds: true,
    now: async () => (await query<{ now: number }>(clock))[0]!.now,
    rowProblem: rowProblemOfPostgres,
    isDeadlock: (cause) => /^(40001|40P01)$/.test(codeOf(cause)),
    explain: (cause) => explainPostgres(place, cause),
    close: () => pool.end(),
  };
  return new SqlTable(dialect, columns, { sid: "sid", session: "sess", expires: "expire" });
}

function expiry(type: string): Expiry | undefined {
  // connect-pg-simple writes to_timestamp(...) into a column without time zone, and compares that column with
  // to_timestamp(...): both use the time zone of the connection. So does this cast, which yields the same
  // instant as long as both connect with the same URL.
  if (/^timestamp with(out)? time zone$/.test(type))
    return {
      isFixed: true,
      read: (column) => `(extract(epoch FROM ${column}::timestamptz) * 1000)::float8`,
      write: (mark) => `to_timestamp(${mark}::float8 / 1000)`,
    };
  const number = (fallback: Form | undefined, largest?: number): Expiry => ({
    isFixed: false,
    read: (column) => `${column}::float8`,
    write: (mark) => mark,
    fallback,
    largest,
  });
  if (type === "integer") return number(seconds, 2 ** 31 - 1);
  // connect-typeorm's type; in an empty table, nothing tells which form it holds.
  return type === "bigint" || type === "numeric" || type === "double precision" ? number(undefined) : undefined;
}

function upsert({ target, columns, sid, updated, deleted, rows }: UpsertParts): string {
  const set = updated.map((column) => `${column} = excluded.${column}`);
  if (deleted) set.push(`${deleted} = NULL`);
  const isSame = `held.${sid}::text COLLATE "C" = excluded.${sid}::text COLLATE "C"`;
  return (
    `INSERT INTO ${target} AS held (${columns.join(", ")}) VALUES ${rows} ` +
    `ON CONFLICT (${sid}) DO UPDATE SET ${set.join(", ")} WHERE ${isSame} RETURNING ${sid}::text AS sid`
  );
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const clock = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now";

const columnsOfTable = `
  SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type,
    a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS "isRequired",
    format_type(a.atttypid, NULL) <> 'citext' AND coalesce(c.collisdeterministic, true) AS "isExact",
    EXISTS (
      SELECT FROM pg_index i
      WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indpred IS NULL AND i.indnkeyatts = 1
        AND i.indkey[0] = a.attnum
    ) AS "isKey"
  FROM pg_attribute a LEFT JOIN pg_collation c ON c.oid = a.attcollation
  WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped`;
