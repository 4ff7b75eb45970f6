/** A legacy store with promises and deadlines: express-session's contract, as loosely as stores follow it. */
import type { SessionData, Store } from "express-session";
import { codes, HoldfastError } from "../errors/index.js";

/** Milliseconds until an answer is given up, as for a command to Redis. */
const deadline = 5000;

/** Whatever fails is a `SESSION_STORE_UNAVAILABLE` (503), as for Redis, with the store's own error as its cause. */
export class LegacyStore {
  readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  async get(sid: string): Promise<SessionData | undefined> {
    return (await call<SessionData | null | undefined>((done) => this.store.get(sid, done))) ?? undefined;
  }

  async set(sid: string, session: SessionData): Promise<void> {
    await call<void>((done) => this.store.set(sid, session, done));
  }

  async destroy(sid: string): Promise<void> {
    await call<void>((done) => this.store.destroy(sid, done));
  }

  async touch(sid: string, session: SessionData): Promise<void> {
    const { touch } = this.store as { touch?: Store["touch"] };
    if (typeof touch === "function") await call<void>((done) => touch.call(this.store, sid, session, done));
  }
}

type Done<T> = (error?: unknown, result?: T) => void;

function call<T>(start: (done: Done<T>) => unknown): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(new Error(`no answer within ${deadline / 1000} s`)), deadline);
    const fail = (cause: unknown) => {
      clearTimeout(timer);
      if ((cause as { code?: unknown } | null)?.code === "ENOENT")
        resolve(undefined); // how file stores say "none"
      else reject(unavailable(cause));
    };
    const done: Done<T> = (error, result) => {
      if (error) return fail(error);
      clearTimeout(timer);
      resolve(result);
    };
    try {
      // A store may call back, throw, or (as some do besides) return a promise that rejects.
      const returned = start(done);
      if (returned instanceof Promise) returned.catch(fail);
    } catch (error) {
      fail(error);
    }
  });
}

function unavailable(cause: unknown): HoldfastError {
  return new HoldfastError(
    codes.STORE_UNAVAILABLE,
    "The legacy session store failed, so the session could be neither read nor saved there. See `cause`, and look at its database.",
    { status: 503, headers: { "Retry-After": "1" }, cause },
  );
}
