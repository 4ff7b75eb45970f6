/** How the copy of a session gets what its home has: by its change, or whole. */
import type { SessionData } from "express-session";
import { sessionLabel } from "../errors/index.js";
import type { LostChange, RedisSessionStore } from "../store/index.js";
import type { LegacyStore } from "./legacy-store.js";
import { sameSession } from "./same-session.js";

/** A copy that was written this often while its home went on changing is left to a later retry. */
const mostRounds = 20;
/** Seconds: a day, and longer where sessions live longer. */
const buriedFor = 86_400;

export interface CopiesParts {
  readonly legacy: LegacyStore;
  readonly redis: RedisSessionStore;
  readonly onLost: (change: LostChange) => void;
}

export class Copies {
  readonly #legacy: LegacyStore;
  readonly #redis: RedisSessionStore;
  readonly #onLost: CopiesParts["onLost"];
  /** Sessions, or their data, whose save to Redis is a change of what was loaded from the legacy store or written before. */
  readonly #begun = new WeakSet<object>();

  constructor({ legacy, redis, onLost }: CopiesParts) {
    this.#legacy = legacy;
    this.#redis = redis;
    this.#onLost = onLost;
  }

  /** This was loaded from the legacy store, or is there whole: its next save to Redis is a change against that. */
  begin(data: SessionData): void {
    this.#begun.add(data);
    this.#redis.expect(data);
  }

  /** The session object made of loaded data. */
  move(from: object, to: object): void {
    if (this.#begun.has(from)) this.#begun.add(to);
  }

  /** Saves to Redis as the home. */
  async saveInRedis(sid: string, session: SessionData): Promise<"saved" | "unchanged" | "gone"> {
    for (let round = 0; round < mostRounds; round++) {
      const outcome = await this.#redis.commit(sid, session);
      // Of what was loaded from the legacy store, Redis may have no copy yet.
      if (outcome !== "gone" || !this.#begun.has(session)) return outcome;
      const result = await this.#redis.put(sid, session, { onlyIfAbsent: true });
      if (result === "put") this.begin(session);
      if (result !== "there") return result === "put" ? "saved" : "gone";
    }
    throw tooRestless();
  }

  /** At home in the legacy store: Redis gets what this request changed, merged onto what it has. */
  async change(sid: string, session: SessionData): Promise<void> {
    let isThere = this.#begun.has(session);
    for (let round = 0; round < mostRounds; round++) {
      if (isThere && (await this.#redis.commit(sid, session)) !== "gone") return;
      const result = await this.#redis.put(sid, session, { onlyIfAbsent: true });
      if (result === "put") return this.begin(session);
      if (result === "dead") {
        // It was destroyed while this request ran, and our save has just brought it back.
        await this.#legacy.destroy(sid);
        return this.#onLost({ session: sessionLabel(sid), reason: "gone" });
      }
      isThere = true;
    }
    throw tooRestless();
  }

  /** The same whole, for a copy that has missed an earlier change; again and again until nothing has changed meanwhile. */
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
   * At home in Redis: the legacy store gets what Redis holds, again and again until that has not changed meanwhile.
   *
   * @param session the one at hand, whose cookie says best how long it lives
   */
  async toLegacy(sid: string, session?: SessionData): Promise<void> {
    let now = await this.#redis.get(sid);
    for (let round = 0; round < mostRounds; round++) {
      const written = now;
      if (written) {
        const data = session ? { ...written, cookie: session.cookie } : await this.#withItsEnd(sid, written);
        await this.#legacy.set(sid, data);
      } else await this.#legacy.destroy(sid);
      now = await this.#redis.get(sid);
      if (sameSession(written, now)) return;
    }
    throw tooRestless();
  }

  /** A session of the legacy store says when it was written last; since then it may have been touched. */
  putWhole(sid: string, data: SessionData, onlyIfAbsent: boolean): Promise<"put" | "there" | "dead"> {
    const { originalMaxAge } = data.cookie;
    const isLimited = typeof originalMaxAge === "number" && originalMaxAge > 0;
    return this.#redis.put(sid, data, {
      onlyIfAbsent,
      ...(isLimited && { seconds: Math.ceil(originalMaxAge / 1000) }),
    });
  }

  /**
   * For a session at home in the legacy store. A slow request may have written it there again before the tombstone was
   * there; one that writes it later sees the tombstone.
   */
  async destroyed(sid: string): Promise<void> {
    await this.bury(sid);
    await this.#legacy.destroy(sid);
  }

  /** As long as the longest that a copy elsewhere can live. */
  bury(sid: string): Promise<void> {
    const { ttl } = this.#redis;
    return this.#redis.bury(sid, Math.max(buriedFor, typeof ttl === "number" ? ttl : 0));
  }

  /** What lies in Redis says when its cookie was written; what counts is the end that Redis gave it. */
  async #withItsEnd(sid: string, data: SessionData): Promise<SessionData> {
    if (typeof data.cookie.originalMaxAge !== "number") return data;
    const expires = new Date(Date.now() + (await this.#redis.secondsLeft(sid)) * 1000);
    return { ...data, cookie: Object.assign({}, data.cookie, { expires }) };
  }
}

function tooRestless(): Error {
  return new Error("the session changes faster than it can be copied");
}
