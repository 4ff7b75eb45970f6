/** Small express-session stores of the tests: one that notes and fails on demand, one that answers at once. */
import { MemoryStore, Store, type SessionData } from "express-session";

export type StoreMethod = "get" | "set" | "touch" | "destroy";
type Callback = (error?: unknown, result?: any) => void;

/** A MemoryStore that notes every call, and answers with an error where it is told to. */
export class NotingStore extends MemoryStore {
  readonly calls: StoreMethod[] = [];
  readonly failing = new Map<StoreMethod, Error>();
  /** If set, calls of this kind wait for it. */
  readonly waiting = new Map<StoreMethod, Promise<void>>();

  /** How often `method` was called. */
  count(method: StoreMethod): number {
    return this.calls.filter((call) => call === method).length;
  }

  fail(method: StoreMethod, message = `no ${method} today`): Error {
    const error = new Error(message);
    this.failing.set(method, error);
    return error;
  }

  get data(): Record<string, string> {
    return (this as unknown as { sessions: Record<string, string> }).sessions;
  }

  override get(sid: string, callback: Callback): void {
    this.#answer("get", callback, () => super.get(sid, callback));
  }
  override set(sid: string, session: SessionData, callback?: Callback): void {
    this.#answer("set", callback, () => super.set(sid, session, callback));
  }
  override touch(sid: string, session: SessionData, callback?: Callback): void {
    this.#answer("touch", callback, () => super.touch(sid, session, callback));
  }
  override destroy(sid: string, callback?: Callback): void {
    this.#answer("destroy", callback, () => super.destroy(sid, callback));
  }

  #answer(method: StoreMethod, callback: Callback | undefined, work: () => void): void {
    this.calls.push(method);
    const error = this.failing.get(method);
    const run = () => (error ? setImmediate(() => callback?.(error)) : work());
    const before = this.waiting.get(method);
    if (before) void before.then(run);
    else run();
  }
}

/** Answers before the call returns, has no `touch`, and knows a missing session as `undefined`. */
export class SynchronousStore extends Store {
  readonly data = new Map<string, string>();

  override get(sid: string, callback: Callback): void {
    const text = this.data.get(sid);
    callback(null, text === undefined ? undefined : JSON.parse(text));
  }
  override set(sid: string, session: SessionData, callback?: Callback): void {
    this.data.set(sid, JSON.stringify(session));
    callback?.();
  }
  override destroy(sid: string, callback?: Callback): void {
    this.data.delete(sid);
    callback?.();
  }
}
