/** Between a session and its text in Redis: connect-redis' serializer, and what to do with a text that is no session. */
import type { SessionData } from "express-session";
import { codes, sessionLabel, warnOnce } from "../errors/index.js";
import { isObject } from "./json.js";
import { bodyOf, joinText, splitText } from "./session-text.js";

export interface Serializer {
  parse(text: string): SessionData | Promise<SessionData>;
  stringify(session: SessionData): string;
}

export class SessionCodec {
  /** Whether a text can be compared and split without parsing it. */
  readonly isJson: boolean;
  readonly #serializer: Serializer;
  readonly #onUnreadable: (label: string) => void;

  constructor(serializer: Serializer, onUnreadable: (label: string) => void) {
    this.#serializer = serializer;
    this.isJson = serializer === JSON;
    this.#onUnreadable = onUnreadable;
  }

  /** A text that cannot be read, or is not a session, counts as no session. It stays in place and is reported once. */
  async parse(sid: string, text: string): Promise<SessionData | undefined> {
    try {
      return this.#checked(sid, await this.#serializer.parse(text));
    } catch {
      return this.#unreadable(sid);
    }
  }

  /** As `parse`, at once; only for the serializer JSON. */
  parseJson(sid: string, text: string): SessionData | undefined {
    try {
      return this.#checked(sid, JSON.parse(text));
    } catch {
      return this.#unreadable(sid);
    }
  }

  /** The text to store; `body` is the session's body as JSON, which is most of it when the serializer is JSON. */
  stringify(session: SessionData, body: string): string {
    return this.isJson ? joinText(session.cookie, body) : this.#serializer.stringify(session);
  }

  /** The body of a text from Redis; `data` is that text parsed. */
  bodyOf(text: string, data: SessionData): string {
    return (this.isJson ? splitText(text)?.body : undefined) ?? bodyOf(data);
  }

  #checked(sid: string, data: unknown): SessionData | undefined {
    return isObject(data) && isObject(data["cookie"]) ? (data as unknown as SessionData) : this.#unreadable(sid);
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
