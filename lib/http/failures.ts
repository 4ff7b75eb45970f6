/** The errors that a request passes to the app. */
import { codes, HoldfastError } from "../errors/index.js";

export function gone(): HoldfastError {
  return new HoldfastError(
    codes.SESSION_GONE,
    "The session was destroyed or expired while this request ran, so its changes were not saved. Treat the visitor " +
      "as having no session: close a WebSocket, reload a page.",
    { status: 409 },
  );
}

/** In the words of express-session, which apps may compare. */
export function notLoaded(): HoldfastError {
  return new HoldfastError(codes.SESSION_GONE, "failed to load session", { status: 409 });
}

/** A new session id would have to reach the browser in a cookie. */
export function cookieUnsent(): HoldfastError {
  return new HoldfastError(
    codes.COOKIE_UNSENT,
    "The session was not given a new id, because the cookie with the id could not reach the browser: a WebSocket sends " +
      "none once it is open. Regenerate sessions, log in and change passwords in HTTP requests.",
  );
}

export function replaced(): HoldfastError {
  return new HoldfastError(
    codes.SESSION_REPLACED,
    "This app replaced req.session with an object of its own, which cannot be saved. Change the properties of " +
      "req.session instead, or set it to null to drop the session.",
  );
}

/** The middleware was called with arguments it cannot use. */
export function wrongCall(what: string, cause?: unknown): HoldfastError {
  return new HoldfastError(
    codes.CALL_INVALID,
    `The session middleware was called with something it cannot use: ${what}. Call it with the request, the response ` +
      "and next, as Express does. If there is no response, as in a WebSocket handshake, pass an empty object.",
    { cause },
  );
}
