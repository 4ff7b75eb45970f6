/** Writes lines to stdout, no faster than they are read, and stops when their reader has gone, as `| head` does. */
import { once } from "node:events";

/** Characters that are written at once. */
const chunkSize = 16_384;

export class Lines {
  readonly isTerminal: boolean = process.stdout.isTTY;
  readonly #gone = new AbortController();
  #text = "";

  constructor() {
    process.stdout.once("error", () => this.#gone.abort());
  }

  /** Aborted when nobody reads any more. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Await it if it is a promise. */
  add(line: string): Promise<void> | void {
    this.#text += `${line}\n`;
    if (this.#text.length >= chunkSize) return this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = "";
    if (text === "" || this.gone.aborted || process.stdout.write(text)) return;
    await once(process.stdout, "drain", { signal: this.gone }).catch(() => {});
  }
}
