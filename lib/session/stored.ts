/** The types of a session as it is stored, as one request has it, and of what one save changes. */
import type { CookieSettings } from "./cookie/cookie-settings.js";
import type { JsonObject } from "./text/json.js";

/** Top-level keys with their values as JSON. Without a prototype, so that no name is special. */
export type Fields = Record<string, string>;

/**
 * A session as Redis holds it. Where a text is compressed or encrypted there, `packed` has it exactly as it is stored,
 * and `text` or `fields` what it says.
 */
export type Stored =
  | { readonly form: "json"; readonly text: string; readonly packed?: string }
  | { readonly form: "hash"; readonly fields: Fields; readonly packed?: Fields };

/**
 * A session without its cookie, in the form in which its layout compares it: the tail of its text (see `tailOf`), or its
 * fields. Opaque outside the layout.
 */
export type Body = string | Fields;

/** A request's session at one moment; the object itself may change while a save is under way. */
export interface Snapshot {
  readonly sid: string;
  readonly body: Body;
  /** The cookie as JSON; `undefined` for data that has none, which is no session. */
  readonly cookie: string | undefined;
  readonly settings: CookieSettings;
  /** The whole session in the layout's form. */
  readonly whole: Stored;
  /** Seconds to live; 0 or less means that it has expired. */
  readonly seconds: number;
  /** Such a session has a short lifetime until its visitor comes back with the cookie. */
  readonly isFirstVisit: boolean;
  /**
   * It was created by express-session, which drops keys on load that its `Session` has itself (`save`, `toString`,
   * ...). That these are missing is not a change by this request.
   */
  readonly isSession: boolean;
}

/** The session as this request loaded it, or last saved it. */
export interface Base {
  /** What Redis held then. */
  readonly stored: Stored;
  /** The values behind `view.body`, if they are available; never changed. */
  readonly pristine?: JsonObject | undefined;
  /** What this request had then. After a merge this differs from what Redis held: the request keeps its own view. */
  readonly view: Pick<Snapshot, "body" | "settings" | "whole">;
  /** This request created it, with the lifetime of a first visit. */
  readonly isFirstVisit?: boolean;
  /** When that was, counted in saves by this process. */
  readonly at: number;
}

/** What one save changes: `snapshot` against `base`. */
export interface Change {
  readonly base: Base;
  readonly snapshot: Snapshot;
  /** Its visitor has not come back yet, so the expiry of the stored session is kept. */
  readonly keepsEnd: boolean;
  /** Both as values, once a merge has needed them. The cache of `SessionMerger`. */
  sides?: Sides | undefined;
}

export interface Sides {
  readonly before: JsonObject;
  readonly own: JsonObject;
}
