/**
 * The central port: what HTTP, express-session's contract and a move need from session storage. Redis is one
 * implementation (`redis-session-repository.ts`), two stores during a move are another, and any express-session store
 * behind an adapter is the third.
 */
import type { SessionData } from "express-session";
import type { Body } from "../session/index.js";

/** How a save ended. `gone`: the session was destroyed or expired meanwhile, so nothing was written. */
export type CommitOutcome = "saved" | "unchanged" | "gone";

/**
 * Stands for one loaded session: what it began with, what the store is known to hold, and how the last save ended.
 * Only its repository looks deeper.
 */
export interface SessionHandle {
  readonly sid: string;
  /** The body that it began with: as opened, or the body of an empty session. */
  readonly initialBody: Body;
  /** The body that the store is known to hold; `undefined` for a session that is new or not yet opened. */
  readonly storedBody: Body | undefined;
  /** How its last save ended; `undefined` before the first. `gone`: it was destroyed or expired meanwhile. */
  readonly outcome: CommitOutcome | undefined;
  /** How often its last save was merged with what others had saved meanwhile; a store that does not merge has none. */
  readonly merges?: number;
}

export interface SessionRepository<H extends SessionHandle = SessionHandle> {
  /**
   * Looks a session up without parsing it; answers synchronously if it is in memory.
   *
   * @throws HoldfastError `SESSION_STORE_UNAVAILABLE`
   */
  find(sid: string): Promise<H | undefined> | H | undefined;
  /**
   * Opens what was found; `make` turns its data into what the caller works with. `undefined`: it cannot be read as a
   * session; it stays in place and is reported once.
   */
  open<S extends object>(handle: H, make: (data: SessionData) => S): S | undefined;
  /** A session that is not stored yet. */
  create(sid: string): H;
  /** The session without its cookie, in the form that this repository compares. */
  bodyOf(handle: H, session: object): Body;
  sameBody(a: Body, b: Body): boolean;
  /** Whether the app gave the cookie other settings ("remember me") since the session was loaded. */
  hasNewCookieSettings(handle: H, session: SessionData): boolean;
  /**
   * Saves what changed since the handle's base, merged with what is stored now.
   *
   * @param body the body of `session`, if already known
   * @throws HoldfastError `SESSION_NOT_SERIALIZABLE`, `SESSION_COOKIE_INVALID`, `SESSION_TOO_LARGE`,
   *   `SESSION_CONTENDED`, `SESSION_STORE_UNAVAILABLE`
   */
  commit(handle: H, session: SessionData, body?: Body): Promise<CommitOutcome>;
  /** Whether `touch` would do anything now. */
  isTouchDue(handle: H): boolean;
  /** Gives the session its full lifetime again, at most once per touch interval. */
  touch(handle: H, session: SessionData): Promise<void>;
  /** Ends the session; a request that is still running does not bring it back. */
  destroy(sid: string): Promise<void>;
  /** The ids of all sessions, in batches as they are found. */
  list(): AsyncIterable<string[]>;
  /** Resolves once the writes under way have settled. */
  whenIdle(): Promise<void>;
}
