/** The life cycle of a login: it begins under a new session id, is checked on every request, and ends. */
import { isChecked, noteChecked } from "../request/checked-requests.js";
import { DeviceList, type Device } from "./device-list.js";
import { emit } from "../events.js";
import type { Contents } from "../request/session-change.js";
import { CurrentLogin, type CheckOptions } from "./current-login.js";
import { EndedLogins } from "./ended-logins.js";
import { allOf, ownerOf } from "./kept-contents.js";
import { LoginCheck } from "./login-check.js";
import { forgetUser, LoginContext, type LoginsParts } from "./login-context.js";
import { readLogin, type LoginRecord } from "./login-record.js";
import type { EndedListener } from "./watched-logins.js";
import type { AuthRequest } from "../request/auth-request.js";
import { canSendCookie, mustSendCookie } from "../request/can-send-cookie.js";
import { destroy, mustHaveSession, refill, renew, save } from "../request/session-change.js";
import type { User } from "../accounts/user.js";
import { checkSerialized } from "../accounts/user-id.js";

/** How a login begins. */
export interface BeginOptions {
  /**
   * Use the longer timeouts, and a cookie that survives closing the browser.
   *
   * @default false
   * @example true
   */
  remember?: boolean | undefined;
  /**
   * Whether the user has just proved their identity, for example with a password; used by `requireRecentLogin`. A date
   * says when, such as a provider's `auth_time`: single sign-on may let users in without asking them anything.
   *
   * @default false
   * @example new Date(claims.auth_time * 1000)
   */
  confirmed?: boolean | Date | undefined;
  /**
   * What the app's own passport stores in the session for this user (`serializeUser`). It must identify the same user.
   *
   * @default the user's id
   * @example { id: user.id, tenant: user.tenant }
   */
  serialized?: unknown;
}

export class Logins {
  readonly #context: LoginContext;
  readonly #check: LoginCheck;
  readonly #current: CurrentLogin;
  readonly #ended: EndedLogins;

  constructor(parts: LoginsParts) {
    this.#context = new LoginContext(parts);
    this.#check = new LoginCheck(this.#context);
    this.#current = new CurrentLogin(this.#context, this.#check);
    this.#ended = new EndedLogins(this.#context);
  }

  /** Requests the status of a login while its session is still being read. */
  prefetch(req: AuthRequest, sid: string): void {
    this.#context.prefetch(req, sid);
  }

  /** The login of this request as Redis has it now. */
  current(req: AuthRequest, options?: CheckOptions): Promise<LoginRecord | undefined> {
    return this.#current.of(req, options);
  }

  /** Calls `listener` once the login of this request has ended; at once if there is none. Returns what stops that. */
  onEnded(req: AuthRequest, listener: EndedListener): () => void {
    return this.#ended.watch(this.#current.known(req), req.sessionID, listener);
  }

  /**
   * The session's contents are kept, unless they belong to another user.
   *
   * @param dropsContents keep nothing
   */
  async begin(
    req: AuthRequest,
    user: User,
    { remember = false, confirmed = false, serialized }: BeginOptions = {},
    { dropsContents = false }: { dropsContents?: boolean } = {},
  ): Promise<LoginRecord> {
    mustHaveSession(req);
    mustSendCookie(req);
    const { devices, idOf } = this.#context.parts;
    if (serialized !== undefined) checkSerialized(idOf(serialized), user);
    const before = readLogin(req.session);
    const isSameUser = before?.user.id === user.id;
    const now = Date.now();
    const device = DeviceList.newId();
    const times = { since: now, seen: now, remember };
    const replaced = isSameUser ? before : undefined;
    const epoch = await devices.add(user.id, device, this.#context.deviceEntry(req, times), { replaced });
    const login: LoginRecord = { ...times, user, device, epoch: epoch!, confirmed: confirmedAt(confirmed, now) };
    const contents = dropsContents ? [] : this.#context.contentsFor(req, user.id);
    const without = this.#context.contentsAfter(req);
    await this.#store(req, login, { contents, serialized, age: 0 }).catch(async (error: unknown) => {
      // The response may still save this session: nobody may find themselves logged in by a login that failed.
      if (readLogin(req.session) === login) refill(req.session!, without);
      forgetUser(req);
      await devices.end(user.id, login).catch(() => {}); // the caller gets the original error
      throw error;
    });
    if (before && !isSameUser) await devices.end(before.user.id, before);
    this.#context.emit("login", req, login);
    return login;
  }

  /** Sets the user of this request from its session, and returns it; removes a login that is no longer valid. */
  async restore(req: AuthRequest): Promise<User | undefined> {
    const user = canSendCookie(req) ? await this.#check.restore(req) : await this.#restoreWithoutCookie(req);
    noteChecked(req);
    return user;
  }

  /** What has ended is left to the next request that can clean it up, and only taken from this one. */
  async #restoreWithoutCookie(req: AuthRequest): Promise<User | undefined> {
    const login = await this.#current.of(req);
    if (login) return login.user;
    forgetUser(req);
    if (ownerOf(req.session, this.#context.parts.idOf) !== undefined) Reflect.deleteProperty(req, "session");
    return undefined;
  }

  /**
   * Returns the login of this request, and checks it first unless `auth.middleware` has. That may have been hours ago if
   * no cookie can be sent any more.
   */
  async checkedLogin(req: AuthRequest): Promise<LoginRecord | undefined> {
    if (!canSendCookie(req)) return this.#current.of(req);
    if (!isChecked(req)) await this.restore(req);
    const stored = req.session?.passport?.user; // passport removes it if `deserializeUser` finds no user
    return stored === undefined || stored === null ? undefined : readLogin(req.session);
  }

  /** Ends this login, and destroys its session with everything in it. */
  async end(req: AuthRequest): Promise<void> {
    const login = readLogin(req.session);
    if (req.session) await destroy(req);
    await this.#noteEnd(req, login);
  }

  /** Ends this login. The visitor gets a new session, which holds the keys named in `keeps`, or nothing. */
  async leave(req: AuthRequest, { keepsNamed }: { keepsNamed: boolean }): Promise<void> {
    mustHaveSession(req);
    if (!canSendCookie(req)) return this.end(req);
    const login = readLogin(req.session);
    await renew(req, keepsNamed ? this.#context.contentsAfter(req) : []);
    await this.#noteEnd(req, login);
  }

  async #noteEnd(req: AuthRequest, login: LoginRecord | undefined): Promise<void> {
    forgetUser(req);
    if (!login) return;
    await this.#context.parts.devices.end(login.user.id, login);
    this.#context.emit("logout", req, login);
  }

  /**
   * Ends all logins of the user; with a request, all except its own, which continues under a new session id. False if
   * its own login has ended since the request began.
   *
   * @param isGone the user no longer exists
   */
  async endAll(userId: string, req?: AuthRequest, { isGone = false }: { isGone?: boolean } = {}): Promise<boolean> {
    const { addressOf, devices, events } = this.#context.parts;
    const login = readLogin(req?.session);
    if (!req || login?.user.id !== userId) await devices.endAll(userId, { isGone });
    else {
      mustSendCookie(req);
      const entry = this.#context.deviceEntry(req, login);
      const epoch = await devices.endAll(userId, { kept: { asker: login, entry } });
      if (epoch === undefined) {
        await this.#check.refuse(req, login);
        return false;
      }
      const { age } = this.#context.recent.lasted(req.sessionID, login, Date.now());
      const serialized = req.session?.passport?.user;
      await this.#store(req, { ...login, epoch }, { contents: allOf(req.session), serialized, age });
    }
    const device = readLogin(req?.session)?.device;
    emit(events, "devices-ended", { user: userId, device, address: req && addressOf(req), at: Date.now() });
    return true;
  }

  /** Ends one login of the logged-in user. */
  async endOne(req: AuthRequest, login: LoginRecord, device: string): Promise<"ended" | "unknown" | "refused"> {
    const outcome = await this.#context.parts.devices.endOther(login.user.id, device, login);
    if (outcome === "refused" && canSendCookie(req)) await this.#check.refuse(req, login);
    if (outcome === "ended") this.#context.emit("devices-ended", req, login);
    return outcome;
  }

  list(userId: string): Promise<Device[]> {
    return this.#context.parts.devices.list(userId);
  }

  /** Stores the login in a new session. */
  async #store(
    req: AuthRequest,
    login: LoginRecord,
    { contents, serialized = login.user.id, age }: { contents: Contents; serialized?: unknown; age: number },
  ): Promise<void> {
    const session = await renew(req, contents);
    session.passport = { user: serialized };
    session.login = login;
    if (login.remember) session.cookie.maxAge = this.#context.timeoutsOf(login).absolute * 1000;
    await save(session);
    req.user = login.user;
    noteChecked(req);
    if (req.sessionID !== undefined) this.#context.recent.note(req.sessionID, login, age);
  }
}

function confirmedAt(confirmed: boolean | Date, now: number): number {
  if (!(confirmed instanceof Date)) return confirmed ? now : 0;
  const time = confirmed.getTime();
  return Number.isFinite(time) ? Math.min(time, now) : 0;
}
