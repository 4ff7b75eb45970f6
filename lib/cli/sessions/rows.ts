/** Sessions and logins as lines: columns for people, fields with tabs between them for programs, or JSON. Pure. */
import { span } from "../words.js";

/** Characters that are invisible or control a terminal; visitors choose names. */
const unprintable = /[\p{C}\u2028\u2029]/gu;

export function printable(text: string): string {
  return text.replace(unprintable, "?");
}

/** JSON in which such characters are escaped. */
export function json(value: unknown, indent?: number): string {
  const escaped = (char: string) =>
    char === "\n" ? char : [...Array(char.length).keys()].map((i) => codeOf(char.charCodeAt(i))).join("");
  return JSON.stringify(value, undefined, indent).replace(unprintable, escaped);
}

const codeOf = (unit: number) => `\\u${unit.toString(16).padStart(4, "0")}`;

/** 999 B, 2.5 kB, 1.2 MB */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let [amount, unit] = [value, 0];
  while (amount >= 999.5 && unit < units.length - 1) [amount, unit] = [amount / 1000, unit + 1];
  return `${unit === 0 || amount >= 99.5 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}

export const unknown = "unknown";

export function seconds(value: number | undefined, otherwise = unknown): string {
  return value === undefined ? otherwise : span(value);
}

export interface Column<T> {
  readonly title: string;
  readonly width: number;
  /** For people. */
  readonly shown: (row: T) => string;
  /** For programs; empty if not known. */
  readonly plain: (row: T) => string | number | undefined;
}

export function heading<T>(columns: readonly Column<T>[]): string {
  return aligned(columns.map(({ title, width }) => [title, width]));
}

export function shownRow<T>(columns: readonly Column<T>[], row: T): string {
  return aligned(columns.map(({ shown, width }) => [printable(shown(row)), width]));
}

export function plainRow<T>(columns: readonly Column<T>[], row: T): string {
  return columns.map(({ plain }) => printable(String(plain(row) ?? ""))).join("\t");
}

function aligned(cells: readonly (readonly [text: string, width: number])[]): string {
  return cells
    .map(([text, width]) => (text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)))
    .join("  ")
    .trimEnd();
}
