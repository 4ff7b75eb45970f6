/** Durations, sizes and ids as they are typed. Pure. */
import { UsageError } from "../failure.js";

const secondsIn: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const bytesIn: Record<string, number> = { b: 1, kb: 1000, mb: 1e6, gb: 1e9, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 };

/** `90s`, `30m`, `2h`, `7d`, `1.5h`, in seconds. @throws UsageError */
export function duration(text: string, option: string): number {
  return amount(text, secondsIn) ?? wrong(option, text, "a duration, such as 90s, 30m, 2h or 7d");
}

/** `100kb`, `1.5MB`, `2048`, in bytes. @throws UsageError */
export function size(text: string, option: string): number {
  const bytes = /^\d+$/.test(text) ? Number(text) : amount(text.replace(/(?<=[kmg])$/i, "b"), bytesIn);
  return bytes ?? wrong(option, text, "a size, such as 2048, 100kb or 1mb");
}

/** An id, which an unset variable of a script leaves empty. @throws UsageError */
export function id(text: string, name: string): string {
  if (text.trim() !== "") return text;
  throw new UsageError(`${name} is empty. Name a user by the id that sessions have.`);
}

/** `account.id`: names with dots between them. @throws UsageError */
export function path(text: string, option: string): string {
  if (text.split(".").every((name) => name.trim() !== "")) return text;
  return wrong(option, text, "a path in the session, such as user or account.id");
}

function amount(text: string, units: Record<string, number>): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?) ?([a-z]+)$/i.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

function wrong(option: string, text: string, what: string): never {
  throw new UsageError(`${option} is "${text}", but must be ${what}.`);
}
