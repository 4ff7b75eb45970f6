/** `req.session`, created on first access. */
import type { OpenSession, SessionRequest } from "../express-session/index.js";
import { requestSessionOf, type MaybeInSession, type SessionActions } from "./session-methods.js";

type LazyRequest = MaybeInSession & { session?: unknown };

/** Shared by all requests, so that they all have the same hidden class in V8. */
const lazy: PropertyDescriptor & ThisType<LazyRequest> = {
  configurable: true,
  enumerable: true,
  get() {
    const requestSession = requestSessionOf(this);
    try {
      if (requestSession?.isLazy) requestSession.open(); // sets `session` to a plain property
    } catch (error) {
      reveal(this, undefined); // the app gets the error once, and can still respond
      throw error;
    }
    return this.session;
  },
  set(value: unknown) {
    reveal(this, value);
  },
};

/** The first access to `req.session` calls `open` of what handles it, which must call `setSession`. */
export function makeLazy(req: SessionRequest, requestSession: SessionActions): void {
  requestSession.isLazy = true;
  Object.defineProperty(req, "session", lazy);
}

/** Whether `req.session` has not been read, set or deleted since `makeLazy`. */
export function isUnseen(req: SessionRequest, { isLazy }: SessionActions): boolean {
  return isLazy && Object.getOwnPropertyDescriptor(req, "session")?.get === lazy.get;
}

export function setSession(req: SessionRequest, session: OpenSession): void {
  if (requestSessionOf(req)?.isLazy) reveal(req, session);
  else req.session = session;
}

function reveal(req: LazyRequest, value: unknown): void {
  const requestSession = requestSessionOf(req);
  if (requestSession) requestSession.isLazy = false;
  Object.defineProperty(req, "session", plain(value));
}

function plain(value: unknown): PropertyDescriptor {
  return { value, configurable: true, enumerable: true, writable: true };
}
