/**
 * Sessions tables in MySQL and MariaDB; the usual one is express-mysql-session's: session_id, expires (seconds), data.
 */
import type { Column, Dialect, Expiry, UpsertParts } from "../dialect.js";
import { driver } from "../driver.js";
import { offsetOf, seconds, type Form } from "../expiry-form.js";
import { addressOf, codeOf, parsedUrl } from "../failures.js";
import { explainMysql, rowProblemOfMysql } from "./mysql-failures.js";
import { SqlTable } from "../sql-table.js";
import type { Source, SourceOptions } from "../types.js";

/** The part of `mysql2/promise` that is used. */
interface Pool {
  execute<R>(sql: string, values?: readonly unknown[]): Promise<[rows: R[], fields: unknown]>;
  query<R>(sql: string): Promise<[rows: R[], fields: unknown]>;
  on(event: "connection", listener: (connection: { query(sql: string): unknown }) => void): void;
  end(): Promise<void>;
}
interface Driver {
  default: { createPool(options: object): Pool };
}

export async function openMysql(options: SourceOptions): Promise<Source> {
  const { url, schema, table = "sessions", columns = {} } = options;
  const target = schema === undefined ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
  const database = url.toLowerCase().startsWith("mariadb") ? "MariaDB" : "MySQL";
  const place = { database, name: `${database}, table ${target}`, at: addressOf(url, 3306) };
  const { createPool } = (await driver<Driver>("mysql2/promise", database)).default;
  const { uri, zone } = settingsOf(url);
  const settings = { connectionLimit: 4, charset: "utf8mb4", jsonStrings: true, connectTimeout: 10_000 };
  const pool = createPool({ ...settings, uri });
  pool.on("connection", (connection) => {
    // Times are in this zone. Strict mode rejects what does not fit; otherwise the server might truncate it or write
    // question marks.
    connection.query(`SET time_zone = '${zone}', sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')`);
  });
  const dialect: Dialect = {
    place,
    target,
    hasExactNames: false,
    sessionTypes: { pattern: /^(json|\w*text|varchar|\w*blob|varbinary)/i, words: "text" },
    jsonTypes: /^json$/i, // in MariaDB, this is a name for text
    expiryWords: "a number or a datetime",
    quoted,
    mark: () => "?",
    async columns() {
      const [found] = await pool.query<Described>(`SHOW FULL COLUMNS FROM ${target}`);
      return found.map(asColumn);
    },
    // Values are sent separately, never in the statement: how text is quoted depends on the server's sql_mode. As text,
    // because the driver would send a number as a double.
    async query<R>(sql: string, values: readonly (string | number)[] = []) {
      return (await pool.execute<R>(sql, values.map(String)))[0];
    },
    text: (column) => column,
    expiry: (type) => expiry(type, offsetOf(zone)),
    upsert,
    returnsIds: false,
    async now() {
      const [rows] = await pool.query<{ now: unknown }>("SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS now");
      return Number(rows[0]!.now);
    },
    async mostBytes() {
      const [rows] = await pool.query<{ most: unknown }>("SELECT @@max_allowed_packet AS most");
      return Number(rows[0]!.most);
    },
    rowProblem: rowProblemOfMysql,
    isDeadlock: (cause) => codeOf(cause) === "ER_LOCK_DEADLOCK",
    explain: (cause) => explainMysql(place, cause),
    close: () => pool.end(),
  };
  return new SqlTable(dialect, columns, { sid: "session_id", session: "data", expires: "expires" });
}

/** `?socket=` is an alias of `?socketPath=`, and `?timezone=+02:00` is the time zone of the app's connections. */
function settingsOf(url: string): { uri: string; zone: string } {
  const parsed = parsedUrl(url);
  const socket = parsed.searchParams.get("socket");
  if (socket !== null) {
    parsed.searchParams.delete("socket");
    parsed.searchParams.set("socketPath", socket);
  }
  const zone = /^[ +-]\d\d:\d\d$/.exec(parsed.searchParams.get("timezone") ?? "")?.[0].replace(" ", "+");
  parsed.searchParams.delete("timezone");
  return { uri: parsed.href, zone: zone ?? "+00:00" };
}

function expiry(type: string, offset: number): Expiry | undefined {
  // The column holds a local time; in UTC, unless the URL names another zone.
  if (/^(datetime|timestamp)/i.test(type)) {
    const fraction = /\((\d)\)/.exec(type)?.[1] ?? "0";
    const step = fraction === "0" ? 1000 : 1;
    const whole = (mark: string) => `CEILING((${mark} + ${offset}) / ${step}) * ${step} * 1000`;
    return {
      isFixed: true,
      read: (column) => `TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ${column}) / 1000 - ${offset}`,
      write: (mark) => `TIMESTAMPADD(MICROSECOND, ${whole(mark)}, TIMESTAMP('1970-01-01'))`,
    };
  }
  const number = (fallback: Form | undefined, largest?: number): Expiry => ({
    isFixed: false,
    read: (column) => `${column} + 0e0`,
    write: (mark) => mark,
    fallback,
    largest,
  });
  if (/^bigint|^decimal|^double/i.test(type)) return number(undefined);
  if (/^(medium)?int/i.test(type)) return number(seconds, /unsigned/i.test(type) ? 2 ** 32 - 1 : 2 ** 31 - 1);
  return undefined;
}

function upsert({ target, columns, sid, updated, deleted, rows }: UpsertParts): string {
  // In a column that ignores case, the existing row may be another visitor's.
  const isSame = `BINARY ${sid} = BINARY VALUES(${sid})`;
  const set = updated.map((column) => `${column} = IF(${isSame}, VALUES(${column}), ${column})`);
  if (deleted) set.push(`${deleted} = IF(${isSame}, NULL, ${deleted})`);
  return `INSERT INTO ${target} (${columns.join(", ")}) VALUES ${rows} ON DUPLICATE KEY UPDATE ${set.join(", ")}`;
}

function quoted(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

interface Described {
  Field: string;
  Type: string;
  Collation: string | null;
  Null: string;
  Key: string;
  Default: unknown;
  Extra: string;
}

function asColumn({ Field, Type, Collation, Null, Key, Default, Extra }: Described): Column {
  return {
    name: Field,
    type: Type,
    isKey: /PRI|UNI/.test(Key),
    isRequired: Null === "NO" && Default === null && !/auto_increment|generated|default/i.test(Extra),
    isExact: Collation === null || Collation.endsWith("_bin"),
  };
}
