/** What is being counted, under which label. Whatever is asked to be counted twice is counted once. */

export interface Counted {
  /** What the label calls it. */
  readonly label: string;
  /** Counting ends when everybody who asked for it has called this. */
  stop(): void;
}

interface Source {
  users: number;
  readonly label: string;
  readonly stop: () => void;
}

export class Counting {
  readonly #sources = new Map<object, Source>();

  /**
   * @param wanted the label, to which a number is added if something else has it
   * @param start begins to count; returns what ends it
   */
  count(what: object, wanted: string, start: (label: string) => () => void): Counted {
    let source = this.#sources.get(what);
    if (!source) {
      const label = this.#free(wanted);
      this.#sources.set(what, (source = { users: 0, label, stop: start(label) }));
    }
    source.users++;
    return { label: source.label, stop: this.#release(what, source) };
  }

  #release(what: object, source: Source): () => void {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--source.users > 0) return;
      this.#sources.delete(what);
      source.stop();
    };
  }

  #free(wanted: string): string {
    const taken = new Set(Array.from(this.#sources.values(), ({ label }) => label));
    let label = wanted;
    for (let n = 2; taken.has(label); n++) label = `${wanted}-${n}`;
    return label;
  }
}
