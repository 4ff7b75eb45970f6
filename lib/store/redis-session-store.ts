/** The session store: connect-redis' keys, text and options, with saves that lose no update and revive no session. */
import { RedisStore } from "connect-redis";
import type { Session, SessionData, Store } from "express-session";
import { codes, sessionLabel, warnOnce } from "../errors/index.js";
import {
  canTrack,
  checkClient,
  defineScript,
  guardClient,
  scanKeys,
  trackChanges,
  type RedisClient,
  type Tracking,
} from "../redis/index.js";
import { CachedLayout } from "./cached-layout.js";
import { settle, type Callback } from "./callbacks.js";
import { settingsOf, type CookieSettings } from "./cookie-settings.js";
import { Committer, type CommitOutcome } from "./committer.js";
import { HashLayout } from "./hash-layout.js";
import { JsonLayout } from "./json-layout.js";
import type { Body, Layout, Stored } from "./layout.js";
import { Lifetime } from "./lifetime.js";
import { overwriteSource, standingSource } from "./scripts/embedded.js";
import { compileRules } from "./merge-rules.js";
import { NearCache, type NearCacheOptions } from "./near-cache.js";
import { SessionCodec, type OpenedSession } from "./session-codec.js";
import { SessionCommands } from "./session-commands.js";
import { SessionMerger } from "./session-merger.js";
import { checkSize } from "./session-size.js";
import { checkStoreOptions, type RedisSessionStoreOptions } from "./store-options.js";
import { UnderWay } from "./under-way.js";

const overwriteScript = defineScript(overwriteSource);
const standingScript = defineScript(standingSource);

/** A session found in Redis; it is parsed only when somebody looks at it. */
export interface FoundSession {
  readonly sid: string;
  readonly stored: Stored;
  /** There only for a serializer that is not JSON, because that may be asynchronous. */
  readonly data?: SessionData;
}

export interface PutOptions {
  onlyIfAbsent: boolean;
  seconds?: number;
  text?: string;
}

/** What the event `lost` tells. */
export interface LostChange {
  /** A short hash of the session's id. */
  session: string;
  /** The session was destroyed, or expired, while the request ran. */
  reason: "gone";
}

type Request = Parameters<Store["createSession"]>[0];

/**
 * A store for `express-session` and `redisSession()`; a drop-in for connect-redis' `RedisStore`, which it extends.
 *
 * Every method takes a callback and returns a promise; with a callback, the promise never rejects.
 * Events: `lost` ({@link LostChange}) when a change was not written because its session is gone; `unreadable` (a short
 * hash of the session id) when Redis holds something that is not a session.
 */
export class RedisSessionStore extends RedisStore {
  readonly #redis: RedisClient;
  readonly #commands: SessionCommands;
  readonly #layout: Layout;
  readonly #codec: SessionCodec;
  readonly #lifetime: Lifetime;
  readonly #committer: Committer;
  readonly #underWay = new UnderWay();
  #nearCache: NearCache | undefined;
  #tracking: Tracking | undefined;

  /** @throws HoldfastError `HOLDFAST_CLIENT_INVALID`, `HOLDFAST_OPTION_INVALID` */
  constructor(options: RedisSessionStoreOptions) {
    const client: unknown = options.client;
    checkClient(client);
    checkStoreOptions(options);
    super(options);
    this.#redis = client;
    this.#commands = new SessionCommands(
      guardClient(client, { commandTimeout: options.commandTimeout }),
      options.durability,
    );
    this.#codec = new SessionCodec(this.serializer, (label) => this.emit("unreadable", label));
    this.#lifetime = new Lifetime({
      ttl: this.ttl,
      touchInterval: options.touchInterval,
      disableTTL: this.disableTTL,
      disableTouch: this.disableTouch,
    });
    const parts = {
      commands: this.#commands,
      codec: this.#codec,
      lifetime: this.#lifetime,
      merger: new SessionMerger(this.#codec, compileRules(options.merge)),
      tracking: options.nearCache ? ("1" as const) : ("0" as const),
    };
    const layout = options.layout === "hash" ? new HashLayout(parts) : new JsonLayout(parts);
    this.#layout = options.nearCache ? this.#cached(layout, client, options.nearCache) : layout;
    this.#committer = new Committer({
      keyOf: (sid) => this.prefix + sid,
      layout: this.#layout,
      lifetime: this.#lifetime,
      remove: (key) => this.#remove(key),
      check: (session) => checkSize(session, options.maxBytes),
    });
  }

  /** The session as plain data, or null. What is passed to `set` afterwards is compared with what was read here. */
  override get(sid: string, callback?: Callback<SessionData | null>): Promise<SessionData | null> {
    return settle(this.#get(sid), callback);
  }

  /** Saves what changed since the session was read, or all of a new one. */
  override set(sid: string, data: SessionData, callback?: Callback): Promise<void> {
    return settle(this.#set(sid, data), callback);
  }

  /** Gives the session its full lifetime again, at most once per touch interval. */
  override touch(sid: string, data: SessionData, callback?: Callback): Promise<void> {
    return settle(this.#touch(sid, data), callback);
  }

  override destroy(sid: string, callback?: Callback): Promise<void> {
    this.#lifetime.forget(sid);
    return settle(this.#underWay.add(this.#remove(this.prefix + sid)), callback);
  }

  /** Also moves the base from the data that was loaded to the session made of it; express-session calls it on load and reload. */
  override createSession(req: Request, data: SessionData): Session & SessionData {
    const session = super.createSession(req, data);
    this.#committer.move(data, session);
    return session;
  }

  /** All sessions; those that cannot be read are left out. */
  override all(callback?: Callback<SessionData[]>): Promise<SessionData[]> {
    return settle(this.#all(), callback);
  }

  override ids(callback?: Callback<string[]>): Promise<string[]> {
    return settle(this.#ids(), callback);
  }

  override length(callback?: Callback<number>): Promise<number> {
    const count = this.#ids().then((ids) => ids.length);
    return settle(count, callback);
  }

  override clear(callback?: Callback): Promise<void> {
    return settle(this.#clear(), callback);
  }

  /** One command, or none with a near cache, and nothing parsed: the first half of `get`, for the life cycle of `redisSession()`. */
  find(sid: string): FoundSession | undefined | Promise<FoundSession | undefined> {
    const stored = this.#layout.read(this.prefix + sid);
    return stored instanceof Promise ? stored.then((read) => this.#found(sid, read)) : this.#found(sid, stored);
  }

  #found(sid: string, stored: Stored | undefined): FoundSession | undefined | Promise<FoundSession | undefined> {
    if (!stored) return undefined;
    if (this.#codec.canOpen(stored) && (stored.form === "hash" || stored.text.startsWith("{"))) return { sid, stored };
    return this.#codec.parse(sid, stored).then((data) => data && { sid, stored, data });
  }

  /** The second half: `req.session` of what was found, and its body; `undefined` if it turns out to be unreadable. */
  open(req: Request, found: FoundSession): { session: Session & SessionData; body: Body } | undefined {
    const opened = found.data ? { data: found.data, pristine: undefined } : this.#codec.open(found.sid, found.stored);
    if (!opened) return undefined;
    const { data, pristine } = opened;
    const { cookie } = data; // stays as it was stored: the session gets a `Cookie` of its own
    const session = super.createSession(req, data);
    return {
      session,
      body: this.#committer.adopt(session, {
        stored: found.stored,
        data,
        pristine,
        settings: cookie as CookieSettings,
      }),
    };
  }

  /** The body of a new session. */
  get emptyBody(): Body {
    return this.#layout.emptyBody;
  }

  /** The session without its cookie, in the form in which the layout compares it. */
  bodyOf(data: object): Body {
    return this.#committer.bodyOf(data);
  }

  sameBody(a: Body, b: Body): boolean {
    return this.#layout.sameBody(a, b);
  }

  // ---- for a move: what another store has comes here, or goes away for good -----------------------------------

  /** `data` was loaded from a store that holds the same session: its next save here is a change against that. */
  expect(data: SessionData): void {
    const stored: Stored = { form: "json", text: this.serializer.stringify(data) };
    const copy = JSON.parse(JSON.stringify(data)) as SessionData;
    this.#committer.adopt(data, { stored, data: copy, pristine: undefined, settings: settingsOf(data.cookie) });
  }

  /**
   * Writes a session whole; with `onlyIfAbsent`, only where nothing is. What was destroyed under a tombstone stays so.
   *
   * @param seconds how long it lives; default: as for a save
   * @param text the session as JSON, where it is at hand
   */
  async put(
    sid: string,
    data: SessionData,
    { onlyIfAbsent, seconds = this.#lifetime.seconds(data), text }: PutOptions,
  ): Promise<"put" | "there" | "dead"> {
    if (seconds <= 0) return "dead";
    const key = this.prefix + sid;
    this.#nearCache?.drop(key);
    const whole = text !== undefined && this.#codec.isJson ? text : this.serializer.stringify(data);
    const expiry = this.#lifetime.expiry(seconds);
    if (onlyIfAbsent) {
      if (await this.#underWay.add(this.#commands.writeIfAbsent(key, whole, expiry))) return "put";
      return (await this.standingOf(sid)) === "dead" ? "dead" : "there";
    }
    const args = [whole, String(expiry)];
    return (await this.#underWay.add(this.#commands.run(overwriteScript, key, args))) as "put" | "dead";
  }

  /** Destroys a session and leaves a tombstone (an empty value, which connect-redis reads as "no session"). In seconds. */
  async bury(sid: string, seconds: number): Promise<void> {
    this.#lifetime.forget(sid);
    this.#nearCache?.drop(this.prefix + sid);
    await this.#underWay.add(this.#commands.writeText(this.prefix + sid, "", Math.max(1, Math.ceil(seconds))));
  }

  /** Whether there is something under this id, a tombstone, or nothing. */
  async standingOf(sid: string): Promise<"lives" | "dead" | "none"> {
    return (await this.#commands.run(standingScript, this.prefix + sid, [])) as "lives" | "dead" | "none";
  }

  /** All ids, in groups as the server finds them; tombstones included. */
  async *scanIds(): AsyncGenerator<string[]> {
    for await (const keys of scanKeys(this.#redis, this.prefix, this.scanCount)) {
      yield keys.map((key) => key.slice(this.prefix.length));
    }
  }

  /** How long a session still lives; for one that has no end, as long as a save would give it. In seconds. */
  async secondsLeft(sid: string): Promise<number> {
    const left = await this.#commands.secondsLeft(this.prefix + sid);
    return left > 0 ? left : typeof this.ttl === "number" ? this.ttl : 0;
  }

  /** As `set`, telling what happened. */
  async commit(sid: string, data: SessionData, body?: Body): Promise<CommitOutcome> {
    const outcome = await this.#underWay.add(this.#committer.commit(sid, data, body));
    if (outcome === "gone") {
      this.#lifetime.forget(sid);
      this.emit("lost", { session: sessionLabel(sid), reason: "gone" } satisfies LostChange);
    }
    return outcome;
  }

  /** Whether the cookie got other settings (as by "remember me") since the session was loaded. */
  hasNewCookieSettings(data: SessionData): boolean {
    return this.#committer.hasNewCookieSettings(data);
  }

  /** Whether `touch` would refresh this session's lifetime now. */
  isTouchDue(found: FoundSession): boolean {
    return this.#lifetime.isTouchDue(found.sid, found.stored);
  }

  /** Ends what the store itself has opened (the near cache's connection); the client is not the store's. */
  async close(): Promise<void> {
    await this.idle();
    await this.#tracking?.close();
  }

  /** Resolves once the writes under way have settled. */
  idle(): Promise<void> {
    return this.#underWay.settled();
  }

  async #get(sid: string): Promise<SessionData | null> {
    const stored = await this.#layout.read(this.prefix + sid);
    const opened =
      stored && (this.#codec.canOpen(stored) ? this.#codec.open(sid, stored) : await this.#parsed(sid, stored));
    if (!opened) return null;
    const { data, pristine } = opened;
    this.#committer.adopt(data, { stored, data, pristine, settings: settingsOf(data.cookie) });
    return data;
  }

  async #parsed(sid: string, stored: Stored): Promise<OpenedSession | undefined> {
    const data = await this.#codec.parse(sid, stored);
    return data && { data, pristine: undefined };
  }

  async #set(sid: string, data: SessionData): Promise<void> {
    if ((await this.commit(sid, data)) === "unchanged") await this.#touch(sid, data);
  }

  async #touch(sid: string, data: SessionData): Promise<void> {
    if (!this.#lifetime.isTouchable) return;
    if (this.#committer.hasNewCookieSettings(data)) return void (await this.commit(sid, data));
    if (!this.#lifetime.isTouchDue(sid, this.#committer.storedOf(data))) return;
    this.#nearCache?.drop(this.prefix + sid); // our own EXPIRE ends the tracking of the key
    this.#lifetime.noteRefresh(sid, data.cookie as CookieSettings); // before the answer, so that overlapping requests do not touch as well
    try {
      await this.#underWay.add(this.#commands.refresh(this.prefix + sid, this.#lifetime.seconds(data)));
    } catch (error) {
      this.#lifetime.forget(sid);
      throw error;
    }
  }

  async #all(): Promise<SessionData[]> {
    const sessions: SessionData[] = [];
    for await (const keys of scanKeys(this.#redis, this.prefix, this.scanCount)) {
      const found = await Promise.all(keys.map((key) => this.#readForList(key)));
      for (const data of found) if (data) sessions.push(data);
    }
    return sessions;
  }

  async #readForList(key: string): Promise<SessionData | undefined> {
    const id = key.slice(this.prefix.length);
    const stored = await this.#layout.read(key);
    const data = stored && (await this.#codec.parse(id, stored));
    return data && Object.assign(data, { id });
  }

  async #ids(): Promise<string[]> {
    const ids: string[] = [];
    for await (const group of this.scanIds()) ids.push(...group);
    return ids;
  }

  async #clear(): Promise<void> {
    for await (const keys of scanKeys(this.#redis, this.prefix, this.scanCount)) {
      for (const key of keys) this.#nearCache?.drop(key);
      await this.#commands.remove(keys);
    }
  }

  /** Not announced to us, since it is ours. */
  #remove(key: string): Promise<void> {
    this.#nearCache?.drop(key);
    return this.#commands.remove([key]);
  }

  #cached(layout: Layout, client: RedisClient, options: NearCacheOptions): Layout {
    if (!canTrack(client)) {
      warnOnce(codes.NEAR_CACHE_OFF, "The option `nearCache` needs a plain client with one connection, so it is off.");
      return layout;
    }
    const cache = new NearCache(options);
    this.#nearCache = cache;
    this.#tracking = trackChanges(client, {
      onStart: () => cache.turnOn(),
      onStop: () => cache.turnOff(),
      onChange: (key) => (key === undefined ? cache.clear() : cache.drop(key)),
    });
    return new CachedLayout(layout, cache);
  }
}
