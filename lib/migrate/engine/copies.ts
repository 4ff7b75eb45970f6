/** Updates the copy of a session from its home: by applying the change, or by copying the whole session. */
import type { SessionData } from "express-session";
import type { CommitOutcome, RedisSessionRepository } from "../../repository/index.js";
import type { Body } from "../../session/index.js";
import type { LegacyStore } from "./legacy-store.js";
import type { MovingHandle } from "./moving-handle.js";
import { sameSession } from "./same-session.js";

/** After this many rounds in which the home kept changing, the copy is left to a later retry. */
const mostRounds = 20;
/** Seconds. */
const aDay = 86_400;

export interface CopiesParts {
  readonly legacy: LegacyStore;
  readonly redis: RedisSessionRepository;
  /** Seconds; the option of the Redis store. */
  readonly ttl: number | ((session: SessionData) => number);
  /** Called when a change was not written because its session has ended. */
  readonly onLost: (sid: string) => void;
}

export class Copies {
  readonly #legacy: LegacyStore;
  readonly #redis: RedisSessionRepository;
  readonly #onLost: CopiesParts["onLost"];
  /** Lifetime of a tombstone in seconds: as long as a copy in the other store can live. */
  readonly #buriedFor: number;

  constructor({ legacy, redis, onLost, ttl }: CopiesParts) {
    this.#legacy = legacy;
    this.#redis = redis;
    this.#onLost = onLost;
    this.#buriedFor = Math.max(aDay, typeof ttl === "number" ? ttl : 0);
  }

  /** Saves to Redis, the session's home. */
  async saveInRedis(handle: MovingHandle, session: SessionData, body: Body): Promise<CommitOutcome> {
    const { sid } = handle;
    for (let round = 0; round < mostRounds; round++) {
      const outcome = await this.#redis.commit(handle.in(this.#redis), session, body);
      // A session that was loaded from the legacy store may not be in Redis yet.
      if (outcome !== "gone" || !handle.isFromLegacy) return outcome;
      const result = await this.#redis.transfer.put(sid, session, { onlyIfAbsent: true });
      if (result === "put") handle.noteWhole(this.#redis, session);
      if (result !== "there") return result === "put" ? "saved" : "gone";
    }
    throw tooRestless();
  }

  /** The home is the legacy store: Redis gets what this request changed, merged into what it has. */
  async applyChange(handle: MovingHandle, session: SessionData, body: Body): Promise<"copied" | "gone"> {
    const { sid } = handle;
    let isThere = handle.isFromLegacy;
    for (let round = 0; round < mostRounds; round++) {
      if (isThere && (await this.#redis.commit(handle.in(this.#redis), session, body)) !== "gone") return "copied";
      const result = await this.#redis.transfer.put(sid, session, { onlyIfAbsent: true });
      if (result === "put") {
        handle.noteWhole(this.#redis, session);
        return "copied";
      }
      if (result === "dead") {
        // It was destroyed while this request ran, and our save has just recreated it.
        await this.#legacy.destroy(sid);
        this.#onLost(sid);
        return "gone";
      }
      isThere = true;
    }
    throw tooRestless();
  }

  /**
   * Copies the whole session, for a copy that missed an earlier change. Repeats until the home did not change
   * meanwhile.
   */
  async toRedis(sid: string): Promise<void> {
    let now = await this.#legacy.get(sid);
    for (let round = 0; round < mostRounds; round++) {
      const written = now;
      if (!written) await this.bury(sid);
      else if ((await this.putWhole(sid, written, false)) === "dead") await this.#legacy.destroy(sid);
      now = await this.#legacy.get(sid);
      if (sameSession(written, now)) return;
    }
    throw tooRestless();
  }

  /**
   * The home is Redis: the legacy store gets what Redis has. Repeats until that did not change meanwhile.
   *
   * @param session the loaded session, whose cookie has the current lifetime
   */
  async toLegacy(sid: string, session?: SessionData): Promise<void> {
    let now = await this.#redis.peek(sid);
    for (let round = 0; round < mostRounds; round++) {
      const written = now;
      if (written) {
        const data = session ? { ...written, cookie: session.cookie } : await this.#withCurrentExpiry(sid, written);
        await this.#legacy.set(sid, data);
      } else await this.#endInLegacy(sid);
      now = await this.#redis.peek(sid);
      if (sameSession(written, now)) return;
    }
    throw tooRestless();
  }

  async isInRedis(sid: string): Promise<boolean> {
    return (await this.#redis.transfer.presenceOf(sid)) !== "none";
  }

  async isInLegacy(sid: string): Promise<boolean> {
    return (await this.#legacy.get(sid)) !== undefined;
  }

  /** Only a tombstone proves that a session has ended; a value that is unreadable or was evicted proves nothing. */
  async #endInLegacy(sid: string): Promise<void> {
    const presence = await this.#redis.transfer.presenceOf(sid);
    if (presence === "dead") await this.#legacy.destroy(sid);
    if (presence === "lives" && !(await this.#redis.peek(sid)))
      throw new Error("the value of this session in Redis cannot be read");
  }

  /** Puts the whole session. Its full lifetime counts, not `expires`, which does not show later touches. */
  putWhole(sid: string, data: SessionData, onlyIfAbsent: boolean): Promise<"put" | "there" | "dead"> {
    const originalMaxAge = cookieOf(data)?.originalMaxAge;
    const isLimited = typeof originalMaxAge === "number" && originalMaxAge > 0;
    return this.#redis.transfer.put(sid, data, {
      onlyIfAbsent,
      ...(isLimited && { seconds: Math.ceil(originalMaxAge / 1000) }),
    });
  }

  /**
   * Destroys a session whose home is the legacy store. A slow request may have written it there again before the
   * tombstone existed; a later one sees the tombstone.
   */
  async destroy(sid: string): Promise<void> {
    await this.bury(sid);
    await this.#legacy.destroy(sid);
  }

  bury(sid: string): Promise<void> {
    return this.#redis.transfer.bury(sid, this.#buriedFor);
  }

  /** The stored cookie has the expiry of the last save; the key's lifetime in Redis is current. */
  async #withCurrentExpiry(sid: string, data: SessionData): Promise<SessionData> {
    const cookie = cookieOf(data);
    if (typeof cookie?.originalMaxAge !== "number") return data;
    const expires = new Date(Date.now() + (await this.#redis.transfer.secondsLeft(sid)) * 1000);
    return { ...data, cookie: Object.assign({}, cookie, { expires }) };
  }
}

/** A legacy store returns whatever its rows hold, sometimes without a cookie. */
function cookieOf({ cookie }: { cookie?: SessionData["cookie"] | null }): SessionData["cookie"] | undefined {
  return cookie ?? undefined;
}

function tooRestless(): Error {
  return new Error("the session changes faster than it can be copied");
}
