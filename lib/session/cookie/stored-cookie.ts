/**
 * Whether express-session can create a session's cookie from what is stored. The same check is made before a save, so
 * that everything that was saved can be loaded. Pure.
 */
import session from "express-session";
import { codes, errorText, HoldfastError } from "../../errors/index.js";
import { isObject } from "../../options/index.js";
import { renewExpiry, reviveCookie, serializeCookie } from "../express-session.js";

/** The settings that nearly all cookies have, with values that are certainly valid. Anything else is tried out. */
const ordinary: Record<string, (value: unknown) => boolean> = {
  originalMaxAge: (value) => value === null || (typeof value === "number" && Math.abs(value) < 1e15),
  expires: (value) => value === null || (typeof value === "string" && !Number.isNaN(Date.parse(value))),
  path: (value) => value === "/",
  domain: (value) => value === null,
  httpOnly: isFlag,
  secure: isFlag,
  partitioned: isFlag,
  sameSite: (value) => isFlag(value) || value === "lax" || value === "strict" || value === "none",
};

function isFlag(value: unknown): boolean {
  return value === true || value === false || value === null;
}

function isOrdinary(cookie: unknown): boolean {
  if (!isObject(cookie)) return false;
  for (const name of Object.keys(cookie)) {
    const isInOrder = Object.hasOwn(ordinary, name) ? ordinary[name] : undefined;
    if (!isInOrder?.(cookie[name])) return false;
  }
  return true;
}

/** A setting with such a name would replace the method. */
const methods = ["serialize", "toJSON"];

/** Why express-session cannot use this cookie, which was parsed from JSON; `undefined` if it can. */
export function cookieFault(cookie: unknown): string | undefined {
  if (isOrdinary(cookie)) return undefined;
  if (methods.some((name) => Object.hasOwn(Object(cookie), name))) return "a method of it was replaced";
  try {
    const made = reviveCookie(cookie);
    if (!(made instanceof session.Cookie)) return "it has a prototype of its own";
    renewExpiry(made); // as each request does
    // One that does not expire is sent once; one that expires is sent with every change.
    if (made.expires) serializeCookie(made, "name", "value");
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}

/** @throws HoldfastError `SESSION_COOKIE_INVALID`; `text` is the cookie as JSON */
export function checkCookie(text: string | undefined): void {
  const fault = cookieFault(text === undefined ? undefined : JSON.parse(text));
  if (fault !== undefined) throw invalidCookie(fault);
}

export function invalidCookie(fault: string, cause?: unknown): HoldfastError {
  return new HoldfastError(
    codes.COOKIE_INVALID,
    `This app gave req.session.cookie a value that no cookie can have (${fault}), so the session was not saved. Set ` +
      "`maxAge` to milliseconds, `expires` to a valid date or false, and the other settings as in the option " +
      "`cookie`.",
    { cause },
  );
}
