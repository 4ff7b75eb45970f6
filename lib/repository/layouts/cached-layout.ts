/** A layout behind a near cache: reads are answered from memory until Redis announces a change. */
import type { Snapshot, Stored } from "../../session/index.js";
import type { Attempt, Draft, Layout } from "./layout.js";
import { LayoutOver } from "./layout-over.js";
import type { NearCache } from "../cache/near-cache.js";

export class CachedLayout extends LayoutOver {
  readonly #cache: NearCache;

  constructor(inner: Layout, cache: NearCache) {
    super(inner);
    this.#cache = cache;
  }

  read(key: string): Promise<Stored | undefined> | Stored {
    return this.#cache.get(key) ?? this.#readThrough(key);
  }

  async #readThrough(key: string): Promise<Stored | undefined> {
    const ticket = this.#cache.begin(key);
    let stored: Stored | undefined;
    try {
      stored = await this.inner.read(key);
      return stored;
    } finally {
      this.#cache.end(ticket, stored);
    }
  }

  create(key: string, session: Snapshot, other?: string): Promise<Stored> {
    this.#cache.changed(key);
    if (other !== undefined) this.#cache.changed(other);
    return this.inner.create(key, session, other);
  }

  /** Redis does not announce our own changes to us. */
  remove(key: string): Promise<void> {
    this.#cache.changed(key);
    return this.inner.remove(key);
  }

  async renew(key: string, stored: Stored): Promise<void> {
    this.#cache.changed(key);
    await this.inner.renew(key, stored).finally(() => this.#cache.changed(key));
  }

  draft(key: string, stored: Stored): Draft {
    const inner = this.inner.draft(key, stored);
    return { add: (change) => inner.add(change), send: () => this.#send(key, stored, inner) };
  }

  /**
   * What was written is kept only if the base was current when the command was sent. Then any change by others that
   * came first is announced, either before the answer (it is not kept) or after it (it is dropped).
   */
  async #send(key: string, stored: Stored, inner: Draft): Promise<Attempt> {
    const wasCurrent = this.#cache.isCurrent(key, stored);
    this.#cache.changed(key);
    const ticket = this.#cache.begin(key);
    let written: Stored | undefined;
    try {
      const attempt = await inner.send();
      if (attempt.outcome === "replaced" && wasCurrent) written = attempt.stored;
      return attempt;
    } finally {
      if (ticket.isClean && written) this.#cache.end(ticket, written);
      else {
        this.#cache.end(ticket, undefined);
        this.#cache.changed(key); // a concurrent read may have returned the old value
      }
    }
  }
}
