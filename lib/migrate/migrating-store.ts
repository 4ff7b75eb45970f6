/**
 * A store made of two, for the time of a move: every session has its home in one of them and a copy in the other. The
 * home answers, and its result counts; the copy is written before the answer goes out, and if that fails it is caught up
 * later. docs/migration.md tells the whole way.
 */
import { Store, type Session, type SessionData } from "express-session";
import { codes, HoldfastError, sessionLabel } from "../errors/index.js";
import { defaultTouchInterval, RedisSessionStore, TouchLedger } from "../store/index.js";
import { defaultKey, MoveControl } from "./control.js";
import { Copies } from "./copies.js";
import { DialFollower } from "./dial-follower.js";
import { homeOf, isChangingHome, type Home, type MoveState } from "./dial.js";
import { LegacyStore } from "./legacy-store.js";
import { Pending, type Missed } from "./pending.js";
import { Turns } from "./turns.js";

export interface MigratingStoreOptions {
  /** The store to move away from: any express-session store. */
  legacy: Store;
  /** The store to move to. */
  redis: RedisSessionStore;
  /** Where the move's state lies in Redis. Default `{holdfast:move}`; the command's `--key` names the same. */
  key?: string;
  /** Milliseconds to wait for the legacy store, as `commandTimeout` is for Redis. Default 5000. */
  legacyTimeout?: number;
}

type Callback<T = void> = (error?: unknown, result?: T) => void;
type Request = Parameters<Store["createSession"]>[0];

export class MigratingStore extends Store {
  readonly #legacy: LegacyStore;
  readonly #redis: RedisSessionStore;
  readonly #control: MoveControl;
  readonly #copies: Copies;
  readonly #follower: DialFollower;
  /** What each of the two has missed as a mirror. */
  readonly #missedBy: Record<Home, Pending>;
  readonly #turns = new Turns();
  /** When each session's lifetime is to be renewed in the legacy store as a mirror. */
  readonly #touches = new TouchLedger();

  /** @throws HoldfastError `HOLDFAST_STORE_INVALID` */
  constructor({ legacy, redis, key = defaultKey, legacyTimeout }: MigratingStoreOptions) {
    super();
    checkStores(legacy, redis);
    this.#legacy = new LegacyStore(legacy, { onLate: (sid) => this.#distrust(sid), deadline: legacyTimeout });
    this.#redis = redis;
    this.#control = new MoveControl(redis.client as never, { key });
    this.#copies = new Copies({ legacy: this.#legacy, redis, onLost: (change) => this.emit("lost", change) });
    const pending = (mirror: Home) =>
      new Pending((sid, missed) => this.#follower.run((state) => this.#catchUp(sid, missed, mirror, state)));
    this.#missedBy = { legacy: pending("legacy"), redis: pending("redis") };
    this.#follower = new DialFollower({
      control: this.#control,
      id: MoveControl.newId(),
      pending: () => ({ count: this.mirror.pending, overflowed: this.#mirrors.some(({ overflowed }) => overflowed) }),
      onChange: ({ verified }, before) => {
        if (verified !== undefined && verified !== before.verified)
          for (const missed of this.#mirrors) missed.forgetOverflow();
      },
    });
    for (const event of ["disconnect", "connect"]) legacy.on?.(event, () => this.#tellConnection(event));
    redis.on("lost", (change) => this.emit("lost", change));
  }

  /** Where the dial stands, as far as this process knows. */
  get state(): MoveState {
    return this.#follower.state;
  }

  /** Changes that the mirror does not have yet, and mirror writes that have failed since this process began. */
  get mirror(): { readonly pending: number; readonly failures: number } {
    const sum = (of: (missed: Pending) => number) => this.#mirrors.reduce((total, missed) => total + of(missed), 0);
    return {
      pending: sum(({ count }) => count) + this.#legacy.outstanding,
      failures: sum(({ failures }) => failures),
    };
  }

  get #mirrors(): Pending[] {
    return [this.#missedBy.legacy, this.#missedBy.redis];
  }

  homeOf(sid: string): Home {
    return homeOf(sid, this.#follower.state);
  }

  override get(sid: string, callback: Callback<SessionData | null>): void {
    answer(
      this.#follower.run((state) => this.#get(sid, state)),
      callback,
    );
  }

  override set(sid: string, session: SessionData, callback?: Callback): void {
    answer(
      this.#follower.run((state) => this.#set(sid, session, state)),
      callback,
    );
  }

  override touch(sid: string, session: SessionData, callback?: Callback): void {
    answer(
      this.#follower.run((state) => this.#touch(sid, session, state)),
      callback,
    );
  }

  override destroy(sid: string, callback?: Callback): void {
    answer(
      this.#follower.run((state) => this.#destroy(sid, state)),
      callback,
    );
  }

  override createSession(req: Request, data: SessionData): Session & SessionData {
    const session = this.#redis.createSession(req, data);
    this.#copies.move(data, session);
    return session;
  }

  /** Until the move is finished, the legacy store has them all. */
  override all(callback: Callback<SessionData[] | { [sid: string]: SessionData } | null>): void {
    const lister = this.#lister;
    if (typeof lister.all === "function") lister.all(callback as never);
    else answer(Promise.reject(cannot("all")), callback);
  }

  override length(callback: Callback<number>): void {
    const lister = this.#lister;
    if (typeof lister.length === "function") lister.length(callback as never);
    else answer(Promise.reject(cannot("length")), callback);
  }

  override clear(callback?: Callback): void {
    const legacy = this.#legacy.store;
    const clearLegacy = new Promise<void>((resolve, reject) => {
      if (this.state.phase === "finished" || typeof legacy.clear !== "function") return resolve();
      legacy.clear((error?: unknown) => (error ? reject(error) : resolve()));
    });
    answer(
      clearLegacy.then(() => this.#redis.clear()),
      callback,
    );
  }

  /** Waits for the writes under way and ends what this store itself has begun; the two stores stay open. */
  async close(): Promise<void> {
    await this.#turns.settled();
    await this.#redis.idle();
    for (const missed of this.#mirrors) missed.close();
    await this.#follower.close();
  }

  // ---- reading ------------------------------------------------------------------------------------------------

  async #get(sid: string, state: MoveState): Promise<SessionData | null> {
    if (state.phase === "finished") return this.#redis.get(sid);
    if (homeOf(sid, state) === "redis") return (await this.#redis.get(sid)) ?? this.#bringToRedis(sid, state);
    const data = (await this.#legacy.get(sid)) ?? (await this.#bringToLegacy(sid, state));
    if (!data) return null;
    this.#copies.begin(data);
    return data;
  }

  /** Not in Redis, and not dead: the backfill has not come to it yet, or Redis has lost it. */
  async #bringToRedis(sid: string, state: MoveState): Promise<SessionData | null> {
    if (state.isComplete || (await this.#redis.standingOf(sid)) === "dead") return null;
    const data = await this.#askMirror(sid, state);
    if (!data) return null;
    await this.#copies.putWhole(sid, data, true);
    return this.#redis.get(sid);
  }

  /** Once Redis was found to have all sessions, an outage of the legacy store is no visitor's business. */
  async #askMirror(sid: string, state: MoveState): Promise<SessionData | undefined> {
    if (state.verified === undefined) return this.#legacy.get(sid);
    if (this.#missedBy.legacy.isSlow) return undefined;
    return within(this.#legacy.get(sid), patience).catch(() => undefined);
  }

  /** Not at home: only where a change is known not to have reached the legacy store, Redis knows better. */
  async #bringToLegacy(sid: string, state: MoveState): Promise<SessionData | undefined> {
    if (state.phase !== "moving" || state.unmirrored === 0 || !(await this.#control.isUnmirrored(sid)))
      return undefined;
    const data = await this.#redis.get(sid);
    if (data) await this.#legacy.set(sid, data);
    return data ?? undefined;
  }

  // ---- saving -------------------------------------------------------------------------------------------------

  async #set(sid: string, session: SessionData, state: MoveState): Promise<void> {
    if (state.phase === "off") return this.#legacy.set(sid, session);
    if (state.phase === "finished") return this.#redis.set(sid, session);
    if (writtenFirst(sid, state) === "redis") {
      const outcome = await this.#atHome(sid, "legacy", this.#copies.saveInRedis(sid, session));
      if (outcome === "unchanged") await this.#touch(sid, session, state);
      if (outcome !== "saved") return;
      this.#isTouchDue(sid, session); // a copy comes with its full lifetime
      return this.#mirror(sid, state, "changed", () => this.#copies.toLegacy(sid, session));
    }
    const missed = this.#missedBy.redis.of(sid);
    if (missed?.what === "destroyed") return void this.emit("lost", { session: sessionLabel(sid), reason: "gone" }); // and Redis does not know it yet
    await this.#atHome(sid, "redis", this.#legacy.set(sid, session));
    await this.#mirror(sid, state, "changed", () =>
      this.#missedBy.redis.of(sid) ? this.#copies.toRedis(sid) : this.#copies.change(sid, session),
    );
  }

  async #touch(sid: string, session: SessionData, state: MoveState): Promise<void> {
    if (state.phase === "off") return this.#legacy.touch(sid, session);
    if (state.phase === "finished") return this.#redis.touch(sid, session);
    if (this.#redis.hasNewCookieSettings(session)) return this.#set(sid, session, state);
    // Nobody waits for the mirror here: a lifetime that is a minute short is made good by the next touch.
    if (homeOf(sid, state) === "legacy") {
      await this.#legacy.touch(sid, session);
      if (!this.#missedBy.redis.isSlow) this.#redis.touch(sid, session).catch(noop);
    } else {
      await this.#redis.touch(sid, session);
      if (!this.#missedBy.legacy.isSlow && this.#isTouchDue(sid, session))
        this.#legacy.touch(sid, session).catch(() => this.#touches.forget(sid));
    }
  }

  async #destroy(sid: string, state: MoveState): Promise<void> {
    if (state.phase === "off") return this.#legacy.destroy(sid);
    if (state.phase === "finished") return this.#redis.destroy(sid);
    if (writtenFirst(sid, state) === "redis") {
      await this.#atHome(sid, "legacy", this.#copies.bury(sid));
      return this.#mirror(sid, state, "destroyed", () => this.#legacy.destroy(sid));
    }
    await this.#atHome(sid, "redis", this.#legacy.destroy(sid));
    await this.#mirror(sid, state, "destroyed", () => this.#copies.destroyed(sid));
  }

  /** A write that failed may have happened all the same: then the mirror must hear of it. */
  async #atHome<T>(sid: string, mirror: Home, write: Promise<T>): Promise<T> {
    try {
      return await write;
    } catch (error) {
      this.#missedBy[mirror].add(sid, "changed");
      throw error;
    }
  }

  /**
   * Writes the copy. Where a session's home is changing, that is as important as the home itself; else a failure is
   * remembered, and nobody has to wait for a mirror that is slow.
   */
  async #mirror(sid: string, state: MoveState, what: Missed["what"], write: () => Promise<void>): Promise<void> {
    const mirror = writtenFirst(sid, state) === "redis" ? "legacy" : "redis";
    const pending = this.#missedBy[mirror];
    const isChanging = isChangingHome(sid, state);
    if (pending.isSlow && !isChanging) return this.#remember(sid, mirror, what);
    const missed = pending.of(sid);
    const written = this.#turns.run(sid, write).then(() => this.#settle(sid, mirror, missed));
    try {
      await (isChanging ? written : within(written, patience, () => (pending.isSlow = true)));
    } catch (error) {
      await this.#remember(sid, mirror, what);
      if (isChanging) throw unmirrored(error);
    }
  }

  async #remember(sid: string, mirror: Home, what: Missed["what"]): Promise<void> {
    this.#missedBy[mirror].add(sid, what);
    // Redis remembers it too, for the time when this process is not there any more.
    if (mirror === "legacy") await within(this.#control.noteUnmirrored(sid), patience).catch(noop);
  }

  async #settle(sid: string, mirror: Home, missed: Missed | undefined): Promise<void> {
    this.#missedBy[mirror].isSlow = false;
    if (!missed) return;
    if (mirror === "legacy") await this.#control.clearUnmirrored(sid);
    this.#missedBy[mirror].settle(sid, missed);
  }

  /** A write to the legacy store was given up and came through later, perhaps over a newer one. */
  #distrust(sid: string): void {
    const { phase } = this.state;
    if (phase === "moving") this.#missedBy[this.homeOf(sid) === "redis" ? "legacy" : "redis"].add(sid, "changed");
  }

  /** Brings the copy to what the home has now. */
  async #catchUp(sid: string, missed: Missed, mirror: Home, state: MoveState): Promise<void> {
    // Afterwards there is no mirror any more.
    if (state.phase !== "moving") return this.#missedBy[mirror].settle(sid, missed);
    // While the home is changing, the store that has missed the change is known only from here.
    const lacking = isChangingHome(sid, state) ? mirror : homeOf(sid, state) === "redis" ? "legacy" : "redis";
    await this.#turns.run(sid, () => {
      if (missed.what === "destroyed") return this.#copies.destroyed(sid);
      return lacking === "legacy" ? this.#copies.toLegacy(sid) : this.#copies.toRedis(sid);
    });
    await this.#settle(sid, mirror, missed);
  }

  #isTouchDue(sid: string, { cookie }: SessionData, now = Date.now()): boolean {
    const dueAt = this.#touches.dueAt(sid);
    if (dueAt !== undefined && now < dueAt) return false;
    const { originalMaxAge } = cookie;
    const lifetime = typeof originalMaxAge === "number" ? originalMaxAge / 1000 : Infinity;
    this.#touches.note(sid, now + defaultTouchInterval(lifetime) * 1000);
    return true;
  }

  get #lister(): Store {
    return this.state.phase === "finished" ? (this.#redis as unknown as Store) : this.#legacy.store;
  }

  /** An outage of the mirror never reaches a visitor. */
  #tellConnection(event: string): void {
    if (this.state.phase === "off" || (this.state.phase === "moving" && this.state.dial === 0)) this.emit(event);
  }
}

/** Milliseconds that an answer waits for the mirror. */
const patience = 500;

/**
 * Redis merges what overlapping requests change, the legacy store overwrites. So while a session's home is changing,
 * whichever way, all processes write it to Redis first and copy what came out.
 */
function writtenFirst(sid: string, state: MoveState): Home {
  return isChangingHome(sid, state) ? "redis" : homeOf(sid, state);
}

function noop(): void {}

function answer<T>(work: Promise<T>, callback: Callback<T> | undefined): void {
  // Outside the promise: a callback that throws must not be called a second time with its own error.
  work.then(
    (result) => process.nextTick(() => callback?.(null, result)),
    (error: unknown) => process.nextTick(() => callback?.(error)),
  );
}

/** The same, or an error once `milliseconds` have passed; the work goes on. */
function within<T>(work: Promise<T>, milliseconds: number, onSlow?: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      onSlow?.();
      reject(new Error("the mirror takes too long"));
    }, milliseconds);
    work.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

function cannot(method: string): HoldfastError {
  return invalid(`the legacy store has no \`${method}\`, and the move is not finished.`);
}

function unmirrored(cause: unknown): HoldfastError {
  return new HoldfastError(
    codes.STORE_UNAVAILABLE,
    "The session was saved in one of the two stores only, while its home is changing from one to the other. Try again in a moment.",
    { status: 503, headers: { "Retry-After": "1" }, cause },
  );
}

function checkStores(legacy: unknown, redis: unknown): void {
  const has = (name: string) => typeof (legacy as Record<string, unknown> | null | undefined)?.[name] === "function";
  if (!has("get") || !has("set") || !has("destroy")) {
    throw invalid(
      "`legacy` must be the express-session store to move away from. This one has no get, set and destroy.",
    );
  }
  if (!(redis instanceof RedisSessionStore)) throw invalid("`redis` must be a RedisSessionStore of this package.");
}

function invalid(message: string): HoldfastError {
  return new HoldfastError(codes.STORE_INVALID, `MigratingStore: ${message}`);
}
