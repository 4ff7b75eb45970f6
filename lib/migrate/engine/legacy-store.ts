/** A legacy store with promises and deadlines. It tolerates stores that follow express-session's contract loosely. */
import type { SessionData, Store } from "express-session";
import { codes, HoldfastError, isMissingFile } from "../../errors/index.js";

/** Milliseconds until a call times out, as for a command to Redis. */
const defaultTimeout = 5000;

export interface LegacyStoreOptions {
  /** Called when a write that timed out has reached the store after all, perhaps over a newer one. */
  onLate: (sid: string) => void;
  /** Milliseconds. Default 5000. */
  timeout?: number | undefined;
}

/** Every failure is a `SESSION_STORE_UNAVAILABLE` (503), as for Redis, with the store's own error as its cause. */
export class LegacyStore {
  readonly store: Store;
  readonly #options: LegacyStoreOptions;
  /** Writes that timed out and have not returned: they may still happen. */
  #outstanding = 0;

  constructor(store: Store, options: LegacyStoreOptions) {
    this.store = store;
    this.#options = options;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  async get(sid: string): Promise<SessionData | undefined> {
    return (await this.#call<SessionData | null | undefined>((done) => this.store.get(sid, done))) ?? undefined;
  }

  async set(sid: string, session: SessionData): Promise<void> {
    await this.#call<void>((done) => this.store.set(sid, session, done), sid);
  }

  async destroy(sid: string): Promise<void> {
    await this.#call<void>((done) => this.store.destroy(sid, done), sid);
  }

  async touch(sid: string, session: SessionData): Promise<void> {
    const { touch } = this.store;
    if (typeof touch === "function") await this.#call<void>((done) => touch.call(this.store, sid, session, done));
  }

  /** @param written the id of the session, if this call writes */
  #call<T>(start: (done: Done<T>) => unknown, written?: string): Promise<T | undefined> {
    const { timeout = defaultTimeout, onLate } = this.#options;
    return new Promise((resolve, reject) => {
      let isTimedOut = false;
      let isOver = false;
      const end = (error: unknown, result?: T) => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        if (isTimedOut && written !== undefined) {
          this.#outstanding--;
          onLate(written);
        }
        if (!error || isMissingFile(error)) resolve(error ? undefined : result);
        else reject(unavailable(error));
      };
      const timer = setTimeout(() => {
        isTimedOut = true;
        if (written !== undefined) this.#outstanding++;
        reject(unavailable(new Error(`no answer within ${timeout / 1000} s`)));
      }, timeout);
      try {
        // A store may call back, throw, or (as some also do) return a promise that rejects.
        const returned = start(end);
        if (returned instanceof Promise) returned.catch((error: unknown) => end(error ?? new Error("rejected")));
      } catch (error) {
        end(error ?? new Error("thrown"));
      }
    });
  }
}

type Done<T> = (error?: unknown, result?: T) => void;

function unavailable(cause: unknown): HoldfastError {
  return new HoldfastError(
    codes.STORE_UNAVAILABLE,
    "The legacy session store failed, so the session could not be read or saved there. See `cause`, and check its " +
      "database.",
    { status: 503, headers: { "Retry-After": "1" }, cause },
  );
}
