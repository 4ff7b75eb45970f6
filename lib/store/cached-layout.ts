/** A layout in front of which a near cache stands: reads are answered from memory while nothing was announced. */
import type { SessionData } from "express-session";
import type { Attempt, Base, Body, Layout, Snapshot, Stored } from "./layout.js";
import type { NearCache } from "./near-cache.js";

export class CachedLayout implements Layout {
  readonly #inner: Layout;
  readonly #cache: NearCache;

  constructor(inner: Layout, cache: NearCache) {
    this.#inner = inner;
    this.#cache = cache;
  }

  get emptyBody(): Body {
    return this.#inner.emptyBody;
  }

  bodyOf(session: object, base?: Base): Body {
    return this.#inner.bodyOf(session, base);
  }

  sameBody(a: Body, b: Body): boolean {
    return this.#inner.sameBody(a, b);
  }

  wholeOf(session: SessionData, body: Body, cookie: string): Stored {
    return this.#inner.wholeOf(session, body, cookie);
  }

  loadedBody(stored: Stored, data: SessionData): Body {
    return this.#inner.loadedBody(stored, data);
  }

  read(key: string): Promise<Stored | undefined> | Stored {
    return this.#cache.get(key) ?? this.#readThrough(key);
  }

  async #readThrough(key: string): Promise<Stored | undefined> {
    const ticket = this.#cache.begin(key);
    let stored: Stored | undefined;
    try {
      stored = await this.#inner.read(key);
      return stored;
    } finally {
      this.#cache.end(ticket, stored);
    }
  }

  create(key: string, session: Snapshot): Promise<void> {
    this.#cache.drop(key);
    return this.#inner.create(key, session);
  }

  /**
   * What was written is kept only if the base was current when the command was sent: then any change by others that the
   * command met is announced, before the answer (it is not kept) or after it (it is dropped).
   */
  async replace(key: string, base: Base, mine: Snapshot, stored: Stored): Promise<Attempt> {
    const wasCurrent = this.#cache.isCurrent(key, stored);
    this.#cache.drop(key);
    const ticket = this.#cache.begin(key);
    let written: Stored | undefined;
    try {
      const attempt = await this.#inner.replace(key, base, mine, stored);
      if (attempt.outcome === "replaced" && wasCurrent) written = attempt.stored;
      return attempt;
    } finally {
      this.#cache.end(ticket, written);
    }
  }
}
