/** In which form sessions are stored: plain, compressed, encrypted and with which key, or in several forms at once. Pure. */
import { encryptionKeyOf, isPacked } from "../../../session/index.js";
import type { StoredValues } from "./stored-values.js";

export interface StoredForms {
  /** The number of sessions that were looked at. */
  readonly looked: number;
  readonly encrypted: number;
  /** Of which some fields are encrypted, and others not. */
  readonly partly: number;
  readonly compressed: number;
  /** The number of sessions by the name of the key with which they, or some of their fields, are encrypted. */
  readonly keys: ReadonlyMap<string, number>;
}

export function storedForms(values: readonly StoredValues[]): StoredForms {
  let [encrypted, partly, compressed] = [0, 0, 0];
  const keys = new Map<string, number>();
  for (const { texts } of values) {
    const names = texts.flatMap((text) => encryptionKeyOf(text) ?? []);
    for (const name of new Set(names)) keys.set(name, (keys.get(name) ?? 0) + 1);
    if (names.length === texts.length && names.length > 0) encrypted++;
    else if (names.length > 0) partly++;
    else if (texts.some(isPacked)) compressed++;
  }
  return { looked: values.length, encrypted, partly, compressed, keys };
}

/** Those of several servers. */
export function sumOfForms(all: readonly StoredForms[]): StoredForms {
  const sum = (name: "looked" | "encrypted" | "partly" | "compressed") =>
    all.reduce((total, one) => total + one[name], 0);
  const keys = new Map<string, number>();
  for (const one of all) for (const [name, count] of one.keys) keys.set(name, (keys.get(name) ?? 0) + count);
  return {
    looked: sum("looked"),
    encrypted: sum("encrypted"),
    partly: sum("partly"),
    compressed: sum("compressed"),
    keys,
  };
}
