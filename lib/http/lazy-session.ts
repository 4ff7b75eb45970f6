/** `req.session`, created on first access. */
import type { OpenSession, SessionRequest } from "../express-session/index.js";

const opener = Symbol("holdfast.open");
const value = Symbol("holdfast.session");

/** What creates the session of a request; it calls `setSession`. */
export interface Opener {
  openSession(): void;
}

interface LazyRequest {
  session: unknown;
  [opener]?: Opener | undefined;
  [value]?: unknown;
}

/**
 * Shared by all requests, and never replaced by a plain property: that would turn the request into a dictionary for V8,
 * which makes everything slower that reads the request afterwards.
 */
const lazy: PropertyDescriptor & ThisType<LazyRequest> = {
  configurable: true,
  enumerable: true,
  get() {
    try {
      this[opener]?.openSession();
    } catch (error) {
      this[opener] = undefined; // the app gets the error once, and can still respond
      throw error;
    }
    return this[value];
  },
  set(session: unknown) {
    this[opener] = undefined;
    this[value] = session;
  },
};

/** Has the session created on the first access to `req.session`. */
export function makeLazy(req: SessionRequest & LazyRequest, by: Opener): void {
  req[opener] = by;
  req[value] = undefined;
  Object.defineProperty(req, "session", lazy);
}

/** Whether `req.session` has not been read, set or deleted yet. */
export function isUnseen(req: SessionRequest & LazyRequest): boolean {
  if (req[opener] === undefined) return false;
  return Object.getOwnPropertyDescriptor(req, "session")?.get === lazy.get;
}

export function setSession(req: SessionRequest & LazyRequest, session: OpenSession): void {
  req[opener] = undefined;
  req.session = session;
}
