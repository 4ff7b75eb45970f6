/** Reads and writes a request's session in its store, without touching `req.session`, which may be hours old. */
import { isMissingFile, setupInvalid } from "../../errors/index.js";
import type { AuthRequest, AuthSessionStore, StoredSession } from "./auth-request.js";

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` if no session middleware has seen this request */
export function storeOf({ sessionStore }: AuthRequest): AuthSessionStore {
  if (sessionStore) return sessionStore;
  throw setupInvalid(
    "No session middleware has run for this request, so nobody can tell who is logged in. Run it for the handshake " +
      "of a socket too: `io.engine.use(sessions)`, or `sessions(req, {}, next)` in the server's `upgrade` event.",
  );
}

/** As the store has it now; undefined if there is none. */
export function readStored(store: AuthSessionStore, sid: string): Promise<StoredSession | undefined> {
  return new Promise((resolve, reject) => {
    store.get(sid, (error, session) => {
      if (error && !isMissingFile(error))
        reject(error); // a file store says so of an unknown session
      else resolve(session ?? undefined);
    });
  });
}

/** Saves it with its full lifetime; false if it has ended meanwhile. */
export function writeStored(store: AuthSessionStore, sid: string, session: StoredSession): Promise<boolean> {
  const { cookie } = session;
  if (typeof cookie.originalMaxAge === "number") {
    cookie.expires = new Date(Date.now() + cookie.originalMaxAge).toISOString();
  }
  return new Promise((resolve, reject) => {
    store.set(sid, session, (error, outcome) => (error ? reject(error) : resolve(outcome !== "gone")));
  });
}
