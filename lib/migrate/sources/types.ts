/** What a source is: the sessions table of a store that keeps its sessions in a database. */

/** One session as its table has it. */
export interface Row {
  readonly sid: string;
  /** The session as JSON text, as the store wrote it. Not checked: it may be no JSON at all. */
  readonly text: string;
  /** From the expiry COLUMN; milliseconds since 1970. NaN when the column holds no time. */
  readonly expires: number;
}

/**
 * A sessions table. Every method rejects with a HoldfastError: SOURCE_UNREACHABLE, SOURCE_REFUSED_LOGIN, SOURCE_TABLE,
 * or SOURCE_FAILED for whatever else the database reports. No message holds a session id or a password.
 */
export interface Source {
  /** For people: `PostgreSQL, table "public"."session"`; never with a password. */
  readonly name: string;
  /** @throws HoldfastError in one sentence with the remedy: cannot be reached, refused login, table missing, not of this shape */
  check(): Promise<void>;
  /** How many rows there are, expired ones included. */
  count(): Promise<number>;
  /**
   * At most `limit` rows whose id comes after `after`, in the order of the key; no OFFSET. The order is the database's
   * own, by the collation of its column, and is not to be computed outside: another order would have no index, so that
   * each page of a table of a million rows would sort all of them. Hand the last id of a page to get the next one.
   */
  rows(after: string | undefined, limit: number): Promise<Row[]>;
  /** The rows of these ids; an id without a row is left out. */
  find(sids: readonly string[]): Promise<Map<string, Row>>;
  /** Inserts or overwrites. Of two rows with one id, the later counts. */
  write(rows: readonly Row[]): Promise<void>;
  remove(sids: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface SourceOptions {
  /**
   * `postgres://`, `postgresql://`, `mysql://`, `mariadb://` or `sqlite:path`. Give the one that the store uses: in
   * PostgreSQL the time zone of a connection says what the column of connect-pg-simple means. An app that sets a zone of
   * its own on its connections names it in the url, as `?options=-c%20TimeZone%3DEurope%2FBerlin`.
   */
  url: string;
  /** Default: the table of the database's usual store, `session` in PostgreSQL, `sessions` elsewhere. */
  table?: string;
  /** A schema of PostgreSQL, or a database of MySQL. Default: what the connection finds. */
  schema?: string;
  /** Names of columns where they are not those of the usual store. */
  columns?: { sid?: string; session?: string; expires?: string };
}
