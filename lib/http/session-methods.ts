/** Connects a session's methods, and `store.generate(req)`, with the request that they belong to. */
import type { Session } from "express-session";
import { callOutside } from "../errors/index.js";
import type { OpenSession } from "../express-session/index.js";

/** What a request does for its session. */
export interface SessionActions {
  /** `req.session` is made on its first access, which calls `open`. */
  isLazy: boolean;
  /** Whether the response can still carry the session's cookie. */
  readonly canSendCookie: boolean;
  open(): void;
  generate(): void;
  /** @throws also `SESSION_GONE` */
  saveNow(session: OpenSession): Promise<void>;
  reload(sid: string): Promise<void>;
  /** Why the session cannot get a new id; undefined if it can. */
  refusalToRegenerate(): Error | undefined;
}

type Callback = (error?: unknown) => void;

const key = Symbol("holdfast.requestSession");

export type MaybeInSession = object & { [key]?: SessionActions };

export function setRequestSession(req: MaybeInSession, requestSession: SessionActions): void {
  req[key] = requestSession;
}

/** What handles the session of this request, if anything does. `store.generate(req)` uses it, for `regenerate()`. */
export function requestSessionOf(req: MaybeInSession): SessionActions | undefined {
  return req[key];
}

/**
 * Whether the response to this request can still carry the session's cookie; undefined if another middleware handles
 * the session.
 */
export function canSendCookie(req: MaybeInSession): boolean | undefined {
  return req[key]?.canSendCookie;
}

/** A session's methods that call its request. Shared by all sessions, so that requests create no functions. */
export const sessionMethods: PropertyDescriptorMap & ThisType<Session & { req: object }> = {
  save: method(function save(this: Session & { req: object }, callback?: Callback) {
    const saved = requestSessionOf(this.req)?.saveNow(this) ?? Promise.resolve();
    saved.then(
      () => callback && callOutside(callback),
      (error: unknown) => callback && callOutside(callback, error),
    );
    return this;
  }),
  reload: method(function reload(this: Session & { req: object }, callback: Callback) {
    const loaded = requestSessionOf(this.req)?.reload(this.id) ?? Promise.resolve();
    loaded.then(
      () => callOutside(callback),
      (error: unknown) => callOutside(callback, error),
    );
    return this;
  }),
};

function method(value: unknown): PropertyDescriptor {
  return { value, configurable: true, enumerable: false, writable: true };
}
