/**
 * The life of a request: find the session, hand it to the app, save or touch it before the answer goes out.
 *
 * It does what express-session's middleware does, around the same `Session`, `Cookie` and `Store` classes, with three
 * differences (docs/life-of-a-request.md): the answer waits until the session is saved, a session is parsed only when
 * the app looks at it, and what was saved is not saved again.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Session, Store } from "express-session";
import { codes, HoldfastError } from "../errors/index.js";
import type { Body } from "../store/index.js";
import { warnOfUnsentCookie } from "./connection-warnings.js";
import { isUnseen, makeLazy, setSession } from "./lazy-session.js";
import { installGate, type GateKeeper } from "./response-gate.js";
import {
  addCookie,
  cookieLine,
  cookieOptionsFor,
  createCookie,
  isSecure,
  readId,
  type CookieSettings,
  type VerifiedCookies,
  type Secret,
} from "./session-cookie.js";
import { newSession } from "./new-session.js";
import type { Found, OpenSession, SessionRecords, SessionRequest } from "./session-records.js";

export interface LifeCycleSettings {
  readonly store: Store;
  readonly records: SessionRecords;
  readonly name: string;
  readonly cookie: CookieSettings;
  /** Cookies whose signature was found right. */
  readonly verified: VerifiedCookies;
  readonly generateId: (req: SessionRequest) => string;
  readonly proxy: boolean | undefined;
  readonly resave: boolean;
  readonly rolling: boolean;
  readonly saveUninitialized: boolean;
  readonly destroyWhenUnset: boolean;
  /** Whether a request whose session cannot be read is served with an empty one. */
  readonly servesAnonymously: boolean;
  readonly findListeners: FindListener[];
}

/** Told that the session with this id is being asked for. */
export type FindListener = (req: IncomingMessage, sid: string) => void;

type Next = (error?: unknown) => void;
type AnyRequest = SessionRequest & IncomingMessage & { sessionDegraded?: boolean };

export class LifeCycle implements GateKeeper {
  readonly #settings: LifeCycleSettings;
  readonly #req: AnyRequest;
  readonly #res: ServerResponse;
  readonly #next: Next;
  readonly #secrets: readonly Secret[];
  /** The id that the visitor sent. */
  readonly #sentId: string | undefined;
  /** Found in the store and not looked at yet. */
  #found: Found | undefined;
  /** The session that this request began with: its id, and its body then. */
  #initialId: string | undefined;
  #initialBody: Body;
  /** The body that the store is known to hold, if it holds this session. */
  #savedBody: Body | undefined;
  #saving: Promise<unknown> | undefined;
  /** The session was destroyed elsewhere while this request ran. */
  #isGone = false;
  /** This request got its session; from then on, none in `req.session` means that the app took it away. */
  #hasSession = false;
  #isDestroyed = false;
  /** The session could not be read; what the app puts into the empty one is not saved. */
  #isDegraded = false;
  /** The `Set-Cookie` line of this answer. */
  #cookieLine: string | undefined;

  constructor(
    settings: LifeCycleSettings,
    req: AnyRequest,
    res: ServerResponse,
    next: Next,
    secrets: readonly Secret[],
  ) {
    this.#settings = settings;
    this.#initialBody = settings.records.emptyBody;
    this.#req = req;
    this.#res = res;
    this.#next = next;
    this.#secrets = secrets;
    this.#sentId = readId(req, settings.name, secrets, settings.verified);
    (req as { [lifeCycle]?: LifeCycle })[lifeCycle] = this;
  }

  // ---- the beginning ------------------------------------------------------------------------------------------

  begin(): void {
    const { records, store } = this.#settings;
    const req = this.#req;
    req.sessionStore = store as SessionRequest["sessionStore"];
    installGate(this.#res, this);
    if (!this.#sentId) return this.#next(this.#startWith(undefined));
    req.sessionID = this.#sentId;
    const found = records.find(this.#sentId);
    for (const listener of this.#settings.findListeners) listener(req, this.#sentId);
    if (!(found instanceof Promise)) return this.#next(this.#startWith(found));
    void found
      .then(
        (session) => this.#startWith(session),
        (error: unknown) => this.#startWithout(error),
      )
      // Outside the promise: an app that throws in `next()` must not become an unhandled rejection of ours.
      .then((error: unknown) => process.nextTick(this.#next, error));
  }

  /** Returns what went wrong, for `next`. */
  #startWith(found: Found | undefined): unknown {
    try {
      if (!found) this.generate();
      else {
        this.#found = found;
        this.#hasSession = true;
        makeLazy(this.#req, () => this.#open(found));
      }
      return undefined;
    } catch (error) {
      return error;
    }
  }

  /** The session cannot be read. Its id stays, so that a logout ends the real one. */
  #startWithout(error: unknown): unknown {
    if (!this.#settings.servesAnonymously) return error;
    this.#isDegraded = this.#req.sessionDegraded = true;
    const session = newSession(this.#req);
    session.cookie = this.#newCookie();
    this.#adopt(session);
    return undefined;
  }

  #newCookie(): Session["cookie"] {
    const { cookie, proxy } = this.#settings;
    return createCookie(cookieOptionsFor(this.#req, cookie), isSecure(this.#req, proxy));
  }

  /** The app looks at `req.session` for the first time. */
  #open(found: Found): void {
    this.#hasSession = false;
    const opened = this.#settings.records.open(this.#req, found);
    if (!opened) {
      this.#found = undefined;
      return this.generate();
    }
    this.#initialId = found.sid;
    this.#initialBody = opened.body;
    if (!this.#settings.resave) this.#savedBody = opened.body;
    this.#adopt(opened.session);
  }

  /** A new session; also after `regenerate()`. */
  generate(): void {
    const req = this.#req;
    if (this.#isDegraded) this.#isDegraded = req.sessionDegraded = false;
    req.sessionID = this.#settings.generateId(req);
    const session = newSession(req);
    session.cookie = this.#newCookie();
    this.#initialId = session.id;
    this.#initialBody = this.#settings.records.emptyBody;
    this.#savedBody = undefined;
    this.#adopt(session);
  }

  /** Makes it `req.session`, and lets its `save` and `reload` go through this life cycle. */
  #adopt(session: OpenSession): void {
    Object.defineProperties(session, sessionMethods);
    setSession(this.#req, session);
    this.#hasSession = true;
  }

  // ---- in the middle ------------------------------------------------------------------------------------------

  async reload(sid: string): Promise<void> {
    const { records } = this.#settings;
    await this.#saving?.catch(() => {});
    const found = await records.find(sid);
    const opened = found && records.open(this.#req, found);
    if (!opened) throw new Error("failed to load session");
    if (!this.#settings.resave) this.#savedBody = opened.body;
    this.#adopt(opened.session);
  }

  save(session: OpenSession, body = this.#settings.records.bodyOf(session)): Promise<void> {
    if (this.#isDegraded) return Promise.resolve();
    const save = this.#settings.records.commit(session.id, session, body).then((outcome) => {
      if (this.#initialId === session.id) {
        this.#savedBody = body;
        this.#isGone = outcome === "gone";
      }
      if (outcome === "unchanged") this.#touch(session);
    });
    this.#saving = save;
    const done = () => {
      if (this.#saving === save) this.#saving = undefined;
    };
    save.then(done, done);
    return save;
  }

  // ---- the end ------------------------------------------------------------------------------------------------

  beforeHead(): Promise<void> | undefined {
    if (this.#isDegraded || (isUnseen(this.#req) && !this.#isNeededUnseen())) return undefined;
    if (this.#saving) return this.#saving.then(noop, noop).then(() => this.#finish(true));
    return this.#finish(true);
  }

  beforeEnd(): Promise<void> | undefined {
    if (this.#isDegraded || isUnseen(this.#req)) return undefined;
    if (this.#saving) return this.#saving.then(noop, noop).then(() => this.#finish(false));
    return this.#finish(false);
  }

  onHead(): ((res: ServerResponse) => void) | undefined {
    const line = this.#cookieLine;
    if (line === undefined || this.#isGone || !this.#req.session) return undefined;
    return (res) => addCookie(res, line);
  }

  onFailure(error: unknown): void {
    this.onUnsaved();
    this.#next(error);
  }

  onUnsaved(): void {
    this.#cookieLine = undefined;
  }

  /** A session that nobody looked at is of use only to be touched, or for options that act on every request. */
  #isNeededUnseen(): boolean {
    const { records, resave, rolling } = this.#settings;
    return resave || rolling || (this.#found !== undefined && records.isTouchDue(this.#found));
  }

  #finish(isHead: boolean): Promise<void> | undefined {
    const { sessionID } = this.#req;
    const session = this.#req.session as OpenSession | null | undefined;
    if (!session) return this.#destroyUnset(sessionID);
    if (typeof session.touch !== "function" || !session.cookie) throw replaced();
    if (typeof sessionID !== "string") return undefined;
    const body = this.#settings.records.bodyOf(session);
    const hasNewCookie = this.#settings.records.hasNewCookieSettings(session);
    const shouldSave = hasNewCookie || this.#shouldSave(session, body);
    const shouldSendCookie = isHead && (hasNewCookie || this.#shouldSendCookie(session, body));
    if (shouldSave || shouldSendCookie) session.touch();
    if (shouldSendCookie) this.#cookieLine = this.#formCookie(session); // first, for it may throw: then nothing is saved
    if (shouldSave) return this.save(session, body).catch((error: unknown) => this.#goUnsaved(error));
    if (isHead) this.#touch(session);
    return undefined;
  }

  /** A new visitor loses nothing by an answer without a session; anybody else would lose a change, and gets the error. */
  #goUnsaved(error: unknown): void {
    if (!this.#settings.servesAnonymously || this.#sentId !== undefined) throw error;
    this.#req.sessionDegraded = true;
    this.onUnsaved();
  }

  /** The option `unset`: a session that the app took away is destroyed, once. */
  #destroyUnset(sessionID: string): Promise<void> | undefined {
    const { destroyWhenUnset, records } = this.#settings;
    if (!destroyWhenUnset || !sessionID || !this.#hasSession || this.#isDestroyed) return undefined;
    this.#isDestroyed = true;
    return records.destroy(sessionID);
  }

  /** Refreshes the lifetime; nobody waits for it, and if it fails a later request tries again. */
  #touch(session: OpenSession): void {
    const { records } = this.#settings;
    if (this.#sentId !== session.id || !this.#found || !records.isTouchDue(this.#found)) return;
    session.touch();
    records.touch(session.id, session).catch(noop);
  }

  #shouldSave(session: OpenSession, body: Body): boolean {
    const isStored = this.#savedBody !== undefined || this.#sentId === session.id;
    if (!isStored && !this.#settings.saveUninitialized) return this.#isModified(session, body);
    return this.#initialId !== session.id || !this.#isSame(this.#savedBody, body);
  }

  #shouldSendCookie(session: OpenSession, body: Body): boolean {
    const { rolling, saveUninitialized } = this.#settings;
    if (this.#sentId !== session.id) {
      const isStored = this.#savedBody !== undefined; // the app called `save()`
      return saveUninitialized || isStored || this.#isModified(session, body);
    }
    return rolling || (session.cookie.expires != null && this.#isModified(session, body));
  }

  #isModified(session: OpenSession, body: Body): boolean {
    return this.#initialId !== session.id || !this.#isSame(this.#initialBody, body);
  }

  #isSame(a: Body | undefined, b: Body): boolean {
    return a !== undefined && this.#settings.records.sameBody(a, b);
  }

  /** `undefined` for a secure cookie on a connection that is not. */
  #formCookie(session: OpenSession): string | undefined {
    const { name, proxy, verified } = this.#settings;
    if (session.cookie.secure && !isSecure(this.#req, proxy)) {
      warnOfUnsentCookie(this.#req, proxy);
      return undefined;
    }
    return cookieLine(name, verified.valueOf(this.#req.sessionID, this.#secrets), session.cookie);
  }
}

/** A session's methods that go through its request's life cycle; shared by all, so that none is made for each request. */
const sessionMethods: PropertyDescriptorMap & ThisType<Session & { req: object }> = {
  save: method(function save(this: Session & { req: object }, callback?: Next) {
    const saved = lifeCycleOf(this.req)?.save(this) ?? Promise.resolve();
    saved.then(() => callback?.(), callback ?? noop);
    return this;
  }),
  reload: method(function reload(this: Session & { req: object }, callback: Next) {
    const loaded = lifeCycleOf(this.req)?.reload(this.id) ?? Promise.resolve();
    loaded.then(() => callback(), callback);
    return this;
  }),
};

function method(value: unknown): PropertyDescriptor {
  return { value, configurable: true, enumerable: false, writable: true };
}

const lifeCycle = Symbol("holdfast.lifeCycle");

/** The life cycle that a request is in; `store.generate(req)`, which `regenerate()` calls, finds it so. */
export function lifeCycleOf(req: object): LifeCycle | undefined {
  return (req as { [lifeCycle]?: LifeCycle })[lifeCycle];
}

function noop(): void {}

function replaced(): HoldfastError {
  return new HoldfastError(
    codes.SESSION_REPLACED,
    "This app set req.session to an object of its own, which cannot be saved. Change the properties of req.session instead, " +
      "or set it to null to drop the session.",
  );
}
