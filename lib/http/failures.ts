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
