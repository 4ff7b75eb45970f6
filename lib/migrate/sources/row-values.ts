/** The values of a row: how they are read, how they are written, and which ones no database accepts. Pure. */
import type { Expiry } from "./dialect.js";
import { writeExpiry, type Form } from "./expiry-form.js";
import type { Row } from "./types.js";

/** The value that an expiry column gets for `time`, in milliseconds since 1970. */
export function expiryValue(time: number, { isFixed, largest }: Expiry, form: Form): string | number {
  const value = isFixed ? Math.ceil(time) : writeExpiry(time, form);
  return typeof value === "number" && largest !== undefined ? Math.min(Math.max(value, 0), largest) : value;
}

/** Milliseconds since 1970, from a column whose SQL yields them; NaN if it holds no time. */
export function readFixedTime(value: unknown): number {
  const time = value === null || value === undefined || value === "" ? Number.NaN : Number(value);
  return Number.isFinite(time) ? Math.round(time) : Number.NaN;
}

export function readText(value: unknown): string {
  // Bytes are an ArrayBuffer with libsql, and a view of one with the other drivers.
  const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
  if (bytes instanceof Uint8Array) return Buffer.from(bytes).toString();
  return value === null || value === undefined ? "" : String(value);
}

/** Text in a database holds no NUL: such an id has no row, and a query for it is an error in PostgreSQL. */
export function mayExist(sid: string): boolean {
  return !sid.includes("\0");
}

/** Why no database accepts the row, as the end of a sentence; undefined if nothing speaks against it. */
export function problemOf(row: Row, maxBytes: number): string | undefined {
  // A driver would replace it with another character.
  if (/\p{Surrogate}/u.test(row.sid) || /\p{Surrogate}/u.test(row.text)) return "it contains half of a character";
  if (!mayExist(row.sid)) return "its id contains a NUL";
  return sizeOf(row) + 1024 > maxBytes ? "it is larger than the database accepts at once" : undefined;
}

/** Bytes of the row in a statement. */
export function sizeOf({ sid, text }: Row): number {
  return bytesOf(sid) + bytesOf(text);
}

export function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
