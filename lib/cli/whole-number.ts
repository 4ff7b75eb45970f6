/** Whole numbers on the command line. Pure. */
import { UsageError } from "./failure.js";

/** Parses a whole number from an option or argument. @throws UsageError */
export function wholeNumber(text: string, name: string, from: number, to: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  const range = to === Infinity ? `${from} or more` : `from ${from} to ${to}`;
  throw new UsageError(`${name} is "${text}", but must be a whole number, ${range}.`);
}
