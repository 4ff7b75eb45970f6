/**
 * Numbers in few characters. What is not a number is shown as `-`: it comes from Redis, perhaps from another version of
 * this package. Pure.
 */
import { bytes as sized } from "../../ops/doctor/words.js";

export const unknown = "-";

/** Per second: `0`, `0.02`, `7.5`, `812`, `12,345`. What happens rarely is never shown as 0. */
export function rate(value: number | undefined): string {
  if (!isNumber(value)) return unknown;
  if (value <= 0) return "0";
  if (value < 0.095) return Math.max(value, 0.01).toFixed(2);
  return value < 9.95 ? value.toFixed(1) : whole(value);
}

/** `0.31`, `4.2`, `120` milliseconds. */
export function milliseconds(value: number | undefined): string {
  if (!isNumber(value)) return unknown;
  if (value < 0.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : whole(value);
}

export function count(value: number | undefined): string {
  return isNumber(value) ? whole(value) : unknown;
}

/** Rounded down, so that 100% means all. */
export function percent(share: number | undefined, digits = 1): string {
  if (!isNumber(share)) return unknown;
  const factor = 10 ** digits;
  return `${(Math.floor(share * 100 * factor + 1e-9) / factor).toFixed(share >= 1 ? 0 : digits)}%`;
}

export function bytes(value: number | undefined): string {
  return isNumber(value) ? sized(value) : unknown;
}

/** `undefined` if nothing has happened of which it is a part. */
export function shareOf(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}

const whole = (value: number) => Math.round(value).toLocaleString("en-US");
const isNumber = (value: number | undefined): value is number => Number.isFinite(value);
