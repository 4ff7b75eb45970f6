/** The repository of sessions in Redis. */
import type { SessionData } from "express-session";
import { codes, HoldfastError, isHashedName, sessionDigest, sessionLabel } from "../errors/index.js";
import { guardClient, scanKeys, type GuardedClient } from "../redis/index.js";
import {
  compileRules,
  cookieFault,
  hasReservedKey,
  Lifetime,
  renewPastExpiry,
  sameSettings,
  settingsOf,
  type Body,
  type CookieSettings,
  type Stored,
} from "../session/index.js";
import { Committer } from "./saving/committer.js";
import { SessionKeys } from "./keys/session-keys.js";
import { HashedLayout } from "./layouts/hashed-layout.js";
import { HashLayout } from "./layouts/hash-layout.js";
import { JsonLayout } from "./layouts/json-layout.js";
import type { Layout } from "./layouts/layout.js";
import { RedisHandle } from "./redis-handle.js";
import { textBy } from "./serializer.js";
import { SessionCodec, type OpenedSession } from "./session-codec.js";
import { SessionCommands } from "./session-commands.js";
import { SessionMerger } from "./saving/session-merger.js";
import type { CommitOutcome, SessionRepository } from "./session-repository.js";
import { SessionTransfer } from "./session-transfer.js";
import { trackedCache, type TrackedCache } from "./cache/tracked-cache.js";
import { Packing } from "./packing.js";
import { PendingWrites } from "./pending-writes.js";
import type { RedisRepositoryOptions } from "./redis-repository-options.js";

export class RedisSessionRepository implements SessionRepository<RedisHandle> {
  readonly #options: RedisRepositoryOptions;
  readonly #redis: GuardedClient;
  readonly #commands: SessionCommands;
  /** Takes Redis' own keys. */
  readonly #stored: Layout;
  /** Takes keys with ids. */
  readonly #layout: Layout;
  readonly #cache: TrackedCache | undefined;
  readonly #codec: SessionCodec;
  readonly #lifetime: Lifetime;
  readonly #committer: Committer;
  readonly #pendingWrites = new PendingWrites();
  /** Under which keys sessions are stored. */
  readonly keys: SessionKeys;
  /** The form in which sessions are stored. */
  readonly packing: Packing;
  /** For a move: imports sessions from another store, or destroys them for good. */
  readonly transfer: SessionTransfer;

  constructor(options: RedisRepositoryOptions) {
    const { client, commandTimeout, durability, merge, nearCache, prefix, serializer } = options;
    this.#options = options;
    this.#redis = guardClient(client, { commandTimeout });
    this.#codec = new SessionCodec(serializer, options.onUnreadable);
    const { compress: threshold, encryption } = options;
    this.keys = new SessionKeys(prefix, options.hashIds, this.#redis.keyPrefix);
    this.packing = new Packing({ threshold, isJson: this.#codec.isJson, encryption, prefix });
    this.#commands = new SessionCommands(this.#redis, this.packing, durability);
    this.#lifetime = new Lifetime(options);
    this.#cache = nearCache && trackedCache(client, prefix, nearCache);
    const parts = {
      commands: this.#commands,
      codec: this.#codec,
      packing: this.packing,
      lifetime: this.#lifetime,
      merger: new SessionMerger(this.#codec, compileRules(merge)),
      tracking: this.#cache?.needsReading ? ("1" as const) : ("0" as const),
    };
    const layout = options.layout === "hash" ? new HashLayout(parts) : new JsonLayout(parts);
    this.#stored = this.#cache?.over(layout) ?? layout;
    this.#layout = this.keys.arePlain ? this.#stored : this.#hashed(this.#stored);
    this.#committer = new Committer({
      keyOf: (sid) => this.#keyOf(sid),
      layout: this.#layout,
      lifetime: this.#lifetime,
      maxBytes: options.maxBytes,
      giveUpAfterMs: this.#redis.commandTimeout + 500,
    });
    this.transfer = new SessionTransfer({
      keyOf: (sid) => this.keys.own(sid),
      serializer,
      ttl: options.ttl,
      commands: this.#commands,
      packing: this.packing,
      lifetime: this.#lifetime,
      committer: this.#committer,
      cache: this.#cache,
      pendingWrites: this.#pendingWrites,
    });
  }

  #hashed(inner: Layout): Layout {
    const changed = (key: string) => this.#cache?.changed(key);
    return new HashedLayout({ inner, keys: this.keys, commands: this.#commands, changed });
  }

  /** Whether reads may be answered from this process's memory. */
  get hasNearCache(): boolean {
    return this.#cache !== undefined;
  }

  // ---- the port ---------------------------------------------------------------------------------------------------

  find(sid: string): RedisHandle | undefined | Promise<RedisHandle | undefined> {
    const stored = this.#layout.read(this.#keyOf(sid));
    return stored instanceof Promise ? stored.then((read) => this.#handleOf(sid, read)) : this.#handleOf(sid, stored);
  }

  #handleOf(sid: string, stored: Stored | undefined): RedisHandle | undefined | Promise<RedisHandle | undefined> {
    if (!stored) return undefined;
    const { emptyBody } = this.#layout;
    if (this.#codec.canOpen(stored) && (stored.form === "hash" || stored.text.startsWith("{")))
      return new RedisHandle(sid, emptyBody, stored);
    return this.#codec.parse(sid, stored).then((data) => data && new RedisHandle(sid, emptyBody, stored, data));
  }

  open<S extends object>(handle: RedisHandle, make: (data: SessionData) => S): S | undefined {
    const opened = this.#opened(handle);
    if (!opened) return undefined;
    const { data } = opened;
    const { cookie } = data; // stays as it was stored: a session gets its own `Cookie`
    if (cookieFault(cookie) !== undefined) return this.reportUnreadable(handle.sid);
    const session = make(data);
    // A stored key that a `Session` never has is missing at the end of every request, without having been removed.
    const isWhole = !hasReservedKey(data);
    if (!handle.base) this.#begin(handle, handle.stored!, opened, cookie, isWhole ? undefined : session);
    return session;
  }

  #opened({ parsed, sid, stored }: RedisHandle): OpenedSession | undefined {
    // The app's own serializer may keep or freeze what it returns, and making a session changes it.
    return parsed ? { data: { ...parsed }, pristine: undefined } : this.#codec.open(sid, stored!);
  }

  /** Makes what was loaded the handle's base. `session`, if it has less than was stored, is what changes count from. */
  #begin(
    handle: RedisHandle,
    stored: Stored,
    { data, pristine }: OpenedSession,
    settings: CookieSettings,
    session?: object,
  ): void {
    const body = session ? this.#layout.bodyOf(session) : this.#layout.loadedBody(stored, data);
    handle.initialBody = body;
    handle.base = { stored, pristine, view: { body, whole: stored, settings }, at: this.#committer.now };
  }

  create(sid: string): RedisHandle {
    return new RedisHandle(sid, this.#layout.emptyBody);
  }

  bodyOf(handle: RedisHandle, session: object): Body {
    return this.#layout.bodyOf(session, handle.base);
  }

  sameBody(a: Body, b: Body): boolean {
    return this.#layout.sameBody(a, b);
  }

  hasNewCookieSettings({ base }: RedisHandle, { cookie }: SessionData): boolean {
    return base !== undefined && !sameSettings(base.view.settings, cookie);
  }

  async commit(
    handle: RedisHandle,
    session: SessionData,
    body = this.bodyOf(handle, checkedObject(session)),
  ): Promise<CommitOutcome> {
    const { sid } = handle;
    const outcome = await this.#pendingWrites.add(this.#committer.commit(handle, session, body));
    if (outcome === "gone") {
      this.#lifetime.forget(sid);
      this.#options.onLost(sid);
    }
    return outcome;
  }

  isTouchDue({ sid, stored }: RedisHandle): boolean {
    return this.#lifetime.isTouchDue(sid, stored);
  }

  async touch(handle: RedisHandle, session: SessionData): Promise<void> {
    if (!this.#lifetime.isTouchable) return;
    if (this.hasNewCookieSettings(handle, session)) return void (await this.commit(handle, session));
    const { sid, stored } = handle;
    const seconds = this.#lifetime.seconds(session);
    if (!this.#lifetime.isTouchDue(sid, stored, seconds)) return;
    const key = this.keys.own(sid);
    this.#cache?.changed(key); // our own EXPIRE ends the tracking of the key
    // Before the answer, so that overlapping requests do not touch it too.
    this.#lifetime.noteRefresh(sid, session.cookie, seconds);
    try {
      await this.#pendingWrites.add(Promise.all([this.#refresh(key, sid, seconds), this.#renew(sid, stored)]));
    } catch (error) {
      this.#lifetime.forget(sid);
      throw error;
    }
  }

  #refresh(key: string, sid: string, seconds: number): Promise<unknown> {
    const refreshed = this.#commands.refresh(key, seconds);
    return this.keys.isMoving
      ? Promise.all([refreshed, this.#commands.refresh(this.keys.other(sid), seconds)])
      : refreshed;
  }

  /** So that all sessions in use soon have the form that the options say. It is tried again at the next touch. */
  async #renew(sid: string, stored: Stored | undefined): Promise<void> {
    if (!stored || !this.packing.isOutdated(stored)) return;
    await this.#layout.renew(this.#keyOf(sid), stored).catch(() => {});
  }

  async destroy(sid: string): Promise<void> {
    this.#lifetime.forget(sid);
    this.#committer.forget(sid);
    const removed = isHashedName(sid)
      ? this.#stored.remove(this.#options.prefix + sid)
      : this.#layout.remove(this.#keyOf(sid));
    await this.#pendingWrites.add(removed);
  }

  /** Includes tombstones, and names of sessions whose ids are hashed. */
  async *list(): AsyncGenerator<string[]> {
    if (!this.keys.isMoving) return yield* this.#scan();
    // One that is brought to its other key meanwhile may be seen under both, or under neither in the first pass.
    const seen = new Set<string>();
    for (let pass = 0; pass < 2; pass++) {
      for await (const names of this.#scan()) {
        const unseen = names.filter((name) => seen.size < seen.add(sessionDigest(name)).size);
        if (unseen.length > 0) yield unseen;
      }
    }
  }

  async *#scan(): AsyncGenerator<string[]> {
    const { prefix, scanCount } = this.#options;
    for await (const keys of scanKeys(this.#redis, prefix, scanCount)) {
      yield keys.map((key) => key.slice(prefix.length));
    }
  }

  whenIdle(): Promise<void> {
    return this.#pendingWrites.settled();
  }

  /** Closes what was opened here (the near cache's connection); the client belongs to the app. */
  async close(): Promise<void> {
    await this.whenIdle();
    await this.#cache?.close();
  }

  // ---- plain data, for express-session's contract -------------------------------------------------------------------

  /** The session as plain data, whatever its cookie, and its handle. */
  async load(sid: string): Promise<{ data: SessionData; handle: RedisHandle } | undefined> {
    const stored = await this.#layout.read(this.#keyOf(sid));
    if (!stored) return undefined;
    const opened = this.#codec.canOpen(stored) ? this.#codec.open(sid, stored) : await this.#parsed(sid, stored);
    if (!opened) return undefined;
    const handle = new RedisHandle(sid, this.#layout.emptyBody, stored);
    this.#begin(handle, stored, opened, settingsOf(opened.data.cookie));
    if (this.#lifetime.isTouchable) renewPastExpiry(opened.data.cookie);
    return { data: opened.data, handle };
  }

  async #parsed(sid: string, stored: Stored): Promise<OpenedSession | undefined> {
    const data = await this.#codec.parse(sid, stored);
    return data && { data, pristine: undefined };
  }

  /** The same for a list; nothing is remembered. Also for the name of a session. */
  async peek(sid: string): Promise<SessionData | undefined> {
    const stored = isHashedName(sid)
      ? await this.#stored.read(this.#options.prefix + sid)
      : await this.#layout.read(this.#keyOf(sid));
    return stored && this.#codec.parse(sid, stored);
  }

  /** `data` was loaded from a store that holds the same session: saving it here is a change relative to that. */
  handleFor(sid: string, data: SessionData): RedisHandle {
    const stored = this.packing.guessed(textBy(this.#options.serializer, data), this.keys.own(sid));
    const handle = new RedisHandle(sid, this.#layout.emptyBody, stored, data);
    this.#begin(handle, stored, { data, pristine: undefined }, settingsOf(data.cookie));
    return handle;
  }

  /** Reports once that what Redis holds is not a session. */
  reportUnreadable(sid: string): undefined {
    return this.#codec.reportUnreadable(sid);
  }

  /** As `#layout` takes it: with the id, which is not always the key in Redis. */
  #keyOf(sid: string): string {
    return this.keys.arePlain ? this.keys.own(sid) : this.#options.prefix + sid;
  }
}

/** The payload of the event `lost`. */
export interface LostChange {
  /** A short hash of the session's id. */
  session: string;
  /** The session was destroyed, or expired, while the request ran. */
  reason: "gone";
}

export function lostChange(sid: string): LostChange {
  return { session: sessionLabel(sid), reason: "gone" };
}

/** @throws HoldfastError `SESSION_NOT_SERIALIZABLE` */
export function checkedObject(data: unknown): object {
  if (typeof data === "object" && data !== null && !Array.isArray(data)) return data;
  throw new HoldfastError(
    codes.SESSION_NOT_SERIALIZABLE,
    "What was given to be saved as a session is no object, so it was not saved.",
  );
}
