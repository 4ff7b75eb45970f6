/** The session cookie in one response: its new expiry, and the line that sets it. */
import type { IncomingMessage } from "node:http";
import { errorText } from "../../errors/index.js";
import type { OpenSession, SessionRequest } from "../../express-session/index.js";
import { warnOfUnsentCookie } from "../connection-warnings.js";
import type { MiddlewareSettings } from "../settings.js";
import { wrongCookie } from "./cookie-options.js";
import type { Secret } from "./secrets.js";
import { cookieLine, isSecure } from "./session-cookie.js";

/** Gives the cookie its full lifetime, counted from now. */
export function renewCookie(session: OpenSession): void {
  try {
    session.touch();
  } catch (error) {
    throw wrongCookie(errorText(error), error);
  }
}

/** The `Set-Cookie` line; `undefined` for a secure cookie on a connection that is not secure. */
export function responseCookie(
  settings: MiddlewareSettings,
  req: SessionRequest & IncomingMessage,
  session: OpenSession,
  secrets: readonly Secret[],
): string | undefined {
  const { name, proxy, verified } = settings;
  if (session.cookie.secure && !isSecure(req, proxy)) {
    warnOfUnsentCookie(req, proxy);
    return undefined;
  }
  const value = verified.valueOf(req.sessionID, secrets);
  try {
    return cookieLine(name, value, session.cookie);
  } catch (error) {
    throw wrongCookie(errorText(error), error);
  }
}
