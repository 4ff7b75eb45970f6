/** Between a session and its text in Redis: connect-redis' serializer, and what to do with a text that is no session. */
import type { SessionData } from "express-session";
import { codes, sessionLabel, warnOnce } from "../errors/index.js";
import { isObject, setSlot, type Json, type JsonObject } from "./json.js";
import { KnownSessions } from "./known-sessions.js";
import type { Fields, Stored } from "./layout.js";
import { joinText } from "./session-text.js";
import { isUsableCookie } from "./stored-cookie.js";

export interface Serializer {
  parse(text: string): SessionData | Promise<SessionData>;
  stringify(session: SessionData): string;
}

/** A session that was read for a request. */
export interface OpenedSession {
  readonly data: SessionData;
  /** Its values, key by key, as far as they are known besides; shared, never changed. */
  readonly pristine: JsonObject | undefined;
}

export class SessionCodec {
  /** Whether a text can be compared and split without parsing it. */
  readonly isJson: boolean;
  readonly #serializer: Serializer;
  readonly #onUnreadable: (label: string) => void;
  readonly #known = new KnownSessions(parseText);

  constructor(serializer: Serializer, onUnreadable: (label: string) => void) {
    this.#serializer = serializer;
    this.isJson = serializer === JSON;
    this.#onUnreadable = onUnreadable;
  }

  /** A text that cannot be read, or is not a session, counts as no session. It stays in place and is reported once. */
  async parse(sid: string, stored: Stored): Promise<SessionData | undefined> {
    try {
      if (stored.form === "hash") return this.#checked(sid, parseFields(stored.fields));
      return this.#checked(sid, this.isJson ? parseText(stored.text) : await this.#serializer.parse(stored.text));
    } catch {
      return this.#unreadable(sid);
    }
  }

  /** Whether `open` can read this; else `parse` has to. */
  canOpen(stored: Stored): boolean {
    return this.isJson || stored.form === "hash";
  }

  /** As `parse`, at once, and remembered for the visitor's next request; not for a serializer of the app's. */
  open(sid: string, stored: Stored): OpenedSession | undefined {
    try {
      const { data, pristine } = this.#known.open(sid, stored);
      const checked = this.#checked(sid, data);
      return checked && { data: checked, pristine };
    } catch {
      return this.#unreadable(sid);
    }
  }

  /** The text to store; `body` and `cookie` are the session's two parts as JSON. */
  stringify(session: SessionData, body: string, cookie: string): string {
    return this.isJson ? joinText(cookie, body) : this.#serializer.stringify(session);
  }

  #checked(sid: string, data: unknown): SessionData | undefined {
    return isObject(data) && isObject(data["cookie"]) && isUsableCookie(data["cookie"])
      ? (data as unknown as SessionData)
      : this.#unreadable(sid);
  }

  #unreadable(sid: string): undefined {
    const label = sessionLabel(sid);
    warnOnce(
      codes.SESSION_UNREADABLE,
      `What Redis holds for session ${label} is not a session, so its visitor is treated as having none. It was left in place.`,
      label,
    );
    this.#onUnreadable(label);
    return undefined;
  }
}

function parseFields(fields: Fields): JsonObject {
  const data: JsonObject = {};
  for (const key in fields) setSlot(data, key, parseText(fields[key]!));
  return data;
}

/** Deeper than any session, and far from what exhausts the stack when it is turned into text again. */
const deepest = 1000;

function parseText(text: string): Json {
  if (text.length > 10 * deepest && depthOf(text) > deepest) throw new RangeError("nested too deep");
  return JSON.parse(text) as Json;
}

/** The most brackets that are open at a time; those inside strings count as well, which a session of this depth can spare. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i) | 0x20; // [ and { differ from each other in this bit only, and so do ] and }
    if (char === 0x7b && ++depth > most) most = depth;
    else if (char === 0x7d) depth--;
  }
  return most;
}
