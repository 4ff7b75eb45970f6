/** The app's serializer, as connect-redis has it, and the check of what it returns. */
import { isUtf8 } from "node:buffer";
import type { SessionData } from "express-session";
import { codes, HoldfastError } from "../errors/index.js";

export interface Serializer {
  parse(text: string): SessionData | Promise<SessionData>;
  stringify(session: SessionData): string;
}

/**
 * The text to store. A Buffer that holds text counts as text, as in connect-redis. An empty text would stand for no session.
 *
 * @throws HoldfastError `SESSION_NOT_SERIALIZABLE`
 */
export function textBy(serializer: Serializer, session: SessionData): string {
  let text: unknown;
  try {
    text = serializer.stringify(session);
  } catch (cause) {
    throw withoutText("threw an error (see `cause`)", cause);
  }
  if (Buffer.isBuffer(text) && isUtf8(text)) text = String(text);
  if (typeof text === "string" && text !== "") return text;
  throw withoutText(text === "" ? "returned an empty text" : "returned no text");
}

function withoutText(what: string, cause?: unknown): HoldfastError {
  return new HoldfastError(
    codes.SESSION_NOT_SERIALIZABLE,
    `The \`stringify\` of the option \`serializer\` ${what}, so the session was not saved. It must return a text, and not a promise.`,
    { cause },
  );
}
