/** What differs between databases; the rest of a sessions table is the same for all (sql-table.ts). */
import type { HoldfastError } from "../../errors/index.js";
import type { Form } from "./expiry-form.js";
import type { Place } from "./failures.js";

export interface Column {
  readonly name: string;
  /** As the database writes it: `timestamp without time zone`, `int(11) unsigned`. */
  readonly type: string;
  /** Unique by itself. */
  readonly isKey: boolean;
  /** A row must have a value for it: NOT NULL without a default. */
  readonly isRequired: boolean;
  /** Two values are equal only if all their bytes are. */
  readonly isExact: boolean;
}

export interface UpsertParts {
  readonly target: string;
  /** Quoted. */
  readonly columns: readonly string[];
  readonly sid: string;
  /** Columns that are updated in an existing row, and the column that marks it as removed. */
  readonly updated: readonly string[];
  readonly deleted: string | undefined;
  /** `(?, ?, ?), (?, ?, ?)` */
  readonly rows: string;
}

export interface Dialect {
  readonly place: Place;
  /** The table's name in SQL, with its schema. */
  readonly target: string;
  /** Column names are case-sensitive. */
  readonly hasExactNames: boolean;
  /** Column types that can hold a session, and their description in messages. */
  readonly sessionTypes: { readonly pattern: RegExp; readonly words: string };
  /** Column types that accept nothing but JSON; omitted if there are none. */
  readonly jsonTypes?: RegExp;
  /** The description of an expiry column in messages. */
  readonly expiryWords: string;
  quoted(name: string): string;
  /** The placeholder of the nth value in a statement, from 1. */
  mark(n: number): string;
  /** Empty if there is no such table. */
  columns(): Promise<Column[]>;
  /** Rejects with the driver's own error. */
  query<R>(sql: string, values?: readonly (string | number)[]): Promise<R[]>;
  /** SQL for a column as text. */
  text(column: string): string;
  /**
   * How an expiry column of this type is read and written. If `isFixed`, SQL converts it from and to milliseconds since
   * 1970. Otherwise it is read as it is, and its values tell the form, or it is `fallback` if there are no values.
   * Undefined if the type cannot hold a time.
   */
  expiry(type: string): Expiry | undefined;
  /**
   * A statement that inserts rows, or overwrites those of exactly these ids. If another id's row is in the way, that
   * row is not changed.
   */
  upsert(parts: UpsertParts): string;
  /** The statement returns the ids that it wrote. */
  readonly returnsIds: boolean;
  /** Milliseconds since 1970 by the database's clock; omitted if that is this machine's. */
  now?(): Promise<number>;
  /** Maximum bytes of a statement. */
  mostBytes?(): Promise<number>;
  /** Why the database rejects a row, if that is what this error means. */
  rowProblem(cause: unknown): string | undefined;
  /** The statement was ended because of a deadlock, and may be retried. */
  isDeadlock(cause: unknown): boolean;
  explain(cause: unknown): HoldfastError;
  close(): Promise<void>;
}

export interface Expiry {
  readonly isFixed: boolean;
  read(column: string): string;
  write(mark: string): string;
  readonly fallback?: Form | undefined;
  /** The largest value of the type. */
  readonly largest?: number | undefined;
}
