/** Checks the login in a request's session, and cleans up the session if it is not valid. */
import { codes, warnOnce } from "../../errors/index.js";
import { DeviceList } from "./device-list.js";
import type { Contents } from "../request/session-change.js";
import { forgetUser, type LoginContext } from "./login-context.js";
import { isOver, readLogin, seenNow, type LoginRecord } from "./login-record.js";
import type { AuthRequest, AuthSession } from "../request/auth-request.js";
import { renew } from "../request/session-change.js";
import type { User } from "../accounts/user.js";

export class LoginCheck {
  readonly #context: LoginContext;

  constructor(context: LoginContext) {
    this.#context = context;
  }

  /** Returns the user who is logged in; removes a login that is no longer valid from the session. */
  async restore(req: AuthRequest): Promise<User | undefined> {
    const { session } = req;
    if (!session) return undefined;
    const login = readLogin(session);
    const serialized = session.passport?.user;
    const hasUser = serialized !== undefined && serialized !== null;
    if (!login) return hasUser ? this.#takeOver(req, session) : undefined;
    if (!hasUser) return this.#drop(req, login, this.#context.contentsAfter(req));
    if (this.#context.parts.idOf(serialized) !== login.user.id) {
      await this.#drop(req, login, []); // the former user's: another user is logged in
      req.session!.passport = { user: serialized };
      return this.#takeOver(req, req.session!);
    }
    return this.#check(req, session, login);
  }

  async #check(req: AuthRequest, session: AuthSession, login: LoginRecord): Promise<User | undefined> {
    const { recent } = this.#context;
    const { status } = await this.#context.stateOf(req, login);
    if (status === "ended") return this.refuse(req, login);
    const now = Date.now();
    const timeouts = this.#context.timeoutsOf(login);
    const lasted = recent.lasted(req.sessionID, login, now);
    if (status === "expired" || isOver(lasted, timeouts)) return this.#expire(req, login);
    const seen = status === "missing" ? { ...login, seen: now } : seenNow(login, timeouts, now, lasted);
    if (seen !== login) {
      const noted = this.#devices.noteSeen(login.user.id, login, this.#context.deviceEntry(req, seen));
      if (status === "missing" && !(await noted)) return this.refuse(req, login);
      noted.catch(() => {}); // the next request tries again
      session.login = seen;
    }
    if (req.sessionID !== undefined) recent.note(req.sessionID, seen, lasted.age);
    return login.user;
  }

  /** The login was ended elsewhere: nothing of the session is kept for whoever has this cookie. */
  async refuse(req: AuthRequest, login: LoginRecord): Promise<undefined> {
    await renew(req, []);
    this.#context.emit("revoked", req, login);
    forgetUser(req);
  }

  /** Takes over a session that passport logged in without this package: from now on it is in the list. */
  async #takeOver(req: AuthRequest, before: AuthSession): Promise<User | undefined> {
    const { passport } = before;
    const login = await this.adopt(req, passport);
    if (!login) {
      await renew(req, []);
      forgetUser(req);
      return undefined;
    }
    const session = await this.#withoutForeign(req, before, login.user);
    session.passport = passport!;
    session.login = login;
    return login.user;
  }

  /** Makes a login of what passport stored in a session; undefined if it is refused. */
  async adopt(req: AuthRequest, passport: AuthSession["passport"]): Promise<LoginRecord | undefined> {
    const { idOf, userOf, takeOverUntil } = this.#context.parts;
    const id = idOf(passport?.user);
    const isLate = takeOverUntil !== undefined && Date.now() >= takeOverUntil.getTime();
    const user = id === undefined || isLate ? undefined : await userOf(id);
    if (!user) return undefined;
    const now = Date.now();
    const device = req.sessionID === undefined ? DeviceList.newId() : DeviceList.idOfSession(req.sessionID);
    const times = { since: now, seen: now, remember: false };
    // If a login was revoked, it may have been this session, which was in no list.
    const entry = this.#context.deviceEntry(req, times);
    const epoch = await this.#devices.add(user.id, device, entry, { unlessRevoked: true });
    if (epoch !== undefined) return { ...times, user, device, epoch, confirmed: 0 };
    warnOfRefusal();
    return undefined;
  }

  /** Removes what was kept of another user's login, under a new id, so that no overlapping request brings it back. */
  async #withoutForeign(req: AuthRequest, session: AuthSession, user: User): Promise<AuthSession> {
    const { keptOf } = session;
    if (keptOf === undefined) return session;
    return renew(req, this.#context.contentsFor(req, user.id));
  }

  /** The login has timed out: the named keys are kept, for this user or an anonymous visitor. */
  async #expire(req: AuthRequest, login: LoginRecord): Promise<undefined> {
    await renew(req, this.#context.contentsAfter(req));
    await this.#devices.end(login.user.id, login, { expired: true });
    this.#context.emit("expired", req, login);
    forgetUser(req);
  }

  /** Removes our login from a session in which passport alone has logged out, or has logged in another user. */
  async #drop(req: AuthRequest, login: LoginRecord, contents: Contents): Promise<undefined> {
    const { status } = await this.#devices.stateOf(login.user.id, login);
    await renew(req, status === "ended" ? [] : contents);
    await this.#devices.end(login.user.id, login, { expired: true });
    this.#context.emit("logout", req, login);
    forgetUser(req);
  }

  get #devices(): DeviceList {
    return this.#context.parts.devices;
  }
}

function warnOfRefusal(): void {
  warnOnce(
    codes.LOGIN_NOT_TAKEN_OVER,
    "A session that passport had logged in without holdfast/auth was logged out: logins of its user have been ended, " +
      "and this could be one of them. Mount `auth.middleware` before the routes where passport logs users in, so " +
      "that `req.logIn` begins a login of holdfast/auth.",
  );
}
