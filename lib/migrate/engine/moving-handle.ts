/** The handle of a session during a move: as one of the two stores had it. */
import type { SessionData } from "express-session";
import type { CommitOutcome, RedisHandle, RedisSessionRepository, SessionHandle } from "../../repository/index.js";
import type { Body } from "../../session/index.js";

export class MovingHandle implements SessionHandle {
  readonly sid: string;
  initialBody: Body;
  storedBody: Body | undefined;
  outcome: CommitOutcome | undefined;
  /** The session as the legacy store has it; undefined if it was loaded from Redis, or is new. */
  readonly data: SessionData | undefined;
  /**
   * It was loaded from the legacy store, or was put into Redis whole since: the next save to Redis is a change against
   * that.
   */
  isFromLegacy: boolean;
  #redis: RedisHandle | undefined;

  private constructor(sid: string, initialBody: Body, found: { data?: SessionData; redis?: RedisHandle }) {
    this.sid = sid;
    this.initialBody = initialBody;
    this.data = found.data;
    this.isFromLegacy = found.data !== undefined;
    this.#redis = found.redis;
  }

  static fromRedis(handle: RedisHandle): MovingHandle {
    const moving = new MovingHandle(handle.sid, handle.initialBody, { redis: handle });
    moving.storedBody = handle.storedBody;
    return moving;
  }

  static fromLegacy(sid: string, data: SessionData, redis: RedisSessionRepository): MovingHandle {
    return new MovingHandle(sid, redis.create(sid).initialBody, { data });
  }

  static ofNew(sid: string, redis: RedisSessionRepository): MovingHandle {
    return new MovingHandle(sid, redis.create(sid).initialBody, {});
  }

  get merges(): number {
    return this.#redis?.merges ?? 0;
  }

  /** A handle for a copy of the session object, which has the same base and is saved on its own. */
  fork(): MovingHandle {
    const redis = this.#redis?.fork();
    const handle = new MovingHandle(this.sid, this.initialBody, {
      ...(this.data && { data: this.data }),
      ...(redis && { redis }),
    });
    handle.storedBody = this.storedBody;
    handle.isFromLegacy = this.isFromLegacy;
    return handle;
  }

  /** A handle for a copy of which only the lifetime counts. */
  withoutBase(): MovingHandle {
    const redis = this.#redis?.withoutBase();
    return new MovingHandle(this.sid, this.initialBody, redis ? { redis } : {});
  }

  /** The handle that a save to Redis is compared with. */
  in(repository: RedisSessionRepository): RedisHandle {
    return (this.#redis ??= this.data ? repository.handleFor(this.sid, this.data) : repository.create(this.sid));
  }

  /** Notes that Redis now has the whole session. */
  noteWhole(repository: RedisSessionRepository, session: SessionData): void {
    this.#redis = repository.handleFor(this.sid, session);
    this.isFromLegacy = true;
  }
}
