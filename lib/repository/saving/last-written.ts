/**
 * What this process last wrote for each session. A request that loaded the session earlier starts its save from that,
 * instead of learning from Redis that the session has moved. It is only a guess; Redis checks it. Pure.
 */
import type { Stored } from "../../session/index.js";

interface Entry {
  readonly stored: Stored;
  /** When, counted in saves of this process. */
  readonly at: number;
  readonly size: number;
}

/** Total characters. */
const defaultCapacity = 1_000_000;

export class LastWritten {
  readonly #capacity: number;
  readonly #entries = new Map<string, Entry>();
  #size = 0;
  #saves = 0;

  constructor(capacity = defaultCapacity) {
    this.#capacity = capacity;
  }

  /** The time, counted in saves of this process. */
  get now(): number {
    return this.#saves;
  }

  note(sid: string, stored: Stored): void {
    this.forget(sid);
    const size = sizeOf(stored);
    this.#saves++;
    if (size > this.#capacity / 10) return;
    this.#entries.set(sid, { stored, at: this.#saves, size });
    this.#size += size;
    for (const [oldest, entry] of this.#entries) {
      if (this.#size <= this.#capacity) return;
      this.#entries.delete(oldest);
      this.#size -= entry.size;
    }
  }

  forget(sid: string): void {
    const entry = this.#entries.get(sid);
    if (!entry) return;
    this.#entries.delete(sid);
    this.#size -= entry.size;
  }

  /** What was written after `time`, if anything was. */
  since(sid: string, time: number): Stored | undefined {
    const entry = this.#entries.get(sid);
    return entry && entry.at > time ? entry.stored : undefined;
  }
}

/** The length of a stored session in characters, including what is compressed in Redis. */
export function sizeOf(stored: Stored): number {
  if (stored.form === "json") return stored.text.length + (stored.packed?.length ?? 0);
  let size = 0;
  for (const name in stored.fields) size += name.length + stored.fields[name]!.length;
  for (const name in stored.packed) size += stored.packed[name]!.length;
  return size;
}
