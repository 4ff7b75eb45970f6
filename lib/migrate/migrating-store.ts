/**
 * A store made of two, for the time of a move: every session has its home in one of them and a copy in the other. The
 * home answers, and its result counts; the copy is written before the answer goes out, and if that fails it is caught up
 * later. docs/migration.md tells the whole way.
 */
import { Store, type Session, type SessionData } from "express-session";
import { codes, HoldfastError } from "../errors/index.js";
import { RedisSessionStore } from "../store/index.js";
import { defaultKey, MoveControl } from "./control.js";
import { DialFollower } from "./dial-follower.js";
import { homeOf, isChangingHome, type Home, type MoveState } from "./dial.js";
import { LegacyStore } from "./legacy-store.js";
import { Pending } from "./pending.js";
import { sameSession } from "./same-session.js";
import { Turns } from "./turns.js";

export interface MigratingStoreOptions {
  /** The store to move away from: any express-session store. */
  legacy: Store;
  /** The store to move to. */
  redis: RedisSessionStore;
  /** Where the move's state lies in Redis. Default `{holdfast:move}`; the command's `--key` names the same. */
  key?: string;
}

type Callback<T = void> = (error?: unknown, result?: T) => void;
type Request = Parameters<Store["createSession"]>[0];

/** A mirror that was written this often while its home went on changing is left to a later retry. */
const mostRounds = 20;

export class MigratingStore extends Store {
  readonly #legacy: LegacyStore;
  readonly #redis: RedisSessionStore;
  readonly #control: MoveControl;
  readonly #follower: DialFollower;
  readonly #pending: Pending;
  readonly #turns = new Turns();
  /** Sessions, or their data, that were loaded from the legacy store. */
  readonly #fromLegacy = new WeakSet<object>();
  /** When each session's lifetime was last renewed in the mirror, by id. */
  readonly #touched = new Map<string, number>();

  /** @throws HoldfastError `HOLDFAST_STORE_INVALID` */
  constructor({ legacy, redis, key = defaultKey }: MigratingStoreOptions) {
    super();
    checkStores(legacy, redis);
    this.#legacy = new LegacyStore(legacy);
    this.#redis = redis;
    this.#control = new MoveControl(redis.client as never, { key });
    this.#pending = new Pending((sid) => this.#follower.run((state) => this.#catchUp(sid, state)));
    this.#follower = new DialFollower({
      control: this.#control,
      id: MoveControl.newId(),
      pending: () => ({ count: this.#pending.count, overflowed: this.#pending.overflowed }),
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
    return { pending: this.#pending.count, failures: this.#pending.failures };
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
    if (this.#fromLegacy.has(data)) this.#fromLegacy.add(session);
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
    this.#pending.close();
    await this.#follower.close();
  }

  // ---- reading ------------------------------------------------------------------------------------------------

  async #get(sid: string, state: MoveState): Promise<SessionData | null> {
    if (state.phase === "finished") return this.#redis.get(sid);
    if (homeOf(sid, state) === "redis") {
      const data = await this.#redis.get(sid);
      return data ?? (state.isComplete ? null : this.#bringToRedis(sid));
    }
    const data =
      (await this.#legacy.get(sid)) ?? (state.phase === "moving" ? await this.#bringToLegacy(sid) : undefined);
    if (!data) return null;
    if (state.phase === "moving") this.#begin(data);
    return data;
  }

  /** What is loaded from the legacy store may be saved to Redis, as a change of this. */
  #begin(data: SessionData): void {
    this.#fromLegacy.add(data);
    this.#redis.expect(data);
  }

  /** Not in Redis, and not dead: the backfill has not come to it yet. */
  async #bringToRedis(sid: string): Promise<SessionData | null> {
    if ((await this.#redis.standingOf(sid)) === "dead") return null;
    const data = await this.#legacy.get(sid).catch(() => undefined); // an outage of the mirror is no visitor's business
    if (!data) return null;
    await this.#redis.put(sid, data, { onlyIfAbsent: true });
    return this.#redis.get(sid);
  }

  /** Not at home: only where a change is known not to have reached the legacy store, Redis knows better. */
  async #bringToLegacy(sid: string): Promise<SessionData | undefined> {
    try {
      if (!(await this.#control.isUnmirrored(sid))) return undefined;
      const data = await this.#redis.get(sid);
      if (data) await this.#legacy.set(sid, data);
      return data ?? undefined;
    } catch {
      return undefined;
    }
  }

  // ---- saving -------------------------------------------------------------------------------------------------

  async #set(sid: string, session: SessionData, state: MoveState): Promise<void> {
    if (state.phase === "off") return this.#legacy.set(sid, session);
    if (state.phase === "finished") return this.#redis.set(sid, session);
    if (homeOf(sid, state) === "legacy") await this.#legacy.set(sid, session);
    else if (!(await this.#saveInRedis(sid, session))) return;
    await this.#mirror(sid, state, () => {
      if (homeOf(sid, state) === "redis") return this.#copyToLegacy(sid, session);
      return this.#pending.has(sid) ? this.#copyToRedis(sid) : this.#copyChange(sid, session);
    });
  }

  /** False: there is nothing to mirror, because nothing changed or the session is gone. */
  async #saveInRedis(sid: string, session: SessionData): Promise<boolean> {
    const outcome = await this.#redis.commit(sid, session);
    if (outcome === "saved") return true;
    if (outcome === "unchanged") {
      await this.#redis.touch(sid, session);
      return false;
    }
    // It was loaded from the legacy store, and the backfill has not come to it yet.
    if (!this.#fromLegacy.has(session)) return false;
    return (await this.#redis.put(sid, session, { onlyIfAbsent: true })) === "put";
  }

  /** At home in the legacy store: Redis gets what this request changed, merged onto what it has. */
  async #copyChange(sid: string, session: SessionData): Promise<void> {
    if ((await this.#redis.standingOf(sid)) === "lives") {
      const outcome = await this.#redis.commit(sid, session);
      if (outcome !== "gone") return;
    }
    const result = await this.#redis.put(sid, session, { onlyIfAbsent: true });
    if (result === "put") this.#redis.expect(session);
    // It was destroyed while this request ran, and our save has just brought it back.
    else if (result === "dead") await this.#legacy.destroy(sid);
  }

  /** The same whole, for a copy that has missed an earlier change; again and again until nothing has changed meanwhile. */
  async #copyToRedis(sid: string): Promise<void> {
    let now = await this.#legacy.get(sid);
    for (let round = 0; round < mostRounds; round++) {
      const written = now;
      if (!written) await this.#bury(sid);
      else if ((await this.#redis.put(sid, written, { onlyIfAbsent: false })) === "dead")
        await this.#legacy.destroy(sid);
      now = await this.#legacy.get(sid);
      if (sameSession(written, now)) return this.#pending.settle(sid);
    }
    throw tooRestless();
  }

  /** At home in Redis: the legacy store gets what Redis holds, again and again until that has not changed meanwhile. */
  async #copyToLegacy(sid: string, session?: SessionData): Promise<void> {
    let now = await this.#redis.get(sid);
    for (let round = 0; round < mostRounds; round++) {
      const written = now;
      // The cookie of the session at hand says best how long it lives.
      if (written)
        await this.#legacy.set(sid, session ? { ...written, cookie: session.cookie } : withFreshCookie(written));
      else await this.#legacy.destroy(sid);
      now = await this.#redis.get(sid);
      if (sameSession(written, now)) break;
      if (round === mostRounds - 1) throw tooRestless();
    }
    if (!this.#pending.has(sid)) return;
    await this.#control.clearUnmirrored(sid);
    this.#pending.settle(sid);
  }

  // ---- the rest -----------------------------------------------------------------------------------------------

  async #touch(sid: string, session: SessionData, state: MoveState): Promise<void> {
    if (state.phase === "off") return this.#legacy.touch(sid, session);
    if (state.phase === "finished") return this.#redis.touch(sid, session);
    const isLegacy = homeOf(sid, state) === "legacy";
    if (isLegacy) {
      await this.#legacy.touch(sid, session);
      await this.#redis.touch(sid, session).catch(() => {}); // a lifetime that is a minute short is made good by the next
    } else {
      await this.#redis.touch(sid, session);
      if (this.#isTouchDue(sid)) await this.#legacy.touch(sid, session).catch(() => {});
    }
  }

  async #destroy(sid: string, state: MoveState): Promise<void> {
    if (state.phase === "off") return this.#legacy.destroy(sid);
    if (state.phase === "finished") return this.#redis.destroy(sid);
    if (homeOf(sid, state) === "legacy") {
      await this.#legacy.destroy(sid);
      return this.#mirror(sid, state, () => this.#bury(sid));
    }
    await this.#bury(sid);
    await this.#mirror(sid, state, () => this.#legacy.destroy(sid));
  }

  /** As long as the longest that a copy elsewhere can live. */
  #bury(sid: string): Promise<void> {
    const { ttl } = this.#redis;
    return this.#redis.bury(sid, Math.max(buriedFor, typeof ttl === "number" ? ttl : 0));
  }

  /**
   * Writes the copy. Where a session's home is changing, that is as important as the home itself; else a failure is
   * remembered, and nobody has to wait for a mirror that is slow.
   */
  async #mirror(sid: string, state: MoveState, write: () => Promise<void>): Promise<void> {
    const written = this.#turns.run(sid, write);
    try {
      await (isChangingHome(sid, state) ? written : within(written, patience));
    } catch (error) {
      this.#pending.add(sid);
      if (homeOf(sid, state) === "redis") await this.#control.noteUnmirrored(sid).catch(() => {});
      if (isChangingHome(sid, state)) throw unmirrored(error);
    }
  }

  /** Brings the copy to what the home has now. */
  #catchUp(sid: string, state: MoveState): Promise<void> {
    if (state.phase !== "moving") return Promise.resolve(this.#pending.settle(sid)); // there is no mirror any more
    const isRedis = homeOf(sid, state) === "redis";
    return this.#turns.run(sid, () => (isRedis ? this.#copyToLegacy(sid) : this.#copyToRedis(sid)));
  }

  #isTouchDue(sid: string, now = Date.now()): boolean {
    if (now - (this.#touched.get(sid) ?? 0) < touchInterval) return false;
    this.#touched.delete(sid);
    this.#touched.set(sid, now);
    if (this.#touched.size > mostTouched) this.#touched.delete(this.#touched.keys().next().value!);
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

/** Seconds: a day, and longer where sessions live longer. */
const buriedFor = 86_400;
/** Milliseconds that an answer waits for the mirror. */
const patience = 500;
/** Milliseconds between two renewals of a lifetime in the legacy store. */
const touchInterval = 60_000;
const mostTouched = 100_000;

/** A session that lies in Redis says when its cookie was written; what counts from now on is its maximum age. */
function withFreshCookie(data: SessionData): SessionData {
  const { originalMaxAge } = data.cookie;
  if (typeof originalMaxAge !== "number") return data;
  return {
    ...data,
    cookie: Object.assign({}, data.cookie, { expires: new Date(Date.now() + originalMaxAge) }),
  };
}

function answer<T>(work: Promise<T>, callback: Callback<T> | undefined): void {
  // Outside the promise: a callback that throws must not be called a second time with its own error.
  work.then(
    (result) => process.nextTick(() => callback?.(null, result)),
    (error: unknown) => process.nextTick(() => callback?.(error)),
  );
}

/** The same, or an error once `milliseconds` have passed; the work goes on. */
function within(work: Promise<void>, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the mirror takes too long")), milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function tooRestless(): Error {
  return new Error("the session changes faster than it can be copied");
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
