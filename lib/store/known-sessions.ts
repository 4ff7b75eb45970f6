/**
 * The last sessions that were read, parsed: a visitor's next request mostly finds what the last one found, and gets a
 * copy. It is used only for the very same text, so it is never out of date. Pure: memory only.
 */
import { setSlot, type Json, type JsonObject } from "./json.js";
import type { Fields, Stored } from "./layout.js";
import { copyOf } from "./pristine.js";

/** A session as values. */
export interface Opened {
  /** The request's own. */
  readonly data: Json;
  /** Equal to `data`, as far as it is known, key by key; shared, never changed. */
  readonly pristine: JsonObject | undefined;
}

/** A session whose text was seen. Its values are filled in when it is seen again, so that one visit costs no copy. */
type Known =
  | { readonly form: "json"; readonly text: string; readonly size: number; value?: Json }
  | { readonly form: "hash"; readonly fields: Fields; readonly size: number; readonly values: JsonObject };

/** Characters of text, together; their values take a few times that. */
const defaultCapacity = 4_000_000;

export class KnownSessions {
  readonly #parse: (text: string) => Json;
  readonly #capacity: number;
  readonly #bySession = new Map<string, Known>();
  #size = 0;

  constructor(parse: (text: string) => Json, capacity = defaultCapacity) {
    this.#parse = parse;
    this.#capacity = capacity;
  }

  /** Characters that are kept. */
  get size(): number {
    return this.#size;
  }

  /** @throws what `parse` throws */
  open(sid: string, stored: Stored): Opened {
    const known = this.#bySession.get(sid);
    return stored.form === "json"
      ? this.#openText(sid, stored.text, known)
      : this.#openFields(sid, stored.fields, known);
  }

  #openText(sid: string, text: string, known: Known | undefined): Opened {
    if (known?.form !== "json" || known.text !== text) {
      const data = this.#parse(text);
      this.#keep(sid, known, { form: "json", text, size: text.length });
      return { data, pristine: undefined };
    }
    const value = (known.value ??= this.#parse(text));
    this.#keep(sid, known, known);
    return { data: copyOf(value), pristine: value as JsonObject };
  }

  #openFields(sid: string, fields: Fields, known: Known | undefined): Opened {
    const before = known?.form === "hash" ? known : undefined;
    const data: JsonObject = {};
    const values = Object.create(null) as JsonObject;
    let size = 0;
    for (const field in fields) {
      const text = fields[field]!;
      size += text.length;
      if (before?.fields[field] !== text) setSlot(data, field, this.#parse(text));
      else {
        const value = (values[field] = before.values[field] ?? this.#parse(text));
        setSlot(data, field, copyOf(value));
      }
    }
    this.#keep(sid, known, { form: "hash", fields, size, values });
    return { data, pristine: values };
  }

  /** At the end of the map: used last. */
  #keep(sid: string, before: Known | undefined, now: Known): void {
    if (before) {
      this.#bySession.delete(sid);
      this.#size -= before.size;
    }
    if (now.size > this.#capacity / 100) return; // one such visitor must not push out a hundred others
    this.#bySession.set(sid, now);
    this.#size += now.size;
    for (const [oldest, { size }] of this.#bySession) {
      if (this.#size <= this.#capacity) return;
      this.#bySession.delete(oldest);
      this.#size -= size;
    }
  }
}
