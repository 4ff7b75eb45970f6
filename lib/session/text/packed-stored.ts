/** Sessions that are compressed in Redis: what they say, and what Redis holds. Pure. */
import type { Fields, Stored } from "../stored.js";
import { isPacked, unpacked } from "./packed-text.js";

type Unpack = (raw: string) => string;

/** What is read as a string. If it cannot be decompressed, it is kept as it is, which is no JSON. */
export function textAsRead(raw: string, unpack: Unpack = unpacked): Stored {
  const text = isPacked(raw) ? unpackedOrNot(raw, unpack) : raw;
  return text === raw ? { form: "json", text } : { form: "json", text, packed: raw };
}

/** What is read as a hash; the same for each field. */
export function fieldsAsRead(raw: Fields, unpack: Unpack = unpacked): Stored {
  const plain: Fields = Object.create(null);
  const packed: Fields = Object.create(null);
  let hasPacked = false;
  for (const name in raw) {
    const value = raw[name]!;
    if (!isPacked(value)) continue;
    const text = unpackedOrNot(value, unpack);
    if (text === value) continue;
    packed[name] = value;
    plain[name] = text;
    hasPacked = true;
  }
  if (!hasPacked) return { form: "hash", fields: raw };
  return { form: "hash", fields: Object.assign(Object.create(null), raw, plain), packed };
}

function unpackedOrNot(raw: string, unpack: Unpack): string {
  try {
    return unpack(raw);
  } catch {
    return raw;
  }
}

/** A string as Redis holds it. */
export function rawText(stored: Stored & { form: "json" }): string {
  return stored.packed ?? stored.text;
}

/** A hash as Redis holds it. */
export function rawFields({ fields, packed }: Stored & { form: "hash" }): Fields {
  return packed ? Object.assign(Object.create(null), fields, packed) : fields;
}
