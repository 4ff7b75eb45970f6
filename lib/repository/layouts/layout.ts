/** How sessions are stored in Redis. There are two layouts, `json` and `hash`; each reads what the other wrote. */
import type { SessionData } from "express-session";
import type { Base, Body, Change, Snapshot, Stored } from "../../session/index.js";

/** A write in preparation: changes applied to what is stored, one after the other. */
export interface Draft {
  /** @throws what a merge rule throws; the draft then does not contain the change */
  add(change: Change): Promise<void> | void;
  /** Writes it in one atomic step, if what is stored is still what the draft began with. */
  send(): Promise<Attempt>;
}

/** What a conditional write found; nothing was written unless it says `replaced`. */
export type Attempt =
  | { outcome: "replaced"; stored: Stored }
  /** `isUnreadable`: what is there, or what came out of merging with it, is no session. */
  | { outcome: "gone"; isUnreadable?: boolean }
  /** Another request saved first; this is what is stored now. */
  | { outcome: "moved"; stored: Stored };

export interface Layout {
  readonly emptyBody: Body;
  /** Whether equal bodies mean equal sessions. The app's own serializer may express more than JSON: a change inside a Map, say. */
  readonly isExact: boolean;
  bodyOf(session: object, base?: Base): Body;
  sameBody(a: Body, b: Body): boolean;
  /** The whole session, as `create` writes it. */
  wholeOf(session: SessionData, body: Body, cookie: string | undefined): Stored;
  /** The body of what was read; `data` is the parsed form. */
  loadedBody(stored: Stored, data: SessionData): Body;

  /** `undefined` if there is no session; a tombstone does not count as one. */
  read(key: string): Promise<Stored | undefined> | Stored;
  /**
   * Writes the whole session, whatever is there, and returns it as Redis now holds it.
   *
   * @param other where it may be instead, in the same slot: what is there goes at the same moment
   */
  create(key: string, session: Snapshot, other?: string): Promise<Stored>;
  remove(key: string): Promise<void>;
  /** Gives what is stored the form in which this process writes, unless it has changed meanwhile; its expiry stays. */
  renew(key: string, stored: Stored): Promise<void>;
  /** Begins a write on top of `stored`. */
  draft(key: string, stored: Stored): Draft;
}
