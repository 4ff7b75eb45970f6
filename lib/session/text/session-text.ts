/**
 * A session as text: its cookie, and its body (all other keys). They are separate because every request moves the
 * cookie's expiry, while only a change of the body requires a save. Pure.
 */
import { codes, HoldfastError } from "../../errors/index.js";
import { isObject } from "../../options/index.js";
import { deepest, endOfString, isTooDeep } from "./nesting.js";

/**
 * The body of a session as JSON: what express-session compares to tell whether a session was modified.
 *
 * @throws as `stringify`
 */
export function bodyOf(session: object): string {
  return stringify(valuesOf(session));
}

/**
 * The body as a session's text has it, from the end of the cookie on: `,"a":1}`, or `}` without other keys. Such a tail
 * is a slice of the text, so it costs no copy, neither of the session nor of its text.
 *
 * @throws as `stringify`
 */
export function tailOf(session: object): string {
  return slicedTail(session) ?? tailOfBody(bodyOf(session));
}

function slicedTail(session: object & { toJSON?: unknown }): string | undefined {
  try {
    return typeof session.toJSON === "function" ? undefined : splitText(stringify(session))?.tail;
  } catch {
    return undefined; // perhaps the cookie is at fault, which does not belong to the body
  }
}

/** The tail of a session that has nothing but its cookie. */
export const emptyTail = "}";

function tailOfBody(body: string): string {
  return body === "{}" ? emptyTail : `,${body.slice(1)}`;
}

/** The body whose tail this is, as JSON. */
export function bodyOfTail(tail: string): string {
  return tail === emptyTail ? "{}" : `{${tail.slice(1)}`;
}

/** The session's values without its cookie. As always in JSON, its own `toJSON` takes precedence. */
export function valuesOf(session: object & { toJSON?: unknown }): Record<string, unknown> {
  try {
    const { toJSON } = session;
    const whole: unknown = typeof toJSON === "function" ? toJSON.call(session, "") : session;
    if (!isObject(whole)) throw new TypeError("toJSON() must return an object");
    const { cookie: _apart, ...values } = whole;
    if (typeof values["toJSON"] === "function") delete values["toJSON"]; // it has been called
    return values;
  } catch (cause) {
    throw inexpressible(cause);
  }
}

/**
 * @param outside the number of levels around this value: 1 for the value of a key
 * @throws HoldfastError `SESSION_NOT_SERIALIZABLE` for cycles, BigInt and the like, and if it is nested too deeply to
 *   be loaded again
 */
export function stringify(value: object, outside?: number): string;
export function stringify(value: unknown, outside?: number): string | undefined;
export function stringify(value: unknown, outside = 0): string | undefined {
  const text = textOf(value);
  if (text === undefined || !isTooDeep(text, outside)) return text;
  throw new HoldfastError(
    codes.SESSION_NOT_SERIALIZABLE,
    `The session is nested more than ${deepest} levels deep, so it was not saved. Perhaps values contain themselves, ` +
      "or the input of a visitor was stored as it is; store it elsewhere, or as text.",
  );
}

function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw inexpressible(cause);
  }
}

function inexpressible(cause: unknown): HoldfastError {
  return new HoldfastError(
    codes.SESSION_NOT_SERIALIZABLE,
    "The session holds something that JSON cannot express (a cycle, a BigInt), so it was not saved. See `cause`.",
    { cause },
  );
}

/**
 * One text, cookie first, as express-session with connect-redis writes it. `cookie` is JSON. Data that is not a session
 * may lack a cookie.
 */
export function joinText(cookie: string | undefined, tail: string): string {
  return cookie === undefined ? bodyOfTail(tail) : `{"cookie":${cookie}${tail}`;
}

const head = '{"cookie":{';

/**
 * Splits a text that `joinText` or connect-redis wrote, without parsing it; `undefined` for a text in another form,
 * which has to be parsed.
 */
export function splitText(text: string): { cookie: string; tail: string } | undefined {
  if (!text.startsWith(head)) return undefined;
  const end = endOfObject(text, head.length - 1);
  if (end === -1) return undefined;
  const cookie = text.slice(head.length - 1, end);
  const next = text[end];
  return next === "}" || next === "," ? { cookie, tail: text.slice(end) } : undefined;
}

/** The index after the brace that closes the object starting at `start`, or -1. */
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
