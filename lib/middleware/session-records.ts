/** What the life of a request asks of a store, and the adapter that gives it to any express-session store. */
import type { Session, SessionData, Store } from "express-session";
import { bodyOf, RedisSessionStore, UnderWay, type Body, type CommitOutcome } from "../store/index.js";

export type SessionRequest = Parameters<Store["createSession"]>[0];
export type OpenSession = Session & Partial<SessionData>;

/** A session that the store has, perhaps not parsed yet. Only its store knows what is in it. */
export interface Found {
  readonly sid: string;
}

export interface SessionRecords<F extends Found = Found> {
  /** At once where the store has it in memory. */
  find(sid: string): Promise<F | undefined> | F | undefined;
  /** The body of a new session. */
  readonly emptyBody: Body;
  /** The session without its cookie, in the form in which the store compares it. */
  bodyOf(session: object): Body;
  sameBody(a: Body, b: Body): boolean;
  /** Makes `req.session` of it. `undefined`: it cannot be read. */
  open(req: SessionRequest, found: F): { session: OpenSession; body: Body } | undefined;
  commit(sid: string, session: OpenSession, body: Body): Promise<CommitOutcome>;
  destroy(sid: string): Promise<void>;
  /** Whether the app gave the cookie other settings ("remember me") since the session was loaded. */
  hasNewCookieSettings(session: OpenSession): boolean;
  /** Whether refreshing the session's lifetime would do anything now. */
  isTouchDue(found: F): boolean;
  touch(sid: string, session: OpenSession): Promise<void>;
  /** Resolves once the writes under way have settled. */
  idle(): Promise<void>;
}

/** A `RedisSessionStore` as it is; any other store, and a subclass with methods of its own, through its public contract. */
export function recordsOf(store: Store): SessionRecords {
  const ours = RedisSessionStore.prototype;
  const isOurs = store instanceof RedisSessionStore && store.get === ours.get && store.set === ours.set;
  return (isOurs ? store : new StoreRecords(store)) as SessionRecords;
}

interface FoundData extends Found {
  readonly data: SessionData;
}

/** Any express-session store: it may answer synchronously, and may know no `touch`. */
class StoreRecords implements SessionRecords<FoundData> {
  readonly emptyBody = "{}";
  readonly #store: Store;
  readonly #underWay = new UnderWay();

  constructor(store: Store) {
    this.#store = store;
  }

  bodyOf(session: object): Body {
    return bodyOf(session);
  }

  sameBody(a: Body, b: Body): boolean {
    return a === b;
  }

  async find(sid: string): Promise<FoundData | undefined> {
    const data = await call<SessionData | null | undefined>((done) => this.#store.get(sid, done)).catch(
      (error: unknown) => {
        if ((error as { code?: unknown } | null)?.code === "ENOENT") return undefined;
        throw error;
      },
    );
    return data ? { sid, data } : undefined;
  }

  open(req: SessionRequest, found: FoundData): { session: OpenSession; body: string } {
    const session = this.#store.createSession(req, found.data) as OpenSession;
    return { session, body: bodyOf(session) };
  }

  async commit(sid: string, session: OpenSession): Promise<CommitOutcome> {
    await this.#underWay.add(call<void>((done) => this.#store.set(sid, session as SessionData, done)));
    return "saved";
  }

  destroy(sid: string): Promise<void> {
    return this.#underWay.add(call<void>((done) => this.#store.destroy(sid, done)));
  }

  /** Any other store: as in express-session, a change of the cookie alone is no change. */
  hasNewCookieSettings(): boolean {
    return false;
  }

  isTouchDue(): boolean {
    return typeof this.#store.touch === "function";
  }

  async touch(sid: string, session: OpenSession): Promise<void> {
    await call<void>((done) => this.#store.touch?.(sid, session as SessionData, done) ?? undefined);
  }

  idle(): Promise<void> {
    return this.#underWay.settled();
  }
}

type Done<T> = (error?: unknown, result?: T) => void;

function call<T>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    start((error, result) => (error ? reject(error) : resolve(result as T)));
  });
}
