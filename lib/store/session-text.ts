/**
 * A session as text: its cookie, and its body (all other keys). They are kept apart because every request moves the
 * cookie's expiry, while only a change of the body makes a session worth saving. Pure.
 */
import type { SessionData } from "express-session";
import { codes, HoldfastError } from "../errors/index.js";

/** The body of a session as JSON: what express-session compares to tell whether a session was modified. */
export function bodyOf(session: object): string {
  const { cookie: _apart, ...body } = session as Partial<SessionData>;
  return stringify(body);
}

/** @throws HoldfastError `SESSION_NOT_SERIALIZABLE` for cycles, BigInt and the like */
export function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new HoldfastError(
      codes.SESSION_NOT_SERIALIZABLE,
      "The session holds something that JSON cannot express (a cycle, a BigInt), so it was not saved. See `cause`.",
      { cause },
    );
  }
}

/** One text, cookie first, as express-session with connect-redis writes it. `cookie` and `body` are JSON. */
export function joinText(cookie: string, body: string): string {
  return `{"cookie":${cookie}${body === "{}" ? "" : ","}${body.slice(1)}`;
}

const head = '{"cookie":{';

/**
 * The two parts of a text that `joinText` or connect-redis wrote, without parsing it; `undefined` for a text of another
 * form, which has to be parsed.
 */
export function splitText(text: string): { cookie: string; body: string } | undefined {
  if (!text.startsWith(head)) return undefined;
  const end = endOfObject(text, head.length - 1);
  if (end === -1) return undefined;
  const cookie = text.slice(head.length - 1, end);
  if (text[end] === "}") return { cookie, body: "{}" };
  return text[end] === "," ? { cookie, body: `{${text.slice(end + 1)}` } : undefined;
}

/** The index after the brace that closes the object which begins at `start`, or -1. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x22 /* " */) {
      i = endOfString(text, i);
      if (i === -1) return -1;
    } else if (char === 0x7b /* { */) depth++;
    else if (char === 0x7d /* } */ && --depth === 0) return i + 1;
  }
  return -1;
}

/** The index of the quote that closes the string which begins at `start`, or -1. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x5c /* \ */) i++;
    else if (char === 0x22 /* " */) return i;
  }
  return -1;
}
