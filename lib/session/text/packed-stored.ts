/** Sessions that are compressed or encrypted in Redis: what they say, and what Redis holds. Pure. */
import type { Fields, Stored } from "../stored.js";
import { isPacked, unpacked } from "./packed-text.js";

/** What a value says. One that cannot be read stays as it is, or becomes `unreadable`: neither is JSON. */
export type Decode = (raw: string, field?: string) => string;

/** Stands for what a value says that cannot, or must not, be read. Begins as no JSON does. */
export const unreadable = "~";

/** Of values that may be compressed. */
const decompress: Decode = (raw) => {
  try {
    return isPacked(raw) ? unpacked(raw) : raw;
  } catch {
    return raw;
  }
};

/** What is read as a string. */
export function textAsRead(raw: string, decode: Decode = decompress): Stored {
  const text = decode(raw);
  return text === raw ? { form: "json", text } : { form: "json", text, packed: raw };
}

/** What is read as a hash; the same for each field. */
export function fieldsAsRead(raw: Fields, decode: Decode = decompress): Stored {
  const plain: Fields = Object.create(null);
  const packed: Fields = Object.create(null);
  let hasPacked = false;
  for (const name in raw) {
    const value = raw[name]!;
    const text = decode(value, name);
    if (text === value) continue;
    packed[name] = value;
    plain[name] = text;
    hasPacked = true;
  }
  if (!hasPacked) return { form: "hash", fields: raw };
  return { form: "hash", fields: Object.assign(Object.create(null), raw, plain), packed };
}

/** A string as Redis holds it. */
export function rawText(stored: Stored & { form: "json" }): string {
  return stored.packed ?? stored.text;
}

/** A hash as Redis holds it. */
export function rawFields({ fields, packed }: Stored & { form: "hash" }): Fields {
  return packed ? Object.assign(Object.create(null), fields, packed) : fields;
}

/** Whether a field could not be read. */
export function hasUnreadable({ fields }: Stored & { form: "hash" }): boolean {
  for (const name in fields) if (isPacked(fields[name]!)) return true;
  return false;
}
