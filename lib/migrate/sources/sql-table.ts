/** A sessions table in any database that speaks SQL. */
import { randomUUID } from "node:crypto";
import { HoldfastError } from "../../errors/index.js";
import { batches, lastOfEach } from "./batches.js";
import type { Column, Dialect, Expiry } from "./dialect.js";
import { formOf, milliseconds, readExpiry, writeExpiry, type Form } from "./expiry-form.js";
import { noTable, notWritable, wrongTable } from "./failures.js";
import { bytesOf, expiryValue, mayExist, problemOf, readFixedTime, readText, sizeOf } from "./row-values.js";
import { fillingOf, shapeOf, type Shape } from "./shape.js";
import type { Row, RowLeft, Source, SourceOptions } from "./types.js";

type Names = NonNullable<SourceOptions["columns"]>;
interface Layout extends Shape {
  readonly expiry: Expiry;
  readonly selection: string;
  /** The condition that excludes rows that the store has marked as removed; "" if it does not mark them. */
  readonly alive: string;
}
interface StoredRow {
  readonly sid: unknown;
  readonly text: unknown;
  readonly expires: unknown;
}

/** Milliseconds for which a reading of the database's clock is used. */
const clockReadingLife = 10_000;
/** Clocks that differ by less, in milliseconds, count as equal. */
const clockTolerance = 2000;
/** Maximum bytes per page, estimated from the previous page. */
const pageBytes = 16 * 1024 * 1024;
/** Values that are read to find out the form of the expiry column. */
const sampleSize = 200;
/** How often a statement is tried that was in a deadlock with one of the app's. */
const mostTries = 5;

export class SqlTable implements Source {
  readonly name: string;
  // Private, so that console.log() does not show it: its pool knows the password.
  readonly #dialect: Dialect;
  readonly #given: Names;
  readonly #defaults: Required<Names>;
  #layout: Layout | undefined;
  #form: Form | undefined;
  #mostBytes: number | undefined;
  /** The mean size of a row in the previous page. */
  #rowBytes = 1;
  #clock: { readonly ahead: number; readonly at: number } | undefined;

  constructor(dialect: Dialect, given: Names, defaults: Required<Names>) {
    this.name = dialect.place.name;
    this.#dialect = dialect;
    this.#given = given;
    this.#defaults = defaults;
  }

  get hasOnlyJson(): boolean {
    return this.#dialect.jsonTypes?.test(this.#layout?.session.type ?? "") ?? false;
  }

  async check(): Promise<void> {
    this.#layout = undefined;
    await this.rows(undefined, 1); // fails if this user may not read
  }

  async count(): Promise<number> {
    const { alive } = await this.#readLayout();
    const where = alive && ` WHERE ${alive}`;
    const [row] = await this.#query<{ n: number | string }>(
      `SELECT count(*) AS n FROM ${this.#dialect.target}${where}`,
    );
    return Number(row!.n);
  }

  async rows(after: string | undefined, limit: number): Promise<Row[]> {
    const { selection, sid, alive } = await this.#readLayout();
    const { quoted, mark } = this.#dialect;
    const conditions = [alive, after === undefined ? "" : `${quoted(sid.name)} > ${mark(1)}`].filter(Boolean);
    const where = conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
    // In the collation of the primary key; any other order would sort the whole table for each page.
    // Large rows make smaller pages. The limit is not a parameter: MySQL 8.0.22 and later reject a double there.
    const fitting = Math.max(1, Math.floor(Math.min(limit, pageBytes / this.#rowBytes)));
    const order = ` ORDER BY ${quoted(sid.name)} LIMIT ${fitting}`;
    const rows = await this.#rowsOf(selection + where + order, after === undefined ? [] : [after]);
    if (rows.length > 0) this.#rowBytes = 1 + rows.reduce((sum, { text }) => sum + text.length, 0) / rows.length;
    return rows;
  }

  async find(sids: readonly string[]): Promise<Map<string, Row>> {
    const { selection, sid, alive } = await this.#readLayout();
    const found = new Map<string, Row>();
    for (const batch of batches(sids.filter(mayExist), bytesOf)) {
      const wanted = new Set(batch);
      const condition = `${this.#dialect.quoted(sid.name)} IN (${this.#marks(batch.length)})`;
      const rows = await this.#rowsOf(`${selection} WHERE ${condition}${alive && ` AND ${alive}`}`, batch);
      // A column may treat ids as equal that differ only in case.
      for (const row of rows) if (wanted.has(row.sid)) found.set(row.sid, row);
    }
    return found;
  }

  async write(rows: readonly Row[]): Promise<readonly RowLeft[]> {
    const rejected: RowLeft[] = [];
    if (rows.length === 0) return rejected;
    const opened = await this.#readLayout();
    const unknown = opened.required.filter((column) => fillingOf(column) === undefined);
    if (unknown.length > 0) {
      const names = unknown.map(({ name }) => this.#dialect.quoted(name)).join(", ");
      throw notWritable(this.#dialect.place, `the column ${names} needs a value that only your store knows`);
    }
    const form = await this.#formFor(opened);
    const most = (this.#mostBytes ??= (await this.#dialect.mostBytes?.()) ?? Infinity);
    const fitting: Row[] = [];
    for (const row of lastOfEach(rows)) {
      const reason = problemOf(row, most);
      if (reason === undefined) fitting.push(row);
      else rejected.push({ sid: row.sid, reason });
    }
    for (const batch of batches(fitting, sizeOf, most / 4)) await this.#writeBatch(batch, opened, form, rejected);
    return rejected;
  }

  async remove(sids: readonly string[]): Promise<void> {
    const { sid, deleted } = await this.#readLayout();
    const { target, quoted } = this.#dialect;
    const exact = sid.isExact ? sids.filter(mayExist) : [...(await this.find(sids)).keys()];
    for (const batch of batches(exact, bytesOf)) {
      const where = `WHERE ${quoted(sid.name)} IN (${this.#marks(batch.length)})`;
      // As connect-typeorm does: a slow request that saves the session again does not revive it.
      const mark = deleted && quoted(deleted.name);
      const sql = mark
        ? `UPDATE ${target} SET ${mark} = CURRENT_TIMESTAMP ${where} AND ${mark} IS NULL`
        : `DELETE FROM ${target} ${where}`;
      await this.#retryDeadlocks(() => this.#dialect.query(sql, batch)).catch((cause: unknown) => this.#fail(cause));
    }
  }

  async clock(): Promise<number> {
    if (!this.#dialect.now) return 0;
    if (!this.#clock || performance.now() - this.#clock.at > clockReadingLife) {
      const before = Date.now();
      const now = await this.#dialect.now().catch((cause: unknown) => this.#fail(cause));
      const ahead = now - (before + Date.now()) / 2;
      this.#clock = { ahead: Math.abs(ahead) < clockTolerance ? 0 : ahead, at: performance.now() };
    }
    return this.#clock.ahead;
  }

  close(): Promise<void> {
    this.#layout = undefined;
    return this.#dialect.close();
  }

  /** Writes all rows at once. If one is rejected, writes each half by itself, down to that row. */
  async #writeBatch(batch: readonly Row[], opened: Layout, form: Form, rejected: RowLeft[]): Promise<void> {
    try {
      const overlapping = await this.#retryDeadlocks(() => this.#insert(batch, opened, form));
      for (const sid of overlapping)
        rejected.push({ sid, reason: "the column treats its id as equal to another session's" });
    } catch (cause) {
      const reason = this.#dialect.rowProblem(cause);
      if (reason === undefined) this.#fail(cause);
      if (batch.length === 1) {
        rejected.push({ sid: batch[0]!.sid, reason });
        return;
      }
      const half = Math.ceil(batch.length / 2);
      await this.#writeBatch(batch.slice(0, half), opened, form, rejected);
      await this.#writeBatch(batch.slice(half), opened, form, rejected);
    }
  }

  async #retryDeadlocks<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (cause) {
        if (tries === mostTries || !this.#dialect.isDeadlock(cause)) throw cause;
      }
    }
  }

  /** Writes the rows; returns the ids that were not written because another id's row was in the way. */
  async #insert(batch: readonly Row[], opened: Layout, form: Form): Promise<string[]> {
    const { sid, session, expires, deleted, required, expiry } = opened;
    const { target, quoted, mark, returnsIds } = this.#dialect;
    const ahead = await this.clock();
    const values: (string | number)[] = [];
    const next = (value: string | number) => mark(values.push(value));
    const now = Date.now() + ahead;
    const rows = batch.map((row) => {
      const fillings = required.map((column) => this.#filling(column, row.sid, now, form, next));
      const end = expiry.write(next(expiryValue(row.expires + ahead, expiry, form)));
      return `(${[...fillings, end, next(row.sid), next(row.text)].join(", ")})`;
    });
    const columns = [...required, expires, sid, session].map(({ name }) => quoted(name));
    const updated = [session, expires].map(({ name }) => quoted(name));
    const parts = { target, columns, sid: quoted(sid.name), updated, deleted: deleted && quoted(deleted.name) };
    const sql = this.#dialect.upsert({ ...parts, rows: rows.join(", ") });
    const answer = await this.#dialect.query<{ sid: unknown }>(sql, values);
    if (!returnsIds && sid.isExact) return [];
    const sids = batch.map((row) => row.sid);
    const written = returnsIds
      ? new Set(answer.map((row) => readText(row.sid)))
      : new Set((await this.find(sids)).keys());
    return sids.filter((one) => !written.has(one));
  }

  #filling(column: Column, sid: string, now: number, form: Form, next: (value: string | number) => string): string {
    const filling = fillingOf(column);
    if (filling === "sid") return next(sid);
    if (filling === "uuid") return next(randomUUID());
    const expiry = this.#dialect.expiry(column.type);
    return expiry?.isFixed ? expiry.write(next(Math.ceil(now))) : next(writeExpiry(now, form));
  }

  async #readLayout(): Promise<Layout> {
    return (this.#layout ??= await this.#describe());
  }

  async #describe(): Promise<Layout> {
    const dialect = this.#dialect;
    const found = await dialect.columns().catch((cause: unknown) => this.#fail(cause));
    if (found.length === 0) throw noTable(dialect.place);
    const shape = shapeOf(found, this.#given, this.#defaults, dialect);
    if (typeof shape === "string") throw wrongTable(dialect.place, shape);
    const { quoted, target } = dialect;
    const [sid, session, expires] = [shape.sid, shape.session, shape.expires].map(({ name }) => quoted(name));
    const expiry = dialect.expiry(shape.expires.type)!;
    const columns = [
      `${dialect.text(sid!)} AS sid`,
      `${dialect.text(session!)} AS text`,
      `${expiry.read(expires!)} AS expires`,
    ].join(", ");
    const alive = shape.deleted ? `${quoted(shape.deleted.name)} IS NULL` : "";
    this.#form = undefined;
    return { ...shape, expiry, alive, selection: `SELECT ${columns} FROM ${target}` };
  }

  /** @throws HoldfastError SOURCE_NOT_WRITABLE if the form is not certain */
  async #formFor({ expires, expiry }: Layout): Promise<Form> {
    if (expiry.isFixed) return milliseconds;
    if (this.#form) return this.#form;
    const { quoted, target, place } = this.#dialect;
    const name = quoted(expires.name);
    const sql = `SELECT ${expiry.read(name)} AS expires FROM ${target} WHERE ${name} IS NOT NULL LIMIT ${sampleSize}`;
    const values = (await this.#query<{ expires: unknown }>(sql)).map((row) => row.expires);
    this.#form = formOf(values, expiry.fallback);
    if (this.#form) return this.#form;
    const what = values.length === 0 ? "is empty" : "holds times in several forms";
    throw notWritable(place, `the column ${name} ${what}, so it is not certain in which form the store keeps them`);
  }

  async #rowsOf(sql: string, values: readonly (string | number)[]): Promise<Row[]> {
    const { expiry } = await this.#readLayout();
    const ahead = await this.clock();
    return (await this.#query<StoredRow>(sql, values)).map((row) => {
      const end = expiry.isFixed ? readFixedTime(row.expires) : readExpiry(row.expires);
      return { sid: readText(row.sid), text: readText(row.text), expires: end - ahead };
    });
  }

  async #query<R>(sql: string, values?: readonly (string | number)[]): Promise<R[]> {
    try {
      return await this.#dialect.query<R>(sql, values);
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #fail(cause: unknown): never {
    throw HoldfastError.is(cause) ? cause : this.#dialect.explain(cause);
  }

  #marks(count: number): string {
    return Array.from({ length: count }, (_, i) => this.#dialect.mark(i + 1)).join(", ");
  }
}
