/** A line of progress, for the bar and for a log. Pure. */
import { bar, number, span } from "../words.js";
import type { Pace } from "./pace.js";

export interface Done {
  readonly read: number;
  readonly total: number;
  /** The second half: Redis keys that were checked, after all rows. */
  readonly keys?: number;
}

/** `42 %  420,000 of 1,000,000 rows  5,210/s  1 min 51 s left` */
export function progressLine(done: Done, pace: Pace, columns = Infinity): string {
  if (done.keys) return keysLine(done.keys, pace);
  const { read, total } = done;
  // Rows may have been added since the count; the share must not exceed 100 %.
  const whole = Math.max(total, read);
  const share = whole === 0 ? 1 : read / whole;
  const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;
  const rows = `${number(read)} of ${number(whole)} rows`;
  if (read >= whole) return `${percent}  ${rows}`;
  const [rate, secondsLeft] = [pace.rate, pace.secondsLeft(whole)];
  const speed = [
    ...(rate === undefined ? [] : [`${number(Math.round(rate))}/s`]),
    ...(secondsLeft === undefined ? [] : [`${span(Math.ceil(secondsLeft))} left`]),
  ];
  const line = [percent, rows, ...speed].join("  ");
  // If space is short, the remaining time matters more than the number of rows.
  return line.length <= columns ? line : [percent, ...speed].join("  ");
}

/** The total number of keys is not known: Redis can only iterate over them. */
function keysLine(keys: number, pace: Pace): string {
  const rate = pace.rate === undefined ? "" : `  ${number(Math.round(pace.rate))}/s`;
  return `all rows; ${number(keys)} Redis keys${rate}`;
}

/** The line with a bar that fills the remaining width. */
export function barLine(done: Done, pace: Pace, columns = 80): string {
  const line = progressLine(done, pace, columns);
  const width = Math.min(28, columns - line.length - 3);
  if (width < 6) return line;
  const whole = Math.max(done.total, done.read);
  return `${bar(done.keys || whole === 0 ? 1 : done.read / whole, width)} ${line}`;
}
