/** A source: the sessions table of a store that keeps its sessions in a database. */

/** One session as stored in its table. */
export interface Row {
  readonly sid: string;
  /** The session as JSON text, as the store wrote it. Not checked: it may not be JSON at all. */
  readonly text: string;
  /**
   * From the expiry COLUMN, in milliseconds since 1970 by this machine's clock: if the database's clock differs by more
   * than two seconds, the difference is subtracted, so that the remaining lifetime is the database's. NaN if the column
   * holds no time.
   */
  readonly expires: number;
}

/** A row that the database rejects. */
export interface RowLeft {
  readonly sid: string;
  /** As the end of a sentence, without the row's contents: "it contains a character that the column cannot store". */
  readonly reason: string;
}

/**
 * A sessions table. Every method rejects with a HoldfastError: SOURCE_UNREACHABLE, SOURCE_REFUSED_LOGIN, SOURCE_TABLE,
 * SOURCE_NOT_WRITABLE, or SOURCE_FAILED for any other error of the database. No message contains a session id or a
 * password.
 */
export interface Source {
  /** For people: `PostgreSQL, table "public"."session"`; never with a password. */
  readonly name: string;
  /** The database accepts nothing but JSON as a session. Known once rows were read. @default false: each text is parsed */
  readonly hasOnlyJson?: boolean | undefined;
  /** @throws HoldfastError with the remedy: not reachable, login refused, table missing, or not a sessions table */
  check(): Promise<void>;
  /** The number of rows, expired ones included. */
  count(): Promise<number>;
  /**
   * At most `limit` rows whose id comes after `after`, in the order of the key; without OFFSET. The order is that of
   * the column's collation, so do not compute it elsewhere: any other order would have no index, and every page of a
   * large table would sort all of it. Pass the last id of a page to get the next page.
   */
  rows(after: string | undefined, limit: number): Promise<Row[]>;
  /** The rows of exactly these ids, case-sensitive; an id without a row is left out. */
  find(sids: readonly string[]): Promise<Map<string, Row>>;
  /**
   * Inserts or overwrites, in the store's own form. Of two rows with the same id, the later one counts. A row that the
   * database rejects does not block the others: it is returned with the reason. The promise rejects if the cause is not
   * a row. Another id's row is never overwritten, even if the column treats both ids as equal.
   */
  write(rows: readonly Row[]): Promise<readonly RowLeft[] | void>;
  /** Removes exactly these ids. */
  remove(sids: readonly string[]): Promise<void>;
  /**
   * Milliseconds by which the database's clock is ahead of this machine's; 0 if they agree within two seconds. Omitted
   * by a source that has no clock of its own.
   */
  clock?(): Promise<number>;
  close(): Promise<void>;
}

export interface SourceOptions {
  /**
   * `postgres://`, `postgresql://`, `mysql://`, `mariadb://` or `sqlite:path`. Use the same URL as the store: in
   * PostgreSQL, the connection's time zone decides what the column of connect-pg-simple means. If the app sets a time
   * zone on its connections, name it in the URL: `?options=-c%20TimeZone%3DEurope%2FBerlin`. A Unix socket is
   * `postgres://user@/db?host=/folder` and `mysql://user@/db?socketPath=/path`.
   */
  url: string;
  /** @default the table of the database's usual store: `session` in PostgreSQL, `sessions` elsewhere */
  table?: string | undefined;
  /** A PostgreSQL schema, or a MySQL database. @default the connection's own */
  schema?: string | undefined;
  /** Names of the columns. @default those of a known store */
  columns?: { sid?: string | undefined; session?: string | undefined; expires?: string | undefined } | undefined;
}
