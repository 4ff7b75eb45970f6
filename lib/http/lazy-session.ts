/** `req.session`, created on first access. */
import type { OpenSession, SessionRequest } from "../express-session/index.js";

const opener = Symbol("holdfast.open");

interface LazyRequest {
  session: unknown;
  [opener]?: (() => void) | undefined;
}

/** Shared by all requests, so that they all have the same hidden class in V8. */
const lazy: PropertyDescriptor & ThisType<LazyRequest> = {
  configurable: true,
  enumerable: true,
  get() {
    try {
      this[opener]?.(); // sets `session` to a plain property
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

/** Calls `open` on the first access to `req.session`; it must call `setSession`. */
export function makeLazy(req: SessionRequest & LazyRequest, open: () => void): void {
  req[opener] = open;
  Object.defineProperty(req, "session", lazy);
}

/** Whether `req.session` has not been read, set or deleted yet. */
export function isUnseen(req: SessionRequest & LazyRequest): boolean {
  if (req[opener] === undefined) return false;
  return Object.getOwnPropertyDescriptor(req, "session")?.get === lazy.get;
}

export function setSession(req: SessionRequest & LazyRequest, session: OpenSession): void {
  if (req[opener] === undefined) req.session = session;
  else reveal(req, session);
}

function reveal(req: LazyRequest, value: unknown): void {
  req[opener] = undefined;
  Object.defineProperty(req, "session", plain(value));
}

function plain(value: unknown): PropertyDescriptor {
  return { value, configurable: true, enumerable: true, writable: true };
}
