/** The session store for apps: connect-redis' options, keys and contract, in front of the repository in Redis. */
import { RedisStore } from "connect-redis";
import type { Session, SessionData, Store } from "express-session";
import { codes, HoldfastError, sessionLabel } from "../errors/index.js";
import { adapterOf, checkClient, type RedisClient } from "../redis/index.js";
import { lostChange, RedisSessionRepository, tellUnreadable, type RedisHandle } from "../repository/index.js";
import { cookieFault, invalidCookie } from "../session/index.js";
import { settle, type Callback } from "./callbacks.js";
import { redisRepository, sessionAccess, type SessionAccess } from "./session-access.js";
import { SessionObjects } from "./session-objects.js";
import type { SessionRequest } from "./session-types.js";
import type { RedisSessionStoreOptions } from "./store-option-types.js";
import { encryptionOf } from "./encryption-keys.js";
import { checkStoreOptions, compressionThreshold } from "./store-options.js";

// Under pnpm the types of connect-redis cannot resolve those of express-session, so its RedisStore is not a Store.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- both are express-session's Store
export interface RedisSessionStore extends Store {}

/**
 * A store for `express-session` and `redisSession()`; a drop-in for connect-redis' `RedisStore`, which it extends.
 *
 * Every method accepts a callback and returns a promise; with a callback, the promise never rejects.
 * Events: `lost` ({@link LostChange}) if a change was not written because its session is gone; `unreadable` (a short
 * hash of the session id) if Redis holds something that is not a session.
 *
 * @example
 * app.use(session({ store: new RedisSessionStore({ client }), secret, resave: false, saveUninitialized: false }));
 */
export class RedisSessionStore extends RedisStore {
  /** The format in which it writes sessions. */
  readonly layout: "json" | "hash";
  readonly #repository: RedisSessionRepository;
  readonly #objects: SessionObjects<RedisHandle>;

  /** @throws HoldfastError `HOLDFAST_CLIENT_INVALID`, `HOLDFAST_OPTION_INVALID` */
  constructor(options: RedisSessionStoreOptions) {
    checkStoreOptions(options);
    const client: unknown = options.client;
    checkClient(client);
    if (options.durability) checkDurability(client);
    const encryption = encryptionOf(options.encrypt);
    super(options);
    this.layout = options.layout === "hash" ? "hash" : "json";
    this.#repository = new RedisSessionRepository({
      client,
      prefix: this.prefix,
      serializer: this.serializer,
      ttl: this.ttl,
      layout: this.layout,
      scanCount: this.scanCount,
      disableTTL: this.disableTTL,
      disableTouch: this.disableTouch,
      touchInterval: options.touchInterval ?? undefined,
      firstVisitTtl: options.firstVisitTtl ?? undefined,
      maxBytes: options.maxBytes,
      compress: compressionThreshold(options.compress),
      encryption,
      hashIds: options.hashIds ?? false,
      commandTimeout: options.commandTimeout,
      nearCache: options.nearCache || undefined,
      durability: options.durability || undefined,
      merge: options.merge ?? undefined,
      onLost: (sid) => this.emit("lost", lostChange(sid)),
      onUnreadable: (sid) => {
        tellUnreadable(this, sid);
        this.emit("unreadable", sessionLabel(sid));
      },
    });
    this.#objects = new SessionObjects(this.#repository, this);
  }

  /**
   * The session as plain data, or null. A later `set` compares its argument with what was read here. This also works
   * for a copy (`{ ...data }`), which is recognized by a mark on the cookie.
   *
   * @example
   * const session = await store.get(sid);
   * if (session) console.log(session.cookie.expires);
   */
  override get(sid: string, callback?: Callback<SessionData | null>): Promise<SessionData | null> {
    return settle(this.#objects.load(sid), callback);
  }

  /**
   * Saves what changed since the session was read, or all of a new session.
   *
   * If it was destroyed meanwhile, nothing is written. That is not an error: the promise resolves to "gone", and the
   * callback gets it as its second argument.
   *
   * @throws HoldfastError `SESSION_NOT_SERIALIZABLE`, `SESSION_COOKIE_INVALID`, `SESSION_TOO_LARGE`,
   *   `SESSION_CONTENDED`, `SESSION_STORE_UNAVAILABLE`
   * @example
   * const session = await store.get(sid);
   * if (session) await store.set(sid, Object.assign(session, { theme: "dark" }));
   */
  override set(sid: string, data: SessionData, callback?: Callback<"gone" | void>): Promise<"gone" | void> {
    return settle(this.#set(sid, data), callback);
  }

  /**
   * Refreshes the lifetime of the session: at most once per touch interval, unless the lifetime changed.
   *
   * @example
   * const session = await store.get(sid);
   * if (session) await store.touch(sid, session);
   */
  override touch(sid: string, data: SessionData, callback?: Callback): Promise<void> {
    return settle(this.#objects.repository.touch(this.#objects.handleToTouch(sid, data), data), callback);
  }

  /**
   * Removes the session; a later save of it writes nothing. If there is none, that is not an error.
   *
   * @example
   * await store.destroy(sid);
   */
  override destroy(sid: string, callback?: Callback): Promise<void> {
    return settle(this.#objects.repository.destroy(sid), callback);
  }

  /**
   * Creates a `Session` from loaded data; express-session calls it on load and reload. Saving it is compared with what
   * was loaded. If the data cannot be a session, a new one is created, as if there were none.
   *
   * @throws HoldfastError `SESSION_COOKIE_INVALID` if there is no middleware to create a new one
   * @example
   * const data = await store.get(sid);
   * if (data) req.session = store.createSession(req, data);
   */
  override createSession(req: SessionRequest, data: SessionData): Session & SessionData {
    const fault = cookieFault(data.cookie);
    if (fault !== undefined) return this.#newInstead(req, data, fault);
    const session = super.createSession(req, data);
    this.#objects.forkHandle(data, session);
    return session;
  }

  /**
   * A `Session` without a request, for background jobs; none if the data cannot be a session.
   *
   * @example
   * store.load(sid, (error, session) => console.log(error ?? session));
   */
  override load(sid: string, callback: (error?: unknown, session?: SessionData) => void): void {
    const load = async () => {
      const data = await this.#objects.load(sid);
      if (!data) return undefined;
      if (cookieFault(data.cookie) !== undefined) return this.#repository.reportUnreadable(sid);
      // No request, but all that a `Session` uses of one.
      return this.createSession({ sessionID: sid, sessionStore: this } as unknown as SessionRequest, data);
    };
    void settle<SessionData | undefined>(load(), callback);
  }

  /**
   * All sessions, each with its `id`, or what `ids` has of it; those that cannot be read are left out.
   *
   * @example
   * const visitors = (await store.all()).length;
   */
  override all(callback?: Callback<SessionData[]>): Promise<SessionData[]> {
    return settle(this.#all(), callback);
  }

  /**
   * The ids of all sessions, without the prefix of their keys. With the option `hashIds` nobody can tell the ids: then these
   * are names, which `destroy` takes, and `get` does not.
   *
   * @example
   * for (const sid of await store.ids()) await store.destroy(sid);
   */
  override ids(callback?: Callback<string[]>): Promise<string[]> {
    return settle(this.#ids(), callback);
  }

  /**
   * The number of sessions.
   *
   * @example
   * const count = await store.length();
   */
  override length(callback?: Callback<number>): Promise<number> {
    const count = this.#ids().then((ids) => ids.length);
    return settle(count, callback);
  }

  /**
   * Removes all sessions.
   *
   * @example
   * await store.clear(); // everybody is logged out
   */
  override clear(callback?: Callback): Promise<void> {
    return settle(this.#clear(), callback);
  }

  /**
   * Closes what the store itself opened (the near cache's connection), but not the client.
   *
   * @example
   * await store.close();
   * await client.close();
   */
  close(): Promise<void> {
    return this.#repository.close();
  }

  /** @internal */
  get [sessionAccess](): SessionAccess | undefined {
    const { get, set } = RedisSessionStore.prototype;
    return this.get === get && this.set === set ? this.#objects : undefined;
  }

  /** @internal The repository, also of a subclass, for migrations. */
  get [redisRepository](): RedisSessionRepository {
    return this.#repository;
  }

  async #set(sid: string, data: SessionData): Promise<"gone" | void> {
    const handle = this.#objects.handleToSave(sid, data);
    const outcome = await this.#objects.repository.commit(handle, data);
    if (outcome === "gone") return outcome;
    if (outcome === "unchanged") await this.#objects.repository.touch(handle, data);
  }

  /** express-session compares the new session with `data`, so that is emptied, like a session without content. */
  #newInstead(req: SessionRequest, data: SessionData, fault: string): Session & SessionData {
    this.#repository.reportUnreadable(req.sessionID);
    const generate: unknown = Reflect.get(this, "generate"); // put there by the middleware
    if (typeof generate !== "function") throw invalidCookie(fault);
    for (const key of Object.keys(data)) Reflect.deleteProperty(data, key);
    generate.call(this, req);
    return req.session as Session & SessionData; // new and whole
  }

  async #all(): Promise<SessionData[]> {
    const sessions: SessionData[] = [];
    for await (const ids of this.#repository.list()) {
      const found = await Promise.all(ids.map(async (id) => ({ id, data: await this.#repository.peek(id) })));
      for (const { id, data } of found) if (data) sessions.push(Object.assign(data, { id }));
    }
    return sessions;
  }

  async #ids(): Promise<string[]> {
    const ids: string[] = [];
    for await (const group of this.#repository.list()) ids.push(...group);
    return ids;
  }

  async #clear(): Promise<void> {
    // While `hashIds` is being switched, a session may be brought to its other key before it is destroyed under this one.
    const passes = this.#repository.keys.isMoving ? 3 : 1;
    for (let pass = 0; pass < passes; pass++) {
      for await (const ids of this.#repository.list()) {
        await Promise.all(ids.map((id) => this.#objects.repository.destroy(id)));
      }
    }
  }
}

function checkDurability(client: RedisClient): void {
  const { cannotWait } = adapterOf(client);
  if (cannotWait === undefined) return;
  throw new HoldfastError(codes.OPTION_INVALID, `The option \`durability\` does not work with ${cannotWait}.`);
}
