/** The handle of a session in Redis. The base is kept only here. */
import type { SessionData } from "express-session";
import type { Base, Body, Stored } from "../session/index.js";
import type { CommitOutcome, SessionHandle } from "./session-repository.js";

export class RedisHandle implements SessionHandle {
  readonly sid: string;
  initialBody: Body;
  /** The session as loaded or last saved; `undefined` for a new session, and until it is opened. */
  base: Base | undefined;
  outcome: CommitOutcome | undefined;
  merges = 0;
  /** Parsed on load if the app's serializer may be asynchronous. */
  readonly parsed: SessionData | undefined;
  readonly #loaded: Stored | undefined;

  constructor(sid: string, initialBody: Body, loaded?: Stored, parsed?: SessionData) {
    this.sid = sid;
    this.initialBody = initialBody;
    this.#loaded = loaded;
    this.parsed = parsed;
  }

  /** What Redis held when the session was loaded or last saved. */
  get stored(): Stored | undefined {
    return this.base?.stored ?? this.#loaded;
  }

  get storedBody(): Body | undefined {
    return this.base?.view.body;
  }

  /** For a copy of the session that has the same base and is saved separately. */
  fork(): RedisHandle {
    const handle = new RedisHandle(this.sid, this.initialBody, this.#loaded, this.parsed);
    handle.base = this.base;
    return handle;
  }

  /** For a copy whose values say nothing about a change: only its lifetime counts. */
  withoutBase(): RedisHandle {
    return new RedisHandle(this.sid, this.initialBody, this.stored);
  }
}
