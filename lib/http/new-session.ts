/** A new `Session` of express-session, whose types keep the constructor private. */
import session from "express-session";
import type { OpenSession, SessionRequest } from "../express-session/index.js";

// The types declare the constructor private, and no other cast gets around that.
const Session = session.Session as unknown as new (req: SessionRequest) => OpenSession;

export function newSession(req: SessionRequest): OpenSession {
  return new Session(req);
}
