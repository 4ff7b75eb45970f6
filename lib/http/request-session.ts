/**
 * The session of one request: finds it, hands it to the app, and saves or touches it before the response is sent.
 *
 * It does what express-session's middleware does, with the same `Session`, `Cookie` and `Store` classes, and three
 * differences (docs/life-of-a-request.md): the response waits until the session is saved, a session is parsed only when
 * the app accesses it, and what was saved is not saved again.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { callOutside, codes, warnOnce } from "../errors/index.js";
import type { OpenSession, SessionRequest } from "../express-session/index.js";
import type { SessionHandle } from "../repository/index.js";
import { asSession, takesOnlyAway, type Body } from "../session/index.js";
import { renewCookie, responseCookie } from "./cookie/response-cookie.js";
import type { Secret } from "./cookie/secrets.js";
import { addCookie, readId } from "./cookie/session-cookie.js";
import { cookieUnsent, gone, notLoaded, replaced } from "./failures.js";
import { callNext, passLateError, noteNext, type Next } from "./hand-over.js";
import { isUnseen, makeLazy, setSession } from "./lazy-session.js";
import { expectProperties } from "./many-properties.js";
import { planEnd } from "./plan-end.js";
import { installGate, type GateKeeper } from "./response-gate/gate.js";
import { installPromptGate } from "./response-gate/prompt-gate.js";
import { responseKind, type ResponseKind } from "./response-gate/response-kind.js";
import { SessionMaker } from "./session-maker.js";
import { sessionMethods, setRequestSession, type SessionActions } from "./session-methods.js";
import type { MiddlewareSettings } from "./settings.js";

type AnyRequest = SessionRequest & IncomingMessage & { sessionDegraded?: boolean };

/**
 * - `none`: none yet, or what was found turned out not to be a session.
 * - `there`: found but not accessed yet, opened, or new. If `req.session` is empty from here on, the app removed it.
 * - `degraded`: it could not be loaded; what the app writes to the empty session is not saved.
 * - `dropped`: the app removed it, and it was destroyed (the option `unset`).
 */
type State = "none" | "there" | "degraded" | "dropped";

export class RequestSession implements GateKeeper, SessionActions {
  readonly #settings: MiddlewareSettings;
  readonly #req: AnyRequest;
  readonly #res: ServerResponse;
  readonly #next: Next;
  readonly #secrets: readonly Secret[];
  readonly #maker: SessionMaker;
  /** The id in the visitor's cookie. */
  readonly #sentId: string | undefined;
  readonly #response: ResponseKind;
  isLazy = false;
  #state: State = "none";
  /** What was found under that id. */
  #found: SessionHandle | undefined;
  /** The session that this request started with, or created last. */
  #original: SessionHandle | undefined;
  #saving: Promise<unknown> | undefined;
  /** The `Set-Cookie` line of this response. */
  #cookieLine: string | undefined;
  /** The id that the browser has, or gets with this response. */
  #knownId: string | undefined;
  #isHeadFormed = false;

  /** Throws if `req` or `res` cannot be used; nothing has started then. */
  constructor(
    settings: MiddlewareSettings,
    req: AnyRequest,
    res: ServerResponse,
    next: Next,
    secrets: readonly Secret[],
  ) {
    this.#settings = settings;
    this.#req = req;
    this.#res = res;
    this.#next = next;
    this.#secrets = secrets;
    this.#maker = new SessionMaker(settings, req);
    this.#sentId = readId(req, settings.name, secrets, settings.verified);
    this.#knownId = this.#sentId;
    this.#response = responseKind(res, req);
    expectProperties(req);
    setRequestSession(req, this);
    req.sessionStore = settings.store;
    if (this.#response === "full") installGate(res, this);
    else if (this.#response === "prompt") installPromptGate(res, this);
    noteNext(req, next);
  }

  // ---- the beginning ------------------------------------------------------------------------------------------

  /** Calls `next` immediately if there is nothing to wait for. */
  begin(): void {
    const req = this.#req;
    if (!this.#sentId) return this.#callNext(this.#startWith(undefined));
    req.sessionID = this.#sentId;
    const found = this.#settings.access.repository.find(this.#sentId);
    for (const listener of this.#settings.findListeners) listener(req, this.#sentId);
    if (!(found instanceof Promise)) return this.#callNext(this.#startWith(found));
    const goOn = (error: unknown) => callOutside(() => this.#callNext(error));
    void found.then(
      (handle) => goOn(this.#startWith(handle)),
      (error: unknown) => goOn(this.#startWithout(error)),
    );
  }

  #callNext(error: unknown): void {
    callNext(this.#req, this.#res, this.#next, error);
  }

  /** Returns the error for `next`, if any. */
  #startWith(found: SessionHandle | undefined): unknown {
    try {
      if (!found) this.generate();
      else {
        this.#found = found;
        this.#state = "there";
        makeLazy(this.#req, this);
      }
      return this.#maker.takeFailure();
    } catch (error) {
      return error;
    }
  }

  /** The session cannot be loaded. Its id stays, so that a logout destroys the real one. */
  #startWithout(error: unknown): unknown {
    if (!this.#settings.servesAnonymously) return error;
    this.#req.sessionDegraded = true;
    this.#setSession(this.#maker.make());
    this.#state = "degraded";
    return this.#maker.takeFailure();
  }

  /** The app accesses `req.session` for the first time. */
  open(): void {
    const found = this.#found!;
    this.#state = "none";
    const session = this.#settings.access.open(this.#req, found);
    if (!session) {
      this.#found = undefined;
      return this.generate();
    }
    this.#original = found;
    this.#setSession(session);
  }

  /** Starts a new session; also after `regenerate()`. */
  generate(): void {
    const req = this.#req;
    if (this.#state === "degraded") req.sessionDegraded = false;
    req.sessionID = this.#maker.newId();
    const session = this.#maker.make();
    this.#original = this.#settings.access.handleOf(session);
    this.#setSession(session);
  }

  /** Makes it `req.session`, whose `save` and `reload` call this object. */
  #setSession(session: OpenSession): void {
    Object.defineProperties(session, sessionMethods);
    setSession(this.#req, session);
    this.#state = "there";
  }

  // ---- in the middle ------------------------------------------------------------------------------------------

  async reload(sid: string): Promise<void> {
    const { access } = this.#settings;
    await this.#saving?.catch(() => {});
    const found = await access.repository.find(sid);
    const session = found && access.open(this.#req, found);
    if (!session) throw notLoaded();
    this.#setSession(session);
  }

  /** For `req.session.save()`. Fails if the session is gone, unless the request only removed something from it. */
  async saveNow(session: OpenSession): Promise<void> {
    if (this.#state === "degraded") return;
    const { access } = this.#settings;
    const handle = access.handleOf(session);
    const body = access.repository.bodyOf(handle, session);
    const before = handle.storedBody ?? handle.initialBody;
    renewCookie(session); // a save gives the full lifetime; over a socket nothing would do so later
    await this.#save(handle, session, body);
    if (handle.outcome === "gone" && !takesOnlyAway(before, body)) throw gone();
    if (session.id !== this.#knownId && !this.canSendCookie) warnOfUnknownId();
  }

  get canSendCookie(): boolean {
    return this.#response !== "none" && !this.#isHeadFormed;
  }

  /** Once the head of an ordinary response is out, a session that is regenerated only ends, as in express-session. */
  refusalToRegenerate(): Error | undefined {
    return this.#response === "full" || this.canSendCookie ? undefined : cookieUnsent();
  }

  #save(handle: SessionHandle, session: OpenSession, body: Body): Promise<void> {
    const { repository } = this.#settings.access;
    const save = repository.commit(handle, asSession(session), body).then((outcome) => {
      if (outcome === "unchanged") this.#refresh(session, handle);
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
    this.#isHeadFormed = true;
    if (this.#state === "degraded" || (isUnseen(this.#req, this) && !this.#isNeededUnseen())) return undefined;
    if (this.#saving) return this.#saving.then(noop, noop).then(() => this.#finish(true));
    return this.#finish(true);
  }

  beforeEnd(): Promise<void> | undefined {
    if (this.#state === "degraded" || isUnseen(this.#req, this)) return undefined;
    if (this.#saving) return this.#saving.then(noop, noop).then(() => this.#finish(false));
    return this.#finish(false);
  }

  onHead(): ((res: ServerResponse) => void) | undefined {
    const line = this.#cookieLine;
    if (line === undefined || this.#original?.outcome === "gone" || !this.#req.session) return undefined;
    return (res) => addCookie(res, line);
  }

  onFailure(error: unknown): void {
    this.onUnsaved();
    passLateError(this.#req, this.#res, this.#next, error);
  }

  onUnsaved(): void {
    this.#cookieLine = undefined;
  }

  /** A session that was not accessed is only needed if a touch is due, or for options that affect every request. */
  #isNeededUnseen(): boolean {
    const { access, resave, rolling } = this.#settings;
    return resave || rolling || (this.#found !== undefined && access.repository.isTouchDue(this.#found));
  }

  #finish(isHead: boolean): Promise<void> | undefined {
    const { sessionID } = this.#req;
    const session: OpenSession | null | undefined = this.#req.session;
    const failure = this.#maker.takeFailure();
    if (failure !== undefined) throw failure;
    if (!session) return this.#destroyUnset(sessionID);
    if (typeof session.touch !== "function" || !session.cookie) throw replaced();
    if (typeof sessionID !== "string") return undefined;
    const { access } = this.#settings;
    const handle = access.handleOf(session);
    const body = access.repository.bodyOf(handle, session);
    const plan = planEnd(this.#endState(session, handle, body), this.#settings);
    const sendCookie = isHead && plan.sendCookie;
    if (plan.save || sendCookie) renewCookie(session);
    // Before the save, because it may throw; then nothing is saved.
    if (sendCookie) {
      this.#cookieLine = responseCookie(this.#settings, this.#req, session, this.#secrets);
      this.#knownId = session.id;
    }
    if (plan.save) return this.#save(handle, session, body).catch((error: unknown) => this.#goUnsaved(error));
    if (isHead && plan.touch && this.#found) this.#refresh(session, handle);
    return undefined;
  }

  #endState(session: OpenSession, handle: SessionHandle, body: Body) {
    const { access, resave } = this.#settings;
    const { repository } = access;
    const original = this.#original;
    const { outcome, storedBody } = handle;
    const isChanged = original !== undefined && !repository.sameBody(original.initialBody, body);
    const isSame =
      storedBody === original?.initialBody
        ? !isChanged
        : storedBody !== undefined && repository.sameBody(storedBody, body);
    return {
      isSent: this.#sentId === session.id,
      isOriginal: original?.sid === session.id,
      isChanged,
      isStored: storedBody !== undefined,
      isSaved: isSame && (!resave || outcome !== undefined),
      isGone: outcome === "gone",
      hasNewCookieSettings: repository.hasNewCookieSettings(handle, asSession(session)),
      isPersistent: session.cookie.expires != null,
    };
  }

  /** A new visitor loses nothing if the response has no session; others would lose a change, so they get the error. */
  #goUnsaved(error: unknown): void {
    if (!this.#settings.servesAnonymously || this.#sentId !== undefined) throw error;
    this.#req.sessionDegraded = true;
    this.onUnsaved();
  }

  /** The option `unset`: destroys a session that the app removed, once. */
  #destroyUnset(sessionID: string): Promise<void> | undefined {
    const { access, destroyWhenUnset } = this.#settings;
    if (!destroyWhenUnset || !sessionID || this.#state !== "there") return undefined;
    this.#state = "dropped";
    return access.repository.destroy(sessionID);
  }

  /** Refreshes the lifetime in the background; if that fails, a later request tries again. */
  #refresh(session: OpenSession, handle: SessionHandle): void {
    const { repository } = this.#settings.access;
    if (!repository.isTouchDue(handle)) return;
    renewCookie(session);
    repository.touch(handle, asSession(session)).catch(noop);
  }
}

function noop(): void {}

function warnOfUnknownId(): void {
  warnOnce(
    codes.COOKIE_UNSENT,
    "A new session was saved although its cookie can no longer reach the browser, which will not find it again: the " +
      "response is over, or it is a WebSocket. Let a page begin the session, before a socket uses it.",
  );
}
