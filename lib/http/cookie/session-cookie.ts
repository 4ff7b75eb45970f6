/** The cookie that carries the session id: read, verified, signed, sent. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { parse } from "cookie";
import type { Session } from "express-session";
import { serializeCookie } from "../../session/index.js";
import type { Secret } from "./secrets.js";
import { verify, type VerifiedCookies } from "./verified-cookies.js";
import { propertyOf } from "../../errors/index.js";

/** 24 random bytes, 192 bits, as 32 characters that need no escaping; the form of express-session's own ids. */
export function generateId(): string {
  return randomBytes(24).toString("base64url");
}

/** What cookie-parser leaves on a request. */
interface CookieParserRequest extends IncomingMessage {
  cookies?: Record<string, unknown>;
  signedCookies?: Record<string, unknown>;
}

/** The session id in the request's cookie, if its signature is valid; cookie-parser's results count as well. */
export function readId(
  req: CookieParserRequest,
  name: string,
  secrets: readonly Secret[],
  verified: VerifiedCookies,
): string | undefined {
  const header = req.headers.cookie;
  const sent = typeof header !== "string" ? undefined : verified.idOf(parse(header)[name], secrets);
  if (sent) return sent;
  const parsed = req.signedCookies?.[name];
  if (typeof parsed === "string" && parsed) return parsed;
  return verify(req.cookies?.[name], secrets) || undefined;
}

/** The `Set-Cookie` line. Throws for attributes that cannot be sent, such as an invalid expiry date. */
export function cookieLine(name: string, value: string, cookie: Session["cookie"]): string {
  return serializeCookie(cookie, name, value);
}

/** Adds the cookie to those that the response already sets. */
export function addCookie(res: ServerResponse, line: string): void {
  const before = res.getHeader("Set-Cookie");
  const others = before === undefined ? [] : Array.isArray(before) ? before : [String(before)];
  if (!others.includes(line)) res.setHeader("Set-Cookie", [...others, line]);
}

/**
 * Whether the visitor's connection uses TLS: the socket does, or a trusted proxy says so. `proxy` as in
 * express-session: true trusts `X-Forwarded-Proto`, false does not, undefined asks Express' "trust proxy".
 */
export function isSecure(req: IncomingMessage & { secure?: boolean }, proxy: boolean | undefined): boolean {
  // A TLS socket, or none where the request is made up.
  if (propertyOf(req.socket, "encrypted")) return true;
  if (proxy === false) return false;
  if (proxy !== true) return req.secure === true;
  return forwardedProtocol(req) === "https";
}

/** What the nearest proxy says about the visitor's connection, trusted or not. */
export function forwardedProtocol(req: IncomingMessage): string | undefined {
  const header = req.headers["x-forwarded-proto"];
  return typeof header === "string" ? header.split(",", 1)[0]!.trim().toLowerCase() : undefined;
}
