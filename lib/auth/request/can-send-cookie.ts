/** Whether a request can still give the browser a new session cookie. */
import { codes, HoldfastError } from "../../errors/index.js";
import { canSendCookie as canSendSessionCookie } from "../../http/index.js";
import type { AuthRequest } from "./auth-request.js";
import { responseTo } from "./responses.js";

/** Not on a WebSocket, and not once the head of a response is out. Yes if it is not known. */
export function canSendCookie(req: AuthRequest): boolean {
  const known = canSendSessionCookie(req);
  if (known !== undefined) return known;
  const res: { headersSent?: unknown; setHeader?: unknown } | null | undefined = responseTo(req);
  if (res === undefined) return true;
  return res !== null && typeof res.setHeader === "function" && res.headersSent !== true; // engine.io sets it to null
}

/** Checked before anything is changed that gives the session a new id. @throws HoldfastError `SESSION_COOKIE_UNSENT` */
export function mustSendCookie(req: AuthRequest): void {
  if (canSendCookie(req)) return;
  throw new HoldfastError(
    codes.COOKIE_UNSENT,
    "A login gets a new session id, which cannot reach the browser: the response has begun, or it is a WebSocket. So " +
      "nothing was changed. Log in, change passwords and end other logins in HTTP requests.",
  );
}
