/** Changes a request's session, with promises instead of callbacks. Works with any middleware like express-session. */
import { codes, unavailable } from "../../errors/index.js";
import { responseTo } from "./responses.js";
import type { AuthRequest, AuthSession } from "./auth-request.js";

/** The contents of a session, as pairs in order. */
export type Contents = readonly (readonly [key: string, value: unknown])[];

/** Checked before a password is. @throws HoldfastError `SESSION_STORE_UNAVAILABLE` if the request has no session */
export function mustHaveSession(req: AuthRequest): void {
  if (req.session) return;
  throw unavailable(
    codes.STORE_UNAVAILABLE,
    "This request has no session, so nobody can log in. Either the session store is down, or no session middleware " +
      "is mounted before this handler.",
  );
}

/** Gives the session a new id and exactly these contents. The session with the old id is destroyed. */
export async function renew(req: AuthRequest, contents: Contents): Promise<AuthSession> {
  forbidCaching(req);
  await call((done) => req.session!.regenerate(done));
  fill(req.session!, contents);
  return req.session!;
}

/** Replaces everything in the session except its cookie. */
export function refill(session: AuthSession, contents: Contents): void {
  for (const key of Object.keys(session)) if (key !== "cookie") Reflect.deleteProperty(session, key);
  fill(session, contents);
}

/** Defines each key, because one may be called `__proto__`. */
function fill(session: AuthSession, contents: Contents): void {
  for (const [key, value] of contents) {
    Object.defineProperty(session, key, { value, enumerable: true, configurable: true, writable: true });
  }
}

export function save(session: AuthSession): Promise<void> {
  return call((done) => session.save(done));
}

export async function destroy(req: AuthRequest): Promise<void> {
  forbidCaching(req);
  await call((done) => req.session!.destroy(done));
}

/**
 * A response that changes the session's cookie is for this visitor only. The app may still set another header later.
 */
function forbidCaching(req: AuthRequest): void {
  const res = responseTo(req);
  if (res && !res.headersSent) res.setHeader("Cache-Control", "no-store");
}

function call(start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error ? reject(error) : resolve()));
  });
}
