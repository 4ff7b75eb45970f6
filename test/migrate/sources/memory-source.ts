/** The rows of the legacy store in memory as a source, with an expiry column that the JSON need not agree with. */
import type { Row, Source } from "holdfast/migrate";
import type { FickleStore } from "../fickle-store.js";

export class MemorySource implements Source {
  readonly name = "a store in memory";
  /** The expiry column, where it is not what the JSON says; milliseconds since 1970. */
  readonly column = new Map<string, number>();
  /** Runs before a page is handed out. */
  onPage: ((after: string | undefined) => Promise<void> | void) | undefined;
  /** Runs before rows are looked up by their ids. */
  onFind: ((sids: readonly string[]) => Promise<void> | void) | undefined;
  readonly #store: FickleStore;

  constructor(store: FickleStore) {
    this.#store = store;
  }

  /** A row as some store has left it. */
  add(sid: string, data: object | string, expires = Date.now() + 3_600_000): void {
    this.#store.texts[sid] = typeof data === "string" ? data : JSON.stringify(data);
    this.column.set(sid, expires);
  }

  async check(): Promise<void> {}

  async count(): Promise<number> {
    return Object.keys(this.#store.texts).length;
  }

  async rows(after: string | undefined, limit: number): Promise<Row[]> {
    await this.onPage?.(after);
    const sids = Object.keys(this.#store.texts).sort();
    return sids
      .filter((sid) => after === undefined || sid > after)
      .slice(0, limit)
      .map((sid) => this.#row(sid)!);
  }

  async find(sids: readonly string[]): Promise<Map<string, Row>> {
    await this.onFind?.(sids);
    return new Map(sids.flatMap((sid) => (this.#row(sid) ? [[sid, this.#row(sid)!] as const] : [])));
  }

  async write(rows: readonly Row[]): Promise<void> {
    for (const { sid, text, expires } of rows) this.add(sid, text, expires);
  }

  async remove(sids: readonly string[]): Promise<void> {
    for (const sid of sids) {
      delete this.#store.texts[sid];
      this.column.delete(sid);
    }
  }

  async close(): Promise<void> {}

  #row(sid: string): Row | undefined {
    const text = this.#store.texts[sid];
    return text === undefined ? undefined : { sid, text, expires: this.column.get(sid) ?? endOf(text) };
  }
}

function endOf(text: string): number {
  const { cookie } = JSON.parse(text) as { cookie: { expires?: string | null } };
  return cookie.expires ? Date.parse(cookie.expires) : Date.now() + 86_400_000;
}
