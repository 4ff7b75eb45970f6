/**
 * The repository during a move: every session has its home in one of two stores and a copy in the other. The home is
 * read, and its result counts. The copy is written before the response is sent; if that fails, it is retried later.
 */
import type { SessionData } from "express-session";
import { propertyOf, within } from "../../errors/index.js";
import { nobody } from "../../express-session/index.js";
import type { CommitOutcome, RedisHandle, RedisSessionRepository, SessionRepository } from "../../repository/index.js";
import { defaultTouchInterval, TouchLedger, type Body } from "../../session/index.js";
import type { Copies } from "./copies.js";
import type { DialFollower } from "./dial-follower.js";
import { placementOf, type MoveState } from "../state/dial.js";
import type { LegacyStore } from "./legacy-store.js";
import { mirrorTimeout, type Mirror } from "./mirror.js";
import { MovingHandle } from "./moving-handle.js";
import { cannot } from "./two-stores.js";

export interface MovingParts {
  readonly legacy: LegacyStore;
  readonly redis: RedisSessionRepository;
  readonly copies: Copies;
  readonly mirror: Mirror;
  readonly follower: DialFollower;
  /** Called when a change was not written because its session has ended. */
  readonly onLost: (sid: string) => void;
}

/** What one of the two stores has under an id. */
type Located<R> = { redis: R } | { legacy: SessionData } | undefined;

export class MovingRepository implements SessionRepository<MovingHandle> {
  readonly #parts: MovingParts;
  /** When each session's lifetime was last renewed in the legacy store as the mirror. */
  readonly #touches = new TouchLedger();

  constructor(parts: MovingParts) {
    this.#parts = parts;
  }

  // ---- reading ------------------------------------------------------------------------------------------------

  async find(sid: string): Promise<MovingHandle | undefined> {
    const { redis } = this.#parts;
    const located = await this.#locate(sid, async () => redis.find(sid));
    return (
      located && ("redis" in located ? MovingHandle.fromRedis(located.redis) : this.#fromLegacy(sid, located.legacy))
    );
  }

  /** The session as plain data, whatever its cookie is, and its handle. */
  async load(sid: string): Promise<{ data: SessionData; handle: MovingHandle } | undefined> {
    const { redis } = this.#parts;
    const located = await this.#locate(sid, () => redis.load(sid));
    if (!located) return undefined;
    if ("redis" in located) return { data: located.redis.data, handle: MovingHandle.fromRedis(located.redis.handle) };
    const handle = this.#fromLegacy(sid, located.legacy);
    handle.in(redis); // before the data can change
    return { data: located.legacy, handle };
  }

  #fromLegacy(sid: string, data: SessionData): MovingHandle {
    return MovingHandle.fromLegacy(sid, data, this.#parts.redis);
  }

  #locate<R>(sid: string, read: () => Promise<R | undefined>): Promise<Located<R>> {
    return this.#parts.follower.run((state) => this.#look(sid, state, read));
  }

  async #look<R>(sid: string, state: MoveState, read: () => Promise<R | undefined>): Promise<Located<R>> {
    const { legacy } = this.#parts;
    if (placementOf(sid, state).home === "redis") {
      const redis = (await read()) ?? ((await this.#copyToRedis(sid, state)) ? await read() : undefined);
      return redis && { redis };
    }
    const [found, isBuried] = await Promise.all([legacy.get(sid), this.#isBuried(sid, state)]);
    if (isBuried) return undefined; // a save that overlapped the logout may have written it there again
    const data = found ?? (await this.#copyToLegacy(sid, state));
    return data && { legacy: data };
  }

  /** Whether a logout has left a tombstone, as far as Redis can be asked. */
  async #isBuried(sid: string, { phase }: MoveState): Promise<boolean> {
    if (phase === "off") return false;
    const missed = this.#parts.mirror.missedBy("redis");
    if (missed.of(sid)?.what === "destroyed") return true;
    if (missed.isSlow) return false;
    const asked = this.#parts.redis.transfer.presenceOf(sid).then((presence) => {
      missed.noteAnswer(); // also if it came too late
      return presence === "dead";
    });
    return within(asked, mirrorTimeout, () => missed.noteSlow()).catch(() => false);
  }

  /**
   * Copies a session that Redis lacks: the backfill has not reached it, or Redis lost it. Returns whether it is there
   * now.
   */
  async #copyToRedis(sid: string, state: MoveState): Promise<boolean> {
    const { copies, redis } = this.#parts;
    if (state.phase !== "moving" || state.isComplete) return false;
    if ((await redis.transfer.presenceOf(sid)) === "dead") return false;
    const data = await this.#askMirror(sid, state);
    if (!data) return false;
    await copies.putWhole(sid, data, true);
    return true;
  }

  /** Once Redis is known to have all sessions, an outage of the legacy store must not affect visitors. */
  async #askMirror(sid: string, state: MoveState): Promise<SessionData | undefined> {
    const { legacy, mirror } = this.#parts;
    if (state.verified === undefined) return legacy.get(sid);
    if (mirror.missedBy("legacy").isSlow) return undefined;
    return within(legacy.get(sid), mirrorTimeout).catch(() => undefined);
  }

  /** The legacy store lacks a session. If a change is known not to have reached it, Redis has the session. */
  async #copyToLegacy(sid: string, state: MoveState): Promise<SessionData | undefined> {
    const { legacy, mirror, redis } = this.#parts;
    const mayBeUnmirrored = state.unmirrored > 0 || mirror.missedBy("legacy").of(sid);
    if (state.phase !== "moving" || !mayBeUnmirrored || !(await mirror.isUnmirrored(sid))) return undefined;
    const data = await redis.peek(sid);
    if (data) await legacy.set(sid, data);
    return data;
  }

  open<S extends object>(handle: MovingHandle, make: (data: SessionData) => S): S | undefined {
    const { redis } = this.#parts;
    const inRedis = handle.in(redis);
    const session = redis.open(inRedis, make);
    if (session) handle.initialBody = handle.storedBody = inRedis.initialBody;
    return session;
  }

  create(sid: string): MovingHandle {
    return MovingHandle.ofNew(sid, this.#parts.redis);
  }

  // ---- comparing ----------------------------------------------------------------------------------------------

  bodyOf(handle: MovingHandle, session: object): Body {
    return this.#parts.redis.bodyOf(this.#in(handle), session);
  }

  sameBody(a: Body, b: Body): boolean {
    return this.#parts.redis.sameBody(a, b);
  }

  hasNewCookieSettings(handle: MovingHandle, session: SessionData): boolean {
    return this.#parts.redis.hasNewCookieSettings(this.#in(handle), session);
  }

  #in(handle: MovingHandle): RedisHandle {
    return handle.in(this.#parts.redis);
  }

  // ---- saving -------------------------------------------------------------------------------------------------

  async commit(
    handle: MovingHandle,
    session: SessionData,
    body = this.bodyOf(handle, session),
  ): Promise<CommitOutcome> {
    const outcome = await this.#parts.follower.run((state) => this.#commit(handle, session, body, state));
    if (outcome !== "gone") handle.storedBody = body;
    return (handle.outcome = outcome);
  }

  async #commit(handle: MovingHandle, session: SessionData, body: Body, state: MoveState): Promise<CommitOutcome> {
    const { copies, legacy, mirror, onLost, redis } = this.#parts;
    const { sid } = handle;
    const place = placementOf(sid, state);
    if (state.phase === "off") {
      await legacy.set(sid, session);
      return "saved";
    }
    if (state.phase === "finished") return redis.commit(this.#in(handle), session, body);
    if (place.primary === "redis") {
      const outcome = await mirror.missIfFailed(sid, place, copies.saveInRedis(handle, session, body));
      if (outcome !== "saved") return outcome;
      this.#claimMirrorTouch(sid, session); // the copy is written with its full lifetime
      await mirror.write(sid, place, "changed", () => copies.toLegacy(sid, session));
      return "saved";
    }
    if (await this.#isBuried(sid, state)) {
      onLost(sid);
      return "gone";
    }
    await mirror.missIfFailed(sid, place, legacy.set(sid, session));
    const copied = await mirror.write(sid, place, "changed", async () =>
      mirror.missedBy("redis").of(sid) ? void (await copies.toRedis(sid)) : copies.applyChange(handle, session, body),
    );
    return copied === "gone" ? "gone" : "saved";
  }

  isTouchDue(handle: MovingHandle): boolean {
    const { follower, redis } = this.#parts;
    // The legacy store has its own rules for when it writes.
    return placementOf(handle.sid, follower.state).home === "legacy" || redis.isTouchDue(this.#in(handle));
  }

  touch(handle: MovingHandle, session: SessionData): Promise<void> {
    return this.#parts.follower.run((state) => this.#touch(handle, session, state));
  }

  async #touch(handle: MovingHandle, session: SessionData, state: MoveState): Promise<void> {
    const { legacy, mirror, redis } = this.#parts;
    const { sid } = handle;
    const inRedis = this.#in(handle);
    if (state.phase === "off") return legacy.touch(sid, session);
    if (state.phase === "finished") return redis.touch(inRedis, session);
    if (redis.hasNewCookieSettings(inRedis, session)) {
      await this.#commit(handle, session, this.bodyOf(handle, session), state);
      return;
    }
    // The mirror is not awaited: if its lifetime is a minute short, the next touch corrects that.
    if (placementOf(sid, state).home === "legacy") {
      await legacy.touch(sid, session);
      if (!mirror.missedBy("redis").isSlow) redis.touch(inRedis, session).catch(noop);
    } else {
      await redis.touch(inRedis, session);
      if (!mirror.missedBy("legacy").isSlow && this.#claimMirrorTouch(sid, session))
        legacy.touch(sid, session).catch(() => this.#touches.forget(sid));
    }
  }

  /** Whether the mirror's lifetime is due for renewal; if so, notes that it is renewed now. */
  #claimMirrorTouch(sid: string, { cookie }: SessionData): boolean {
    const originalMaxAge = propertyOf(cookie, "originalMaxAge"); // a session may lack a cookie
    const seconds = typeof originalMaxAge === "number" ? originalMaxAge / 1000 : Infinity;
    if (this.#touches.isDue(sid, seconds) === false) return false;
    this.#touches.note(sid, { seconds, interval: defaultTouchInterval(seconds) });
    return true;
  }

  /** Resolves if each store that visitors depend on at present answers. */
  ping(): Promise<void> {
    const { follower, legacy, redis } = this.#parts;
    return follower.run(async ({ phase, dial, other = dial }) => {
      const [least, most] = phase === "moving" ? [Math.min(dial, other), Math.max(dial, other)] : [dial, dial];
      const needsLegacy = phase === "off" || (phase === "moving" && least < 100);
      const needsRedis = phase === "finished" || (phase === "moving" && most > 0);
      await Promise.all([needsLegacy && legacy.get(nobody), needsRedis && redis.find(nobody)]);
    });
  }

  // ---- ending -------------------------------------------------------------------------------------------------

  destroy(sid: string): Promise<void> {
    return this.#parts.follower.run((state) => this.#destroy(sid, state));
  }

  async #destroy(sid: string, state: MoveState): Promise<void> {
    const { copies, legacy, mirror, redis } = this.#parts;
    if (state.phase === "off") return legacy.destroy(sid);
    if (state.phase === "finished") return redis.destroy(sid);
    const place = placementOf(sid, state);
    if (place.primary === "redis") {
      await mirror.missIfFailed(sid, place, copies.bury(sid));
      await mirror.write(sid, place, "destroyed", () => legacy.destroy(sid));
      return;
    }
    // The tombstone comes first: from then on, an overlapping request can neither save the session nor load it.
    await mirror.write(sid, place, "destroyed", () => copies.bury(sid));
    await mirror.missIfFailed(sid, place, legacy.destroy(sid));
  }

  /** Only after the move is finished: until then, only the legacy store has all sessions, and it cannot list ids. */
  async *list(): AsyncGenerator<string[]> {
    const { follower, redis } = this.#parts;
    if (follower.state.phase !== "finished") throw cannot("list");
    yield* redis.list();
  }

  async whenIdle(): Promise<void> {
    await this.#parts.mirror.settled();
    await this.#parts.redis.whenIdle();
  }
}

function noop(): void {}
