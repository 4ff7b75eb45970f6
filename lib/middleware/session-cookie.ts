/** The cookie that carries the session id: read, verified, signed, sent. */
import { randomBytes, type CipherKey } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { parse } from "cookie";
import { sign, unsign } from "cookie-signature";
import session, { type CookieOptions } from "express-session";
import type { SessionRequest } from "./session-records.js";

/** As express-session has it: a string, a Buffer or a KeyObject. */
export type Secret = CipherKey;

/** 24 random bytes, 192 bits, as 32 characters that need no escaping; the form of express-session's own ids. */
export function generateId(): string {
  return randomBytes(24).toString("base64url");
}

/** What cookie-parser leaves on a request. */
interface CookieParserRequest extends IncomingMessage {
  cookies?: Record<string, unknown>;
  signedCookies?: Record<string, unknown>;
}

/** The session id that the request's cookie carries with a valid signature; cookie-parser's results count as well. */
export function readId(
  req: CookieParserRequest,
  name: string,
  secrets: readonly Secret[],
  verified: VerifiedCookies,
): string | undefined {
  const header = req.headers.cookie;
  const sent = header === undefined ? undefined : verified.idOf(parse(header)[name], secrets);
  if (sent) return sent;
  const parsed = req.signedCookies?.[name];
  if (typeof parsed === "string" && parsed) return parsed;
  return verify(req.cookies?.[name], secrets) || undefined;
}

/** How many cookies are remembered. */
const capacity = 10_000;

/**
 * Remembers signed cookies whose signature was right, so that it is not computed anew for every request of a visitor.
 * Only a cookie that is the same to the last character is recognized.
 */
export class VerifiedCookies {
  readonly #ids = new Map<string, string>();
  /** Those that were signed with the first secret, by id. */
  readonly #current = new Map<string, string>();
  #secrets: readonly Secret[] | undefined;

  idOf(value: string | undefined, secrets: readonly Secret[]): string | undefined {
    if (value === undefined) return undefined;
    if (this.#secrets !== secrets) {
      this.#secrets = secrets;
      this.#clear();
    }
    const known = this.#ids.get(value);
    if (known !== undefined) return known;
    const id = verify(value, secrets.slice(0, 1));
    if (id !== undefined) return this.#remember(value, id, true);
    const old = verify(value, secrets.slice(1));
    return old === undefined ? undefined : this.#remember(value, old, false);
  }

  /** The cookie's value for this id, signed with the first secret. */
  valueOf(id: string, secrets: readonly Secret[]): string {
    const known = this.#secrets === secrets ? this.#current.get(id) : undefined;
    return known ?? `s:${sign(id, secrets[0]!)}`;
  }

  #remember(value: string, id: string, isCurrent: boolean): string {
    if (this.#ids.size >= capacity) this.#clear();
    this.#ids.set(value, id);
    if (isCurrent) this.#current.set(id, value);
    return id;
  }

  #clear(): void {
    this.#ids.clear();
    this.#current.clear();
  }
}

function verify(value: unknown, secrets: readonly Secret[]): string | undefined {
  if (typeof value !== "string" || !value.startsWith("s:")) return undefined;
  const signed = value.slice(2);
  for (const secret of secrets) {
    const id = unsign(signed, secret);
    if (id !== false) return id;
  }
  return undefined;
}

/** The line that sets the cookie. Throws for attributes that cannot be sent, as an expiry that is no date. */
export function cookieLine(name: string, value: string, cookie: session.Cookie): string {
  return (cookie as SerializableCookie).serialize(name, value);
}

/** Adds the cookie to those that the answer sets already. */
export function addCookie(res: ServerResponse, line: string): void {
  const before = res.getHeader("Set-Cookie");
  const others = before === undefined ? [] : Array.isArray(before) ? before : [String(before)];
  res.setHeader("Set-Cookie", [...others, line]);
}

/** express-session's `Cookie` can do this; its types do not say so. */
type SerializableCookie = session.Cookie & { serialize(name: string, value: string): string };
const Cookie = session.Cookie as unknown as new (options: CookieOptions) => session.Cookie;

export type CookieSettings = CookieOptionsWithAuto | ((req: SessionRequest) => CookieOptionsWithAuto);
export type CookieOptionsWithAuto = Omit<CookieOptions, "sameSite"> & { sameSite?: CookieOptions["sameSite"] | "auto" };

const defaults = { httpOnly: true, sameSite: "lax", secure: "auto", path: "/" } as const;

/** The app's cookie options over the defaults; an option that is `undefined` counts as left out. */
function withDefaults(given: CookieOptionsWithAuto | null | undefined): CookieOptionsWithAuto {
  return { ...defaults, ...Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)) };
}

/** Does once what need not be done for each request. */
export function prepareCookie(settings: CookieSettings | undefined): CookieSettings {
  return typeof settings === "function" ? (req) => withDefaults(settings(req)) : withDefaults(settings);
}

/** `settings` come from `prepareCookie`. */
export function cookieOptionsFor(req: SessionRequest, settings: CookieSettings): CookieOptionsWithAuto {
  return typeof settings === "function" ? settings(req) : settings;
}

/** A new session's cookie, with `auto` settled by whether this connection is secure. */
export function createCookie(options: CookieOptionsWithAuto, isSecure: boolean): session.Cookie {
  const { sameSite, secure } = options;
  return new Cookie({
    ...options,
    secure: secure === "auto" ? isSecure : secure,
    sameSite: sameSite === "auto" ? (isSecure ? "none" : "lax") : sameSite,
  });
}

/**
 * Whether the visitor's connection is TLS: its own socket is, or a trusted proxy says so. `proxy` as in
 * express-session: true trusts `X-Forwarded-Proto`, false does not, undefined asks Express' "trust proxy".
 */
export function isSecure(req: IncomingMessage & { secure?: boolean }, proxy: boolean | undefined): boolean {
  if ((req.socket as { encrypted?: boolean } | undefined)?.encrypted) return true;
  if (proxy === false) return false;
  if (proxy !== true) return req.secure === true;
  return forwardedProtocol(req) === "https";
}

/** What the nearest proxy says of the visitor's connection, trusted or not. */
export function forwardedProtocol(req: IncomingMessage): string | undefined {
  const header = req.headers["x-forwarded-proto"];
  return typeof header === "string" ? header.split(",", 1)[0]!.trim().toLowerCase() : undefined;
}
