/** The base of a layout over another one, which answers everything that is not about keys in Redis. */
import type { SessionData } from "express-session";
import type { Base, Body, Snapshot, Stored } from "../../session/index.js";
import type { Draft, Layout } from "./layout.js";

export abstract class LayoutOver implements Layout {
  protected readonly inner: Layout;

  constructor(inner: Layout) {
    this.inner = inner;
  }

  get emptyBody(): Body {
    return this.inner.emptyBody;
  }

  get isExact(): boolean {
    return this.inner.isExact;
  }

  bodyOf(session: object, base?: Base): Body {
    return this.inner.bodyOf(session, base);
  }

  sameBody(a: Body, b: Body): boolean {
    return this.inner.sameBody(a, b);
  }

  wholeOf(session: SessionData, body: Body, cookie: string | undefined): Stored {
    return this.inner.wholeOf(session, body, cookie);
  }

  loadedBody(stored: Stored, data: SessionData): Body {
    return this.inner.loadedBody(stored, data);
  }

  abstract read(key: string): Promise<Stored | undefined> | Stored;
  abstract create(key: string, session: Snapshot, other?: string): Promise<Stored>;
  abstract remove(key: string): Promise<void>;
  abstract renew(key: string, stored: Stored): Promise<void>;
  abstract draft(key: string, stored: Stored): Draft;
}
