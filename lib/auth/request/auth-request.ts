/** A request and its session as logins see them, for any session middleware. */
import type { IncomingMessage, ServerResponse } from "node:http";

/** The session on a request, as far as a login needs it. */
export interface AuthSession {
  cookie: { maxAge?: number | null };
  passport?: { user?: unknown } | undefined;
  login?: unknown;
  keptOf?: KeptOf;
  regenerate(done: (error?: unknown) => void): unknown;
  save(done: (error?: unknown) => void): unknown;
  destroy(done: (error?: unknown) => void): unknown;
}

/** Stored in an anonymous visitor's session under `keptOf`: whose login has ended there, and which keys were kept. */
export interface KeptOf {
  /** The user's id. */
  readonly user: string;
  readonly keys: readonly string[];
}

/** The contract of express-session's stores, as far as a login needs it. */
export interface AuthSessionStore {
  get(sid: string, done: (error?: unknown, session?: StoredSession | null) => void): unknown;
  set(sid: string, session: StoredSession, done: (error?: unknown, outcome?: unknown) => void): unknown;
}

/** A session as its store returns it, without methods. */
export interface StoredSession {
  cookie: { originalMaxAge?: unknown; expires?: unknown };
  passport?: { user?: unknown } | undefined;
  login?: unknown;
  keptOf?: unknown;
}

/** The properties of Node.js's, Express's and passport's requests that are read here. */
export type AuthRequest = IncomingMessage & {
  session?: AuthSession | null | undefined;
  sessionID?: string | undefined;
  sessionStore?: AuthSessionStore | undefined;
  user?: unknown;
  /** The property in which passport stores the user, if not `user`. */
  _userProperty?: string;
  /** Express's address of the visitor, which respects "trust proxy". */
  ip?: string | undefined;
  body?: unknown;
  /** Express's response to this request. */
  res?: ServerResponse;
  originalUrl?: string;
};

/**
 * The only place where Node.js's request is cast to one that has passed middleware: everything it may lack is optional.
 */
export function authOf(req: IncomingMessage): AuthRequest {
  return req;
}

/** The property in which passport stores the user. */
export function userProperty({ _userProperty: property = "user" }: AuthRequest): string {
  return property;
}
