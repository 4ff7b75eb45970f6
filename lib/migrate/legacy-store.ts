/** A legacy store with promises and deadlines: express-session's contract, as loosely as stores follow it. */
import type { SessionData, Store } from "express-session";
import { codes, HoldfastError } from "../errors/index.js";

/** Milliseconds until an answer is given up, as for a command to Redis. */
const usualDeadline = 5000;

export interface LegacyStoreOptions {
  /** A write that was given up has reached the store after all: what it holds of this session is older than it seems. */
  onLate: (sid: string) => void;
  deadline?: number | undefined;
}

/** Whatever fails is a `SESSION_STORE_UNAVAILABLE` (503), as for Redis, with the store's own error as its cause. */
export class LegacyStore {
  readonly store: Store;
  readonly #options: LegacyStoreOptions;
  /** Writes that were given up and have not come back: they may still happen. */
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
    const { touch } = this.store as { touch?: Store["touch"] };
    if (typeof touch === "function") await this.#call<void>((done) => touch.call(this.store, sid, session, done));
  }

  /** @param written the session that this writes */
  #call<T>(start: (done: Done<T>) => unknown, written?: string): Promise<T | undefined> {
    const { deadline = usualDeadline, onLate } = this.#options;
    return new Promise((resolve, reject) => {
      let isGivenUp = false;
      let isOver = false;
      const end = (error: unknown, result?: T) => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        if (isGivenUp && written !== undefined) {
          this.#outstanding--;
          onLate(written);
        }
        if (!error || (error as { code?: unknown }).code === "ENOENT")
          resolve(error ? undefined : result); // ENOENT: how file stores say "none"
        else reject(unavailable(error));
      };
      const timer = setTimeout(() => {
        isGivenUp = true;
        if (written !== undefined) this.#outstanding++;
        reject(unavailable(new Error(`no answer within ${deadline / 1000} s`)));
      }, deadline);
      try {
        // A store may call back, throw, or (as some do besides) return a promise that rejects.
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
    "The legacy session store failed, so the session could be neither read nor saved there. See `cause`, and look at its database.",
    { status: 503, headers: { "Retry-After": "1" }, cause },
  );
}
