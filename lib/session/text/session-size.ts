/** The limit on a session's size, with an error that names the largest keys. Pure. */
import { codes, HoldfastError, sessionLabel } from "../../errors/index.js";
import type { Snapshot, Stored } from "../stored.js";

/** @throws HoldfastError `SESSION_TOO_LARGE`, naming the three largest keys */
export function checkSize({ sid, whole }: Pick<Snapshot, "sid" | "whole">, maxBytes: number | undefined): void {
  if (maxBytes == null) return;
  const bytes = sizeOf(whole);
  if (bytes <= maxBytes) return;
  throw new HoldfastError(
    codes.SESSION_TOO_LARGE,
    `Session ${sessionLabel(sid)} has ${bytes} bytes, more than the ${maxBytes} that \`maxBytes\` allows, and was ` +
      `not saved. Its largest keys: ${largestKeys(whole).join(", ")}. Store large values elsewhere, and their id in ` +
      "the session.",
  );
}

function sizeOf(whole: Stored): number {
  if (whole.form === "json") return Buffer.byteLength(whole.text);
  return Object.entries(whole.fields).reduce(
    (sum, [key, text]) => sum + Buffer.byteLength(key) + Buffer.byteLength(text),
    0,
  );
}

function largestKeys(whole: Stored): string[] {
  return entriesOf(whole)
    .map(([key, text]) => ({ key, bytes: Buffer.byteLength(text) }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .map(({ key, bytes }) => `${key} (${bytes})`);
}

function entriesOf(whole: Stored): [string, string][] {
  if (whole.form === "hash") return Object.entries(whole.fields);
  try {
    const values: object = JSON.parse(whole.text);
    return Object.entries(values).map(([key, value]) => [key, JSON.stringify(value) ?? ""]);
  } catch {
    return []; // written by the app's own serializer
  }
}
