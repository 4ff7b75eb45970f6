/** Converts between a session and its text in Redis, using connect-redis' serializer, and reports unreadable text. */
import type { SessionData } from "express-session";
import {
  asSession,
  setSlot,
  type Json,
  type JsonObject,
  KnownSessions,
  type Fields,
  type Stored,
  isTooDeep,
  joinText,
  unreadable,
} from "../session/index.js";
import { textBy, type Serializer } from "./serializer.js";
import { warnOfUnreadable } from "./unreadable.js";

/** A session that was read for a request. */
export interface OpenedSession {
  readonly data: SessionData;
  /** Its parsed values by key, if they are cached; shared, never changed. */
  readonly pristine: JsonObject | undefined;
}

export class SessionCodec {
  /** Whether a text can be compared and split without parsing it. */
  readonly isJson: boolean;
  readonly #serializer: Serializer;
  readonly #onUnreadable: (sid: string) => void;
  readonly #known = new KnownSessions(parseText);

  constructor(serializer: Serializer, onUnreadable: (sid: string) => void) {
    this.#serializer = serializer;
    this.isJson = serializer === JSON;
    this.#onUnreadable = onUnreadable;
  }

  /** Anything unreadable, or not an object, counts as no session. It stays in place and is reported once. */
  async parse(sid: string, stored: Stored): Promise<SessionData | undefined> {
    const values = await this.values(sid, stored);
    return values && asSession(values);
  }

  /** The same as plain values. */
  async values(sid: string, stored: Stored): Promise<JsonObject | undefined> {
    try {
      if (stored.form === "hash") return this.#checked(sid, stored, parseFields(stored.fields));
      const { text } = stored;
      if (text === unreadable) return this.reportUnreadable(sid);
      return this.#checked(sid, stored, this.isJson ? parseText(text) : await this.#serializer.parse(text));
    } catch {
      return this.reportUnreadable(sid);
    }
  }

  /** Whether `open` can read this; if not, use `parse`. */
  canOpen(stored: Stored): boolean {
    return this.isJson || stored.form === "hash";
  }

  /** Like `parse`, but synchronous and remembered for the visitor's next request; not for the app's own serializer. */
  open(sid: string, stored: Stored): OpenedSession | undefined {
    try {
      const { data, pristine } = this.#known.open(sid, stored);
      const checked = this.#checked(sid, stored, data);
      return checked && { data: asSession(checked), pristine };
    } catch {
      return this.reportUnreadable(sid);
    }
  }

  /** The text to store; `cookie` is JSON, `tail` what follows it. */
  stringify(session: SessionData, tail: string, cookie: string | undefined): string {
    return this.isJson ? joinText(cookie, tail) : textBy(this.#serializer, session);
  }

  /** Reports that what Redis holds is not a session. */
  reportUnreadable(sid: string): undefined {
    warnOfUnreadable(sid);
    this.#onUnreadable(sid);
    return undefined;
  }

  /** A hash without the field `cookie` is not ours: that field is how a script knows that the session still exists. */
  #checked(sid: string, stored: Stored, data: unknown): JsonObject | undefined {
    const isOurs = isWhole(data) && (stored.form === "json" || Object.hasOwn(stored.fields, "cookie"));
    return isOurs ? data : this.reportUnreadable(sid);
  }
}

/** Of whatever class, which the app's serializer decides; values in it that are not JSON are merged as one. */
function isWhole(data: unknown): data is JsonObject {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

function parseFields(fields: Fields): JsonObject {
  const data: JsonObject = {};
  for (const key in fields) setSlot(data, key, parseText(fields[key]!, 1));
  return data;
}

function parseText(text: string, outside?: number): Json {
  if (isTooDeep(text, outside)) throw new RangeError("nested too deep");
  return JSON.parse(text);
}
