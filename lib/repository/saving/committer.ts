/**
 * Saving: what this request changed since its base is written only if the stored session is still that base. Otherwise
 * it is merged with what is stored and tried again. Optimistic between processes, so that no request can hold up
 * another; within a process, the saves of one session run in sequence (`save-chain.ts`).
 */
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { SessionData } from "express-session";
import { HoldfastError } from "../../errors/index.js";
import {
  checkCookie,
  checkSize,
  sameSettings,
  settingsOf,
  type Base,
  type Body,
  type Change,
  type Snapshot,
  type Stored,
  type Lifetime,
  stringify,
} from "../../session/index.js";
import type { Attempt, Layout } from "../layouts/layout.js";
import { LastWritten } from "./last-written.js";
import { neverSettled, Save, SaveChain } from "./save-chain.js";
import type { CommitOutcome } from "../session-repository.js";
import type { RedisHandle } from "../redis-handle.js";

/** Each failed attempt means that another process saved this session; so many in a row means a runaway client. */
const maxAttempts = 200;

export interface CommitterParts {
  /** The key by which the layout knows a session. */
  readonly keyOf: (sid: string) => string;
  readonly layout: Layout;
  readonly lifetime: Lifetime;
  /** Larger sessions, in bytes, are refused. */
  readonly maxBytes: number | undefined;
  /** Milliseconds after which a save is not retried, and the saves behind a stuck one go on without it. */
  readonly giveUpAfterMs: number;
}

export class Committer {
  readonly #parts: CommitterParts;
  /** By session id; only for sessions that are being saved. */
  readonly #chains = new Map<string, SaveChain>();
  readonly #lastWritten = new LastWritten();

  constructor(parts: CommitterParts) {
    this.#parts = parts;
  }

  /** The time, counted in saves of this process. */
  get now(): number {
    return this.#lastWritten.now;
  }

  /** The session was destroyed or written in another way. */
  forget(sid: string): void {
    this.#lastWritten.forget(sid);
  }

  async commit(handle: RedisHandle, data: SessionData, body: Body): Promise<CommitOutcome> {
    const { sid } = handle;
    const save = new Save(handle, data, this.#snapshot(sid, data, body));
    const chain = this.#chains.get(sid);
    if (chain) return this.#join(chain, save);
    if (this.#isUnchanged(save)) return (handle.outcome = "unchanged");
    const own = new SaveChain();
    own.add(save);
    this.#chains.set(sid, own);
    while (!save.isSettled) await this.#write(sid, own);
    if (own.isEmpty) this.#leave(sid, own);
    else void this.#goOn(sid, own);
    return save.result();
  }

  #snapshot(sid: string, data: SessionData, body: Body): Snapshot {
    const { layout, lifetime } = this.#parts;
    const { cookie: given }: { cookie?: unknown } = data;
    const cookie = stringify(given, 1);
    return {
      sid,
      body,
      cookie,
      whole: layout.wholeOf(data, body, cookie),
      settings: settingsOf(given),
      seconds: lifetime.seconds(data),
      isFirstVisit: lifetime.isShortAtFirst(data),
      isSession: Object.getPrototypeOf(data) !== Object.prototype,
    };
  }

  #isUnchanged({ handle: { base }, snapshot }: Save): boolean {
    const { layout } = this.#parts;
    if (!base || !layout.isExact) return false;
    return layout.sameBody(base.view.body, snapshot.body) && sameSettings(base.view.settings, snapshot.settings);
  }

  /** Looks at what is about to be written; throws to refuse it. */
  #check({ data, handle, snapshot }: Save): void {
    if (isSession(data) && !hasCookieOf(handle.base, snapshot, data)) checkCookie(snapshot.cookie);
    checkSize(snapshot, this.#parts.maxBytes);
  }

  // ---- the chain of a session --------------------------------------------------------------------------------------

  #join(chain: SaveChain, save: Save): Promise<CommitOutcome> {
    chain.add(save);
    chain.watch(this.#parts.giveUpAfterMs, () => this.#goOnWithout(save.snapshot.sid, chain));
    return save.settled();
  }

  async #goOn(sid: string, chain: SaveChain): Promise<void> {
    while (!chain.isEmpty) await this.#write(sid, chain);
    this.#leave(sid, chain);
  }

  /** Commands have a deadline, so this is for what has none, such as the app's own serializer. */
  #goOnWithout(sid: string, stuck: SaveChain): void {
    const chain = new SaveChain();
    for (const save of stuck.takeWaiting()) chain.add(save);
    if (this.#chains.get(sid) === stuck) this.#chains.set(sid, chain);
    void this.#goOn(sid, chain);
  }

  #leave(sid: string, chain: SaveChain): void {
    chain.close();
    if (this.#chains.get(sid) === chain) this.#chains.delete(sid);
  }

  /** One write with as many saves as fit: settles them, or learns what is stored now. */
  async #write(sid: string, chain: SaveChain): Promise<void> {
    const { keyOf, layout } = this.#parts;
    const first = chain.begin();
    const { base: firstBase } = first.handle;
    if (!firstBase || first.snapshot.seconds <= 0) return this.#writeWhole(chain, first);
    const stored = chain.stored ?? this.#lastWritten.since(sid, firstBase.at) ?? firstBase.stored;
    const draft = layout.draft(keyOf(sid), stored);
    const batch: Save[] = [];
    for (const save of chain.together()) {
      try {
        if (this.#isUnchanged(save)) {
          chain.end(save, "unchanged");
          continue;
        }
        const base = save.handle.base;
        if (!base || save.snapshot.seconds <= 0) break; // written on its own
        this.#check(save);
        if (save.attempts++ === 0) save.since = performance.now();
        if (stored !== base.stored) save.merges++;
        const merging = draft.add((save.change ??= changeOf(base, save.snapshot)));
        if (merging) await merging;
        batch.push(save);
      } catch (error) {
        chain.fail(save, error);
      }
    }
    if (batch.length === 0) return;
    try {
      const attempt = await draft.send();
      if (attempt.outcome === "moved") await this.#moved(chain, batch, stored, attempt.stored);
      else for (const save of batch) this.#ended(chain, save, attempt);
    } catch (error) {
      this.#failed(chain, batch, error);
    }
  }

  /** A new session, or one that has expired. */
  async #writeWhole(chain: SaveChain, save: Save): Promise<void> {
    const { keyOf, layout, lifetime } = this.#parts;
    const { snapshot } = save;
    const key = keyOf(snapshot.sid);
    try {
      if (this.#isUnchanged(save)) return chain.end(save, "unchanged");
      this.#check(save);
      save.attempts++;
      let stored = snapshot.whole;
      if (snapshot.seconds <= 0) await layout.remove(key);
      else if (snapshot.isFirstVisit)
        stored = await layout.create(key, { ...snapshot, seconds: lifetime.firstSeconds(snapshot.seconds) });
      else {
        stored = await layout.create(key, snapshot);
        lifetime.noteRefresh(snapshot.sid, snapshot.settings, snapshot.seconds);
      }
      this.#ended(chain, save, { outcome: "replaced", stored });
    } catch (error) {
      this.#failed(chain, [save], error);
    }
  }

  #failed(chain: SaveChain, saves: readonly Save[], error: unknown): void {
    chain.stored = undefined; // it may or may not have been written
    for (const save of saves) chain.fail(save, error);
    // The waiting saves have already waited for one deadline; a second would be too long for a request.
    if (HoldfastError.is(error) && error.reason === "timeout") chain.failWaiting(error);
  }

  #ended(chain: SaveChain, save: Save, attempt: Attempt & { outcome: "replaced" | "gone" }): void {
    const { handle, snapshot } = save;
    handle.merges = save.merges;
    if (attempt.outcome === "gone") {
      this.forget(snapshot.sid);
      return chain.end(save, "gone");
    }
    const { stored } = attempt;
    if (chain.stored !== stored) this.#lastWritten.note(snapshot.sid, stored);
    chain.stored = stored;
    chain.unmoved = 0;
    const isFirstVisit = save.change ? save.change.keepsEnd : snapshot.isFirstVisit;
    handle.base = { stored, view: snapshot, isFirstVisit, at: this.#lastWritten.now };
    chain.end(save, "saved");
  }

  /** Another process saved first: retries these saves with what is stored now, unless they never get through. */
  async #moved(chain: SaveChain, batch: readonly Save[], before: Stored, stored: Stored): Promise<void> {
    chain.stored = stored;
    if (isDeepStrictEqual(stored, before)) chain.unmoved++; // reported as moved, but nothing changed
    const now = performance.now();
    for (const save of batch) {
      const isTooLong = save.attempts >= maxAttempts || now - save.since > this.#parts.giveUpAfterMs;
      if (isTooLong || chain.unmoved === 3) chain.fail(save, neverSettled(save.snapshot.sid));
    }
    if (chain.unmoved === 3) chain.unmoved = 0;
    // One process succeeds in each round, so waiting usually only slows everyone down; a crowd this big is spread out.
    const { attempts } = batch[0]!;
    if (attempts > 50) await delay(Math.random() * attempts);
  }
}

function changeOf(base: Base, snapshot: Snapshot): Change {
  return { base, snapshot, keepsEnd: snapshot.isFirstVisit && base.isFirstVisit === true };
}

/** Whether its cookie is the one that was loaded, which has been checked, with a later expiry. */
function hasCookieOf(
  base: Base | undefined,
  { settings }: Snapshot,
  { cookie }: { cookie?: { expires?: unknown } },
): boolean {
  const expires = cookie?.expires;
  if (!base || !(expires instanceof Date) || Number.isNaN(expires.getTime())) return false;
  return sameSettings(base.view.settings, settings);
}

/** A session of express-session, from any copy of it; anything else is plain data, returned as it was given. */
function isSession(data: object & { resetMaxAge?: unknown }): boolean {
  return typeof data.resetMaxAge === "function";
}
