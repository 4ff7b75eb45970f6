/**
 * A repository that tells what happens to sessions, whichever kind it is. Without subscribers it only passes calls on.
 * That a session is unreadable is told where it is found out, because some repositories then find nothing.
 */
import type { SessionData } from "express-session";
import { codes, HoldfastError } from "../errors/index.js";
import type { Body } from "../session/index.js";
import { FailedSignal, FoundSignal, type Operation, SavedSignal, signals, TimedSignal } from "../signals/index.js";
import type { CommitOutcome, SessionHandle, SessionRepository } from "./session-repository.js";

const told = signals.session;

export class ObservedRepository<H extends SessionHandle> implements SessionRepository<H> {
  readonly #inner: SessionRepository<H>;
  readonly #store: object;

  /** @param store the express-session store that apps know, which each signal names */
  constructor(inner: SessionRepository<H>, store: object) {
    this.#inner = inner;
    this.#store = store;
  }

  find(sid: string): Promise<H | undefined> | H | undefined {
    return isFindHeard() ? this.#find(sid) : this.#inner.find(sid);
  }

  #find(sid: string): Promise<H | undefined> | H | undefined {
    const begun = performance.now();
    const found = this.#inner.find(sid);
    if (!(found instanceof Promise)) {
      this.#looked(sid, begun, found, "memory");
      return found;
    }
    return found.then(
      (handle) => {
        this.#looked(sid, begun, handle, "store");
        return handle;
      },
      (error: unknown) => this.#failed(sid, begun, "find", error),
    );
  }

  /**
   * For loading in another way than with `find`.
   *
   * @param load what loads the session
   */
  loading<T>(sid: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    return isFindHeard() ? this.#loading(sid, load) : load();
  }

  async #loading<T>(sid: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    const begun = performance.now();
    const loaded = await load().catch((error: unknown) => this.#failed(sid, begun, "find", error));
    this.#looked(sid, begun, loaded, "store");
    return loaded;
  }

  open<S extends object>(handle: H, make: (data: SessionData) => S): S | undefined {
    return this.#inner.open(handle, make);
  }

  create(sid: string): H {
    return this.#inner.create(sid);
  }

  bodyOf(handle: H, session: object): Body {
    return this.#inner.bodyOf(handle, session);
  }

  sameBody(a: Body, b: Body): boolean {
    return this.#inner.sameBody(a, b);
  }

  hasNewCookieSettings(handle: H, session: SessionData): boolean {
    return this.#inner.hasNewCookieSettings(handle, session);
  }

  commit(handle: H, session: SessionData, body?: Body): Promise<CommitOutcome> {
    return isSaveHeard() ? this.#commit(handle, session, body) : this.#inner.commit(handle, session, body);
  }

  async #commit(handle: H, session: SessionData, body: Body | undefined): Promise<CommitOutcome> {
    const { sid } = handle;
    const begun = performance.now();
    const outcome = await this.#inner
      .commit(handle, session, body)
      .catch((error: unknown) => this.#failed(sid, begun, "save", error));
    if (outcome !== "saved") {
      const signal = told[outcome];
      if (signal.isHeard) signal.send(new TimedSignal(this.#store, sid, begun));
      return outcome;
    }
    const rounds = handle.merges ?? 0;
    const { merged, saved } = told;
    if (rounds > 0 && merged.isHeard) merged.send(new SavedSignal(this.#store, sid, begun, rounds));
    if (saved.isHeard) saved.send(new SavedSignal(this.#store, sid, begun, rounds));
    return outcome;
  }

  isTouchDue(handle: H): boolean {
    return this.#inner.isTouchDue(handle);
  }

  touch(handle: H, session: SessionData): Promise<void> {
    const isHeard = told.touched.isHeard || told.failed.isHeard;
    if (!isHeard || !this.#inner.isTouchDue(handle)) return this.#inner.touch(handle, session);
    return this.#timed(handle.sid, "touch", told.touched, this.#inner.touch(handle, session));
  }

  destroy(sid: string): Promise<void> {
    const isHeard = told.destroyed.isHeard || told.failed.isHeard;
    const destroyed = this.#inner.destroy(sid);
    return isHeard ? this.#timed(sid, "destroy", told.destroyed, destroyed) : destroyed;
  }

  list(): AsyncIterable<string[]> {
    return this.#inner.list();
  }

  whenIdle(): Promise<void> {
    return this.#inner.whenIdle();
  }

  async #timed(sid: string, operation: Operation, signal: typeof told.touched, work: Promise<void>): Promise<void> {
    const begun = performance.now();
    await work.catch((error: unknown) => this.#failed(sid, begun, operation, error));
    if (signal.isHeard) signal.send(new TimedSignal(this.#store, sid, begun));
  }

  #looked(sid: string, begun: number, found: unknown, from: "store" | "memory"): void {
    if (found && told.found.isHeard) told.found.send(new FoundSignal(this.#store, sid, begun, from));
    if (!found && told.missing.isHeard) told.missing.send(new TimedSignal(this.#store, sid, begun));
  }

  #failed(sid: string, begun: number, operation: Operation, error: unknown): never {
    const isTooLarge = HoldfastError.is(error) && error.code === codes.SESSION_TOO_LARGE;
    const signal = isTooLarge ? told.tooLarge : told.failed;
    if (signal.isHeard) signal.send(new FailedSignal(this.#store, sid, begun, operation, error));
    throw error;
  }
}

function isFindHeard(): boolean {
  return told.found.isHeard || told.missing.isHeard || told.failed.isHeard;
}

function isSaveHeard(): boolean {
  const { failed, gone, merged, saved, tooLarge, unchanged } = told;
  return saved.isHeard || merged.isHeard || gone.isHeard || unchanged.isHeard || failed.isHeard || tooLarge.isHeard;
}
