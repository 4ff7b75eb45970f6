/** `req.session` that is made when somebody looks at it. */
import type { OpenSession, SessionRequest } from "./session-records.js";

const opener = Symbol("holdfast.open");

interface LazyRequest {
  session: unknown;
  [opener]?: (() => void) | undefined;
}

/** Shared by all requests, so that V8 sees them as objects of one shape. */
const lazy: PropertyDescriptor & ThisType<LazyRequest> = {
  configurable: true,
  enumerable: true,
  get() {
    try {
      this[opener]?.(); // sets `session` to a plain property
    } catch (error) {
      reveal(this, undefined); // the app is told once, and can still answer
      throw error;
    }
    return this.session;
  },
  set(value: unknown) {
    reveal(this, value);
  },
};

/** Calls `open` at the first look at `req.session`; it must call `setSession`. */
export function makeLazy(req: SessionRequest, open: () => void): void {
  (req as unknown as LazyRequest)[opener] = open;
  Object.defineProperty(req, "session", lazy);
}

/** Whether nobody has looked at `req.session` yet, nor set or deleted it. */
export function isUnseen(req: SessionRequest): boolean {
  if ((req as unknown as LazyRequest)[opener] === undefined) return false;
  return Object.getOwnPropertyDescriptor(req, "session")?.get === lazy.get;
}

export function setSession(req: SessionRequest, session: OpenSession): void {
  if ((req as unknown as LazyRequest)[opener] === undefined) req.session = session;
  else reveal(req as unknown as LazyRequest, session);
}

function reveal(req: LazyRequest, value: unknown): void {
  req[opener] = undefined;
  Object.defineProperty(req, "session", plain(value));
}

function plain(value: unknown): PropertyDescriptor {
  return { value, configurable: true, enumerable: true, writable: true };
}
