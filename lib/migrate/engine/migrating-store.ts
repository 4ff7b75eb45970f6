/**
 * Two stores as one, during a move: express-session's contract in front of the `MovingRepository`.
 * docs/migration.md describes all steps.
 */
import { Store, type Session, type SessionData } from "express-session";
import { sessionLabel } from "../../errors/index.js";
import {
  answer,
  repositoryOf,
  sessionAccess,
  SessionObjects,
  type Callback,
  type RedisSessionStore,
  type SessionAccess,
  type SessionRequest,
} from "../../express-session/index.js";
import { lostChange, type RedisSessionRepository } from "../../repository/index.js";
import { signals } from "../../signals/index.js";
import { defaultKey, MoveControl } from "../state/control.js";
import { Copies } from "./copies.js";
import { DialFollower } from "./dial-follower.js";
import { homeOf, type Home, type MoveState } from "../state/dial.js";
import { LegacyStore } from "./legacy-store.js";
import { Mirror } from "./mirror.js";
import type { MovingHandle } from "./moving-handle.js";
import { MovingRepository } from "./moving-repository.js";
import type { Pending } from "./pending.js";
import { cannot, checkStores, factsOf } from "./two-stores.js";
import { markerIn, Witness } from "./witness.js";

export interface MigratingStoreOptions {
  /** The store to move from: any express-session store. */
  legacy: Store;
  /** The store to move to. */
  redis: RedisSessionStore;
  /** The key of the move's state in Redis; must be the same as the command's `--key`. @default "{holdfast:move}" */
  key?: string | undefined;
  /** Milliseconds to wait for the legacy store; the counterpart of `commandTimeout` for Redis. @default 5000 */
  legacyTimeout?: number | undefined;
}

/**
 * The store of an app whose sessions move from a database to Redis while the site is live.
 *
 * @example
 * const store = new MigratingStore({ legacy: new PgStore({ pool }), redis: new RedisSessionStore({ client }) });
 * app.use(redisSession({ store, secret }));
 */
export class MigratingStore extends Store {
  readonly #legacy: LegacyStore;
  readonly #redisStore: RedisSessionStore;
  readonly #redis: RedisSessionRepository;
  readonly #follower: DialFollower;
  readonly #witness: Witness;
  readonly #mirror: Mirror;
  readonly #repository: MovingRepository;
  readonly #objects: SessionObjects<MovingHandle>;

  /** @throws HoldfastError `HOLDFAST_STORE_INVALID` */
  constructor({ legacy, redis, key = defaultKey, legacyTimeout }: MigratingStoreOptions) {
    super();
    checkStores(legacy, redis);
    this.#redisStore = redis;
    this.#redis = repositoryOf(redis);
    this.#legacy = new LegacyStore(legacy, { onLate: (sid) => this.#distrust(sid), timeout: legacyTimeout });
    const control = new MoveControl(redis.client, { key });
    const onLost = (sid: string) => this.emit("lost", lostChange(sid));
    const copies = new Copies({ legacy: this.#legacy, redis: this.#redis, ttl: redis.ttl, onLost });
    this.#witness = new Witness(this.#legacy, control.markerId);
    this.#mirror = new Mirror({
      store: this,
      control,
      copies,
      run: (work) => this.#follower.run(work),
      probes: { legacy: () => this.#witness.recall(), redis: () => control.read() },
    });
    const store = factsOf(redis);
    this.#follower = new DialFollower({
      control,
      id: MoveControl.newId(),
      about: () => ({ store, ...this.#missing() }),
      witness: this.#witness,
      onChange: (state, before) => this.#follow(state, before),
    });
    this.#repository = new MovingRepository({
      legacy: this.#legacy,
      redis: this.#redis,
      copies,
      mirror: this.#mirror,
      follower: this.#follower,
      onLost,
    });
    this.#objects = new SessionObjects(this.#repository, this);
    for (const event of ["disconnect", "connect"]) legacy.on?.(event, () => this.#tellConnection(event));
    redis.on("lost", (change) => this.emit("lost", change));
  }

  /** The state of the move, as far as this process knows. */
  get state(): MoveState {
    return this.#follower.state;
  }

  /**
   * The number of changes that have not reached the mirror yet, and of mirror writes that failed since this process
   * started.
   */
  get mirror(): { readonly pending: number; readonly failures: number } {
    const sum = (of: (missed: Pending) => number) => this.#mirror.all.reduce((total, missed) => total + of(missed), 0);
    return {
      pending: sum(({ count }) => count) + this.#legacy.outstanding,
      failures: sum(({ failures }) => failures),
    };
  }

  /** The store that sessions move to. */
  get redis(): RedisSessionStore {
    return this.#redisStore;
  }

  /**
   * The store that holds the primary copy of this session now.
   *
   * @example
   * const home = store.homeOf(req.sessionID); // "legacy" or "redis"
   */
  homeOf(sid: string): Home {
    return homeOf(sid, this.#follower.state);
  }

  /**
   * The session from its home, or null.
   *
   * @example
   * store.get(sid, (error, session) => console.log(error ?? session));
   */
  override get(sid: string, callback: Callback<SessionData | null>): void {
    answer(this.#objects.load(sid), callback);
  }

  /**
   * Saves what changed since the session was read, first in one store; during the move, the other one gets a copy.
   *
   * @example
   * store.set(sid, session, (error) => console.log(error ?? "saved"));
   */
  override set(sid: string, session: SessionData, callback?: Callback): void {
    answer(this.#set(sid, session), callback);
  }

  /**
   * Refreshes the lifetime of the session; during the move, in both stores.
   *
   * @example
   * store.touch(sid, session, (error) => console.log(error ?? "refreshed"));
   */
  override touch(sid: string, session: SessionData, callback?: Callback): void {
    answer(this.#objects.repository.touch(this.#objects.handleToTouch(sid, session), session), callback);
  }

  /**
   * Removes the session; during the move from both stores, with a tombstone in Redis so that no copy brings it back.
   *
   * @example
   * store.destroy(sid, (error) => console.log(error ?? "destroyed"));
   */
  override destroy(sid: string, callback?: Callback): void {
    answer(this.#objects.repository.destroy(sid), callback);
  }

  /**
   * Creates a `Session` from loaded data; express-session calls it on load and reload.
   *
   * @example
   * req.session = store.createSession(req, session);
   */
  override createSession(req: SessionRequest, data: SessionData): Session & SessionData {
    const session = this.#redisStore.createSession(req, data);
    this.#objects.forkHandle(data, session);
    return session;
  }

  /**
   * Lists the legacy store, which has all sessions until the move is finished; then Redis.
   *
   * @example
   * store.all((error, sessions) => console.log(error ?? sessions));
   */
  override all(callback: Callback<SessionData[] | { [sid: string]: SessionData } | null>): void {
    const lister = this.#lister;
    if (typeof lister.all === "function")
      lister.all((error, sessions) => callback(error, error ? sessions : withoutMarker(sessions)));
    else answer(Promise.reject(cannot("all")), callback);
  }

  /**
   * The number of sessions, from the store that `all` lists.
   *
   * @example
   * store.length((error, count) => console.log(error ?? count));
   */
  override length(callback: Callback<number>): void {
    const lister = this.#lister;
    if (typeof lister.length === "function") lister.length(callback);
    else answer(Promise.reject(cannot("length")), callback);
  }

  /**
   * Removes all sessions from both stores; from Redis alone once the move is finished.
   *
   * @example
   * store.clear((error) => console.log(error ?? "everybody is logged out"));
   */
  override clear(callback?: Callback): void {
    const legacy = this.#legacy.store;
    const clearLegacy = new Promise<void>((resolve, reject) => {
      if (this.state.phase === "finished" || typeof legacy.clear !== "function") return resolve();
      legacy.clear((error?: unknown) => (error ? reject(error) : resolve()));
    });
    answer(
      clearLegacy.then(() => this.#redisStore.clear()),
      callback,
    );
  }

  /**
   * Resolves if each store that visitors depend on at present answers.
   *
   * @throws HoldfastError `SESSION_STORE_UNAVAILABLE`
   * @example
   * await store.ping();
   */
  ping(): Promise<void> {
    return this.#repository.ping();
  }

  /**
   * Waits for pending writes and stops this store's own timers. The two stores stay open.
   *
   * @example
   * process.once("SIGTERM", () => server.close(() => void store.close()));
   */
  async close(): Promise<void> {
    await this.#repository.whenIdle();
    await this.#witness.settled();
    await this.#mirror.flush();
    this.#mirror.close();
    await this.#follower.close();
  }

  /** @internal */
  get [sessionAccess](): SessionAccess | undefined {
    const { get, set } = MigratingStore.prototype;
    return this.get === get && this.set === set ? this.#objects : undefined;
  }

  async #set(sid: string, session: SessionData): Promise<void> {
    const handle = this.#objects.handleToSave(sid, session);
    const outcome = await this.#objects.repository.commit(handle, session);
    if (outcome === "unchanged") await this.#objects.repository.touch(handle, session);
  }

  #missing() {
    const stuck = this.#mirror.all.flatMap((missed) => missed.stuck).map(sessionLabel);
    const overflowed = this.#mirror.all.some((missed) => missed.overflowed);
    return { pending: this.mirror.pending, overflowed, ...(stuck.length > 0 && { stuck }) };
  }

  #follow({ dial, phase, verified, version }: MoveState, before: MoveState): void {
    signals.move.followed.send({ store: this, phase, dial, version });
    if (phase !== before.phase) void this.#witness.note(phase);
    if (verified !== undefined && verified !== before.verified) this.#mirror.forgetOverflow();
  }

  /** A write to the legacy store that had timed out has arrived after all, perhaps over a newer one. */
  #distrust(sid: string): void {
    if (this.state.phase === "moving") this.#mirror.distrust(sid, this.homeOf(sid) === "redis" ? "legacy" : "redis");
  }

  get #lister(): Store {
    return this.state.phase === "finished" ? this.#redisStore : this.#legacy.store;
  }

  /**
   * Passes on the legacy store's connection events while visitors depend on it: an outage of a mirror does not affect
   * them.
   */
  #tellConnection(event: string): void {
    if (this.state.phase === "off" || (this.state.phase === "moving" && this.state.dial === 0)) this.emit(event);
  }
}

type Listed = SessionData[] | { [sid: string]: SessionData } | null | undefined;

function withoutMarker(sessions: Listed): SessionData[] | { [sid: string]: SessionData } | null {
  if (Array.isArray(sessions)) return sessions.filter((one) => !markerIn(one));
  return sessions ? Object.fromEntries(Object.entries(sessions).filter(([, one]) => !markerIn(one))) : null;
}
