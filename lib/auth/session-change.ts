/** A request's session, changed with promises in place of callbacks. Works with any express-session-like middleware. */
import type { IncomingMessage } from "node:http";
import { codes, HoldfastError } from "../errors/index.js";

/** What a session middleware puts on a request, as far as a login needs it. */
export interface AuthSession {
  cookie: { maxAge?: number | null };
  passport?: { user?: unknown };
  login?: unknown;
  regenerate(done: (error?: unknown) => void): unknown;
  save(done: (error?: unknown) => void): unknown;
  destroy(done: (error?: unknown) => void): unknown;
}

/** A request as a login sees it. */
export type AuthRequest = IncomingMessage & {
  session?: AuthSession | null;
  sessionID?: string;
  user?: unknown;
  /** Express' address of the visitor, which heeds "trust proxy". */
  ip?: string;
  body?: unknown;
};

/** @throws HoldfastError where nothing can be logged in to, before a password is checked */
export function mustHaveSession(req: AuthRequest): void {
  if (req.session) return;
  throw new HoldfastError(
    codes.STORE_UNAVAILABLE,
    "This request has no session, so nobody can log in: the session store is away, or no session middleware stands in front.",
    { status: 503, headers: { "Retry-After": "1" } },
  );
}

/** What belongs to a login and not to the visitor. */
const ofTheLogin = new Set(["cookie", "passport", "login"]);

/**
 * A new id for the session. With `keepsContents`, what the visitor had (a cart) goes along; what belonged to a login
 * does not. The session of the old id is destroyed.
 */
export async function renew(req: AuthRequest, { keepsContents }: { keepsContents: boolean }): Promise<AuthSession> {
  const contents = Object.entries(req.session ?? {}).filter(([key]) => keepsContents && !ofTheLogin.has(key));
  await call((done) => req.session!.regenerate(done));
  for (const [key, value] of contents) {
    Object.defineProperty(req.session, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return req.session!;
}

export function save(session: AuthSession): Promise<void> {
  return call((done) => session.save(done));
}

export function destroy(session: AuthSession): Promise<void> {
  return call((done) => session.destroy(done));
}

function call(start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error ? reject(error) : resolve()));
  });
}
