/**
 * Warnings about secure cookies that are not sent because the connection does not look secure, usually behind a proxy.
 */
import type { IncomingMessage } from "node:http";
import { codes, warnOnce } from "../errors/index.js";
import { forwardedProtocol } from "./cookie/session-cookie.js";

export function warnOfUntrustedProxy(req: IncomingMessage & { secure?: boolean }, proxy: boolean | undefined): void {
  if (proxy !== undefined || forwardedProtocol(req) !== "https" || req.secure) return; // the cheaper check first
  warnOnce(
    codes.PROXY_NOT_TRUSTED,
    "A proxy says that visitors come over HTTPS, but this app does not trust it, so session cookies are not marked " +
      'secure (and not sent at all with `secure: true`). If it is your proxy: app.set("trust proxy", 1), or ' +
      "`proxy: true`.",
  );
}

export function warnOfUnsentCookie(req: IncomingMessage & { secure?: boolean }, proxy: boolean | undefined): void {
  if (proxy === undefined && forwardedProtocol(req) === "https") return warnOfUntrustedProxy(req, proxy);
  warnOnce(
    codes.COOKIE_NEVER_SENT,
    "The session cookie is `secure`, but this request came over plain HTTP, so the cookie was not sent. " +
      'Use HTTPS, trust the proxy that does, or set `cookie: { secure: "auto" }` while developing.',
  );
}
