/** The request and session types of express-session. */
import type { Session, SessionData, Store } from "express-session";

export type SessionRequest = Parameters<Store["createSession"]>[0];
export type OpenSession = Session & Partial<SessionData>;
