/** The way from an express-session store to the repository behind it. */
import type { Store } from "express-session";
import type { RedisSessionRepository, SessionHandle, SessionRepository } from "../repository/index.js";
import { ForeignAccess } from "./foreign-store.js";
import type { OpenSession, SessionRequest } from "./session-types.js";

/** Access to the sessions of a store for requests: handles below, `Session` objects above. */
export interface SessionAccess<H extends SessionHandle = SessionHandle> {
  readonly repository: SessionRepository<H>;
  /** Creates a `Session` from what was found; `undefined` if it cannot be read. */
  open(req: SessionRequest, handle: H): OpenSession | undefined;
  /** The handle of a session that `open` or the store's own methods created; for others, a new one. */
  handleOf(session: OpenSession): H;
}

/**
 * Marks a store that has a repository behind it. A registered symbol, so that stores and middlewares of two copies of
 * this package recognize each other.
 */
export const sessionAccess = Symbol.for("holdfast.sessionAccess.1");

/** How a migration finds the repository in Redis, also of a subclass. */
export const redisRepository = Symbol.for("holdfast.redisRepository.1");

/** A store with a repository behind it. */
interface AccessibleStore {
  /** `undefined` if a subclass overrides methods, which then have to be called. */
  readonly [sessionAccess]: SessionAccess | undefined;
}

/**
 * The repository behind our own store. Other stores, and subclasses that override methods, are used through their
 * contract.
 */
export function accessTo(store: Store & Partial<AccessibleStore>): SessionAccess {
  return store[sessionAccess] ?? new ForeignAccess(store, sessionAccess in store);
}

/** The repository of a store in Redis, for what a migration reads and writes beyond the contract. */
export function repositoryOf(store: { readonly [redisRepository]: RedisSessionRepository }): RedisSessionRepository {
  return store[redisRepository];
}
