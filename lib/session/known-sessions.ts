/**
 * The parsed values of recently read sessions: a visitor's next request usually reads the same text again, and gets a
 * copy. The values are used only if the text is identical, so they are never out of date. Pure: memory only.
 */
import { isObject, setSlot, type Json, type JsonObject } from "./text/json.js";
import type { Fields, Stored } from "./stored.js";
import { copyOf } from "./text/pristine.js";

/** A session as values. */
export interface Opened {
  /** The request's own copy. */
  readonly data: Json;
  /** Equal to `data` for all keys that it has; shared, never changed. */
  readonly pristine: JsonObject | undefined;
}

/**
 * A session that was read. Its text and its values are kept when the same text is read again, so that a session that
 * changes with every page costs neither memory nor copies.
 */
type Known =
  | { readonly form: "seen"; readonly mark: number; readonly size: number }
  | { readonly form: "json"; readonly text: string; readonly size: number; readonly value: Json }
  | { readonly form: "hash"; readonly fields: Fields; readonly size: number; readonly values: JsonObject };

/** `outside` is the number of levels around this text: 1 for a field of a hash. */
type Parse = (text: string, outside?: number) => Json;

/** Characters of text in total; the parsed values need a few times that. */
const defaultCapacity = 4_000_000;

export class KnownSessions {
  readonly #parse: Parse;
  readonly #capacity: number;
  readonly #bySession = new Map<string, Known>();
  #size = 0;

  constructor(parse: Parse, capacity = defaultCapacity) {
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
    if (known?.form === "json" && known.text === text) {
      this.#keep(sid, known, known);
      return copyFor(known.value);
    }
    const value = this.#parse(text);
    const mark = markOf(text);
    if (known?.form === "seen" && known.mark === mark) {
      this.#keep(sid, known, { form: "json", text, size: text.length, value });
      return copyFor(value);
    }
    this.#keep(sid, known, { form: "seen", mark, size: seenSize });
    return { data: value, pristine: undefined };
  }

  #openFields(sid: string, fields: Fields, known: Known | undefined): Opened {
    const before = known?.form === "hash" ? known : undefined;
    const data: JsonObject = {};
    const values: JsonObject = Object.create(null);
    let size = 0;
    for (const field in fields) {
      const text = fields[field]!;
      size += text.length;
      if (before?.fields[field] !== text) setSlot(data, field, this.#parse(text, 1));
      else {
        const value = (values[field] = before.values[field] ?? this.#parse(text, 1));
        setSlot(data, field, copyOf(value));
      }
    }
    this.#keep(sid, known, { form: "hash", fields, size, values });
    return { data, pristine: values };
  }

  /** Moves it to the end of the map, the most recently used, once the order is going to matter. */
  #keep(sid: string, before: Known | undefined, now: Known): void {
    const isTooLarge = now.size > this.#capacity / 100;
    if (before) {
      this.#size -= before.size;
      if (isTooLarge || this.#size > this.#capacity / 2) this.#bySession.delete(sid);
    }
    if (isTooLarge) return; // one such visitor must not push out a hundred others
    this.#bySession.set(sid, now);
    this.#size += now.size;
    for (const [oldest, { size }] of this.#bySession) {
      if (this.#size <= this.#capacity) return;
      this.#bySession.delete(oldest);
      this.#size -= size;
    }
  }
}

function copyFor(value: Json): Opened {
  return { data: copyOf(value), pristine: isObject(value) ? value : undefined };
}

/** What an entry counts for that keeps no text. */
const seenSize = 50;

/** Differs for nearly all texts of a session: a save changes its cookie's expiry, which stands at the beginning. */
function markOf(text: string): number {
  let mark = text.length;
  const rest = Math.max(1, text.length >> 4);
  for (let i = 0; i < text.length; i += i < 128 ? 1 : rest) mark = (Math.imul(mark, 31) + text.charCodeAt(i)) | 0;
  return mark;
}
