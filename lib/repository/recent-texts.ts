/** Texts under texts: the most recently used, up to a number of characters. Pure. */

/** Characters in total. */
const defaultCapacity = 4_000_000;

export class RecentTexts {
  readonly #capacity: number;
  readonly #texts = new Map<string, string>();
  #size = 0;

  constructor(capacity = defaultCapacity) {
    this.#capacity = capacity;
  }

  /** Characters that are kept. */
  get size(): number {
    return this.#size;
  }

  get(key: string): string | undefined {
    const text = this.#texts.get(key);
    if (text === undefined) return undefined;
    this.#texts.delete(key);
    this.#texts.set(key, text); // to the end of the map: most recently used
    return text;
  }

  add(key: string, text: string): void {
    this.#remove(key);
    const size = key.length + text.length;
    if (size > this.#capacity / 100) return; // one such text must not push out a hundred others
    this.#texts.set(key, text);
    this.#size += size;
    for (const oldest of this.#texts.keys()) {
      if (this.#size <= this.#capacity) return;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    const text = this.#texts.get(key);
    if (text === undefined) return;
    this.#texts.delete(key);
    this.#size -= key.length + text.length;
  }
}
