/** Sessions and logins as lines: columns for people, fields with tabs between them for programs, or JSON. Pure. */
import { visible } from "../../ops/visible.js";
import { span } from "../words.js";

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
  return aligned(columns.map(({ shown, width }) => [visible(shown(row)), width]));
}

export function plainRow<T>(columns: readonly Column<T>[], row: T): string {
  return columns.map(({ plain }) => visible(String(plain(row) ?? ""))).join("\t");
}

function aligned(cells: readonly (readonly [text: string, width: number])[]): string {
  return cells
    .map(([text, width]) => (text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)))
    .join("  ")
    .trimEnd();
}
