/** The option `cookie`: express-session's settings with our defaults, checked at startup as far as they are known. */
import type { CookieOptions, Session } from "express-session";
import { codes, errorText, HoldfastError, optionInvalid } from "../../errors/index.js";
import type { SessionRequest } from "../../express-session/index.js";
import { newCookie, renewExpiry } from "../../session/index.js";
import { cookieLine } from "./session-cookie.js";

export type CookieSettings = CookieOptionsWithAuto | ((req: SessionRequest) => CookieOptionsWithAuto);
export type CookieOptionsWithAuto = Omit<CookieOptions, "sameSite"> & {
  sameSite?: CookieOptions["sameSite"] | "auto" | undefined;
};

const defaults = { httpOnly: true, sameSite: "lax", secure: "auto", path: "/" } as const;

/** The attributes that have an effect, with what each must be; an empty text means anything. */
const attributes: Record<string, string> = {
  maxAge: "a number of milliseconds, or a Date; null for a cookie that ends with the browser",
  expires: "a Date, or a number of milliseconds; null or false for a cookie that ends with the browser",
  domain: 'a host name, such as "example.com"',
  path: 'a path, such as "/shop"',
  sameSite: 'true, false, "lax", "strict", "none" or "auto"',
  priority: '"low", "medium" or "high"',
  httpOnly: "",
  secure: "",
  partitioned: "",
  originalMaxAge: "",
};
export const cookieNames = Object.keys(attributes);

/** What is wrong with settings that cannot become a cookie; completes "The option ...". */
function wrongIn(options: CookieOptionsWithAuto): string | undefined {
  for (const [name, must] of Object.entries(attributes)) {
    const value: unknown = Reflect.get(options, name);
    if (must === "" || value === undefined || value === null) continue;
    if (!canBeSent(name, value)) return `\`cookie.${name}\` must be ${must}`;
  }
  return undefined;
}

/** Tries it with express-session's `Cookie` and its serializer. */
function canBeSent(name: string, value: unknown): boolean {
  if (name === "path" && typeof value !== "string" && value) return false;
  try {
    const cookie = createCookie({ [name]: value }, true);
    renewExpiry(cookie);
    cookieLine("name", "value", cookie);
    return true;
  } catch {
    return false;
  }
}

/** The defaults, overridden by the app's cookie options; `undefined` counts as not given. */
function withDefaults(given: CookieOptionsWithAuto | null | undefined): CookieOptionsWithAuto {
  const options: Record<string, unknown> = { ...defaults };
  if (!given) return options;
  for (const name in given) {
    const value: unknown = Reflect.get(given, name);
    if (value !== undefined) options[name] = value; // inherited properties count, as in express-session
  }
  return options;
}

/**
 * Does at startup what need not be done for each request.
 *
 * @throws HoldfastError `HOLDFAST_OPTION_INVALID`
 */
export function prepareCookie(settings: CookieSettings | null | undefined): CookieSettings {
  if (typeof settings === "function") return (req) => withDefaults(settingsOf(req, settings));
  if (settings != null && typeof settings !== "object") {
    throw optionInvalid("`cookie` must be an object, or a function of the request that returns one");
  }
  const options = withDefaults(settings);
  const wrong = wrongIn(options);
  if (wrong) throw optionInvalid(wrong);
  return options;
}

function settingsOf(req: SessionRequest, settings: (req: SessionRequest) => CookieOptionsWithAuto) {
  const given: unknown = settings(req);
  if (isOptions(given)) return given;
  throw wrongCookie("the function given as `cookie` must return an object, not a promise");
}

/** What is wrong inside is reported when the cookie is made. */
function isOptions(value: unknown): value is CookieOptionsWithAuto | null | undefined {
  return value == null || (typeof value === "object" && !("then" in value));
}

/** `settings` is a result of `prepareCookie`. */
export function cookieOptionsFor(req: SessionRequest, settings: CookieSettings): CookieOptionsWithAuto {
  return typeof settings === "function" ? settings(req) : settings;
}

/** A new session's cookie; `auto` is resolved according to whether the connection is secure. */
export function createCookie(options: CookieOptionsWithAuto, isSecure: boolean): Session["cookie"] {
  const { sameSite, secure } = options;
  const settled = {
    ...options,
    secure: secure === "auto" ? isSecure : secure,
    sameSite: sameSite === "auto" ? (isSecure ? "none" : "lax") : sameSite,
  };
  try {
    return newCookie(settled);
  } catch (error) {
    throw wrongCookie(errorText(error), error);
  }
}

/** The cookie of one request cannot be sent: a function of the app returned it, or the app changed it. */
export function wrongCookie(what: string, cause?: unknown): HoldfastError {
  return new HoldfastError(
    codes.COOKIE_INVALID,
    `The session's cookie cannot be sent, so nothing was saved: ${what}. The attributes are maxAge, expires, domain, ` +
      "path, httpOnly, secure, sameSite, priority and partitioned, as express-session has them.",
    { cause },
  );
}
