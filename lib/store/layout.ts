/** What a layout is: how a session lies in Redis. Two exist, `json` and `hash`; each reads what the other wrote. */
import type { SessionData } from "express-session";
import type { CookieSettings } from "./cookie-settings.js";
import type { JsonObject } from "./json.js";

/** Top-level keys with their values as JSON; without a prototype, so that every name is a key like any other. */
export type Fields = Record<string, string>;

/** A session as Redis holds it, to the letter. */
export type Stored =
  { readonly form: "json"; readonly text: string } | { readonly form: "hash"; readonly fields: Fields };

/** A session without its cookie, in the form in which its layout compares it. Only the layout looks inside. */
export type Body = string | Fields;

/** A request's session at one moment; the object itself may change while a save is under way. */
export interface Snapshot {
  readonly sid: string;
  readonly body: Body;
  /** The cookie as JSON. */
  readonly cookie: string;
  readonly settings: CookieSettings;
  /** The whole session in the layout's form. */
  readonly whole: Stored;
  /** Seconds to live; 0 or less: over already. */
  readonly seconds: number;
}

/** What this request loaded, or saved last. */
export interface Base {
  /** What Redis held then. */
  readonly stored: Stored;
  /** The values that `mine.body` was made of, as far as they are at hand; never changed. */
  readonly pristine?: JsonObject | undefined;
  /** What this request had then. After a merge it is not what Redis held: the request goes on with its own view. */
  readonly mine: Pick<Snapshot, "body" | "settings" | "whole">;
}

/** What a conditional write found; nothing was written unless it says `replaced`. */
export type Attempt =
  | { outcome: "replaced"; stored: Stored }
  | { outcome: "gone" }
  /** Another request came first; this is what is stored now. */
  | { outcome: "moved"; stored: Stored };

export interface Layout {
  readonly emptyBody: Body;
  bodyOf(session: object, base?: Base): Body;
  sameBody(a: Body, b: Body): boolean;
  /** The session whole, as `create` writes it. */
  wholeOf(session: SessionData, body: Body, cookie: string): Stored;
  /** The body of what was read; `data` is that, parsed. */
  loadedBody(stored: Stored, data: SessionData): Body;

  /** `undefined` where there is none; a tombstone is none. */
  read(key: string): Promise<Stored | undefined> | Stored;
  /** Writes the session whole, whatever is there. */
  create(key: string, session: Snapshot): Promise<void>;
  /** Brings what changed since `base` onto `stored`, if that is still what is there, in one atomic step. */
  replace(key: string, base: Base, mine: Snapshot, stored: Stored): Promise<Attempt>;
}
