/** One line about a work that goes on: for the bar and for a log. Pure. */
import { bar, number, span } from "../words.js";
import type { Pace } from "./pace.js";

export interface Done {
  readonly read: number;
  readonly total: number;
}

/** `42 %  420,000 of 1,000,000 rows  5,210 a second  1 min 51 s left` */
export function progressLine({ read, total }: Done, pace: Pace): string {
  // Rows that were added since the count do not make more than all.
  const whole = Math.max(total, read);
  const share = whole === 0 ? 1 : read / whole;
  const parts = [`${String(Math.floor(share * 100)).padStart(3)} %`, `${number(read)} of ${number(whole)} rows`];
  if (read >= whole) return parts.join("  ");
  const [rate, left] = [pace.rate, pace.left(whole)];
  if (rate !== undefined) parts.push(`${number(Math.round(rate))} a second`);
  if (left !== undefined) parts.push(`${span(Math.ceil(left))} left`);
  return parts.join("  ");
}

export function barLine(done: Done, pace: Pace): string {
  const whole = Math.max(done.total, done.read);
  return `${bar(whole === 0 ? 1 : done.read / whole, 28)} ${progressLine(done, pace)}`;
}
