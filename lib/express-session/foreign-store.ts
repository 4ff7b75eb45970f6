/** Any express-session store as a repository. It may call back synchronously, and may have no `touch`. */
import type { SessionData, Store } from "express-session";
import { codes, isMissingFile, warnOnce } from "../errors/index.js";
import {
  ObservedRepository,
  PendingWrites,
  tellUnreadable,
  warnOfUnreadable,
  type CommitOutcome,
  type SessionHandle,
  type SessionRepository,
} from "../repository/index.js";
import { emptyTail, tailOf, type Body } from "../session/index.js";
import { handleField } from "./handle-field.js";
import type { OpenSession, SessionRequest } from "./session-types.js";

class ForeignHandle implements SessionHandle {
  readonly sid: string;
  readonly data: SessionData | undefined;
  initialBody: Body = emptyTail;
  storedBody: Body | undefined;
  outcome: CommitOutcome | undefined;

  constructor(sid: string, data?: SessionData) {
    this.sid = sid;
    this.data = data;
  }
}

class ForeignRepository implements SessionRepository<ForeignHandle> {
  readonly #store: Store;
  readonly #pendingWrites = new PendingWrites();

  constructor(store: Store) {
    this.#store = store;
  }

  async find(sid: string): Promise<ForeignHandle | undefined> {
    const data = await call<SessionData | null>((done) => this.#store.get(sid, done)).catch((error: unknown) => {
      if (isMissingFile(error)) return undefined;
      throw error;
    });
    return data ? new ForeignHandle(sid, data) : undefined;
  }

  /** What cannot become a session counts as none, because this must not throw while the app accesses `req.session`. */
  open<S extends object>(handle: ForeignHandle, make: (data: SessionData) => S): S | undefined {
    try {
      const session = make(handle.data!);
      handle.initialBody = handle.storedBody = tailOf(session);
      return session;
    } catch {
      warnOfUnreadable(handle.sid);
      tellUnreadable(this.#store, handle.sid);
      return undefined;
    }
  }

  create(sid: string): ForeignHandle {
    return new ForeignHandle(sid);
  }

  bodyOf(_handle: ForeignHandle, session: object): Body {
    return tailOf(session);
  }

  sameBody(a: Body, b: Body): boolean {
    return a === b;
  }

  /** As in express-session, a change of the cookie alone does not count. */
  hasNewCookieSettings(): boolean {
    return false;
  }

  async commit(handle: ForeignHandle, session: SessionData, body = tailOf(session)): Promise<CommitOutcome> {
    await this.#pendingWrites.add(call<void>((done) => this.#store.set(handle.sid, session, done)));
    handle.storedBody = body;
    return (handle.outcome = "saved");
  }

  isTouchDue(): boolean {
    return typeof this.#store.touch === "function";
  }

  async touch({ sid }: ForeignHandle, session: SessionData): Promise<void> {
    try {
      await call<void>((done) => this.#store.touch?.(sid, session, done));
    } catch (error) {
      const what = error instanceof Error ? error.name : typeof error;
      warnOnce(
        codes.TOUCH_FAILED,
        `The store could not refresh the lifetime of a session (${what}), so sessions in use may end too soon. ` +
          "Call its `touch` yourself to see the whole error.",
      );
      throw error;
    }
  }

  destroy(sid: string): Promise<void> {
    return this.#pendingWrites.add(call<void>((done) => this.#store.destroy(sid, done)));
  }

  /** Uses `all`, which is optional in the contract, as are the ids in its sessions. */
  async *list(): AsyncGenerator<string[]> {
    const { all } = this.#store;
    if (typeof all !== "function") return;
    const found = await call<SessionData[] | Record<string, SessionData> | null>((done) => all.call(this.#store, done));
    if (Array.isArray(found))
      yield found.map((one) => ("id" in one ? one.id : undefined)).filter((id) => typeof id === "string");
    else yield Object.keys(found ?? {});
  }

  whenIdle(): Promise<void> {
    return this.#pendingWrites.settled();
  }
}

/** Access to the sessions of a store that is not ours. */
export class ForeignAccess {
  readonly repository: SessionRepository<ForeignHandle>;
  readonly #store: Store;
  readonly #handles = handleField<ForeignHandle>();

  /** @param tellsItself the store's own methods send signals */
  constructor(store: Store, tellsItself = false) {
    this.#store = store;
    const repository = new ForeignRepository(store);
    this.repository = tellsItself ? repository : new ObservedRepository(repository, store);
  }

  open(req: SessionRequest, handle: ForeignHandle): OpenSession | undefined {
    return this.repository.open(handle, (data) => {
      const session: OpenSession = this.#store.createSession(req, data);
      if (session.id !== handle.sid || !session.cookie) throw new TypeError("this is not a session");
      this.#handles.set(session, handle);
      return session;
    });
  }

  handleOf(session: OpenSession): ForeignHandle {
    const known = this.#handles.get(session);
    if (known?.sid === session.id) return known;
    const handle = this.repository.create(session.id);
    this.#handles.set(session, handle);
    return handle;
  }
}

type Done<T> = (error?: unknown, result?: T) => void;

/** A store with asynchronous methods may reject before it gets to call back. */
function call<T>(start: (done: Done<T>) => unknown): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const started = start((error, result) => (error ? reject(error) : resolve(result)));
    if (started instanceof Promise) started.catch(reject);
  });
}
