/**
 * Who is logged in on a request now, as Redis has it: for sockets, whose request may be hours old, and may never have
 * passed `auth.middleware`. It changes neither the request nor, unless the user is active, the session: what has ended
 * is cleaned up by the next request that can send a cookie.
 */
import type { LoginCheck } from "./login-check.js";
import type { LoginContext } from "./login-context.js";
import { isOver, readLogin, seenNow, type LoginRecord } from "./login-record.js";
import type { AuthRequest, StoredSession } from "../request/auth-request.js";
import { readStored, storeOf, writeStored } from "../request/stored-session.js";

/** The options of `check`. */
export interface CheckOptions {
  /**
   * Whether the user has just done something, such as written a message: then the login is not idle, as after a page
   * view.
   *
   * @default false
   * @example true
   */
  active?: boolean | undefined;
}

export class CurrentLogin {
  readonly #context: LoginContext;
  readonly #check: LoginCheck;
  /** What was found last. Undefined if nobody was logged in. */
  readonly #found = new WeakMap<AuthRequest, LoginRecord | undefined>();

  constructor(context: LoginContext, check: LoginCheck) {
    this.#context = context;
    this.#check = check;
  }

  /** The login of this request as it was when it was last looked at, or when its session was loaded. */
  known(req: AuthRequest): LoginRecord | undefined {
    return this.#found.has(req) ? this.#found.get(req) : readLogin(req.session);
  }

  /** @throws HoldfastError if the session middleware has not run, or Redis does not answer */
  async of(req: AuthRequest, { active = false }: CheckOptions = {}): Promise<LoginRecord | undefined> {
    const login = await this.#read(req, active);
    this.#found.set(req, login);
    return login;
  }

  async #read(req: AuthRequest, active: boolean): Promise<LoginRecord | undefined> {
    const store = storeOf(req);
    const { sessionID: sid } = req;
    if (sid === undefined) return undefined;
    const reading = {}; // not the request, which several checks may share
    this.#context.prefetch(reading, sid);
    const session = await readStored(store, sid);
    const serialized = session?.passport?.user;
    if (!session || serialized === undefined || serialized === null) return undefined;
    const stored = readLogin(session);
    const login = stored ? await this.#valid(req, stored, serialized, reading) : await this.#takeOver(req, session);
    if (!login) return undefined;
    const { recent } = this.#context;
    const lasted = recent.lasted(sid, login, Date.now());
    const seen = active ? seenNow(login, this.#context.timeoutsOf(login), Date.now(), lasted) : login;
    if (seen !== login && !(await this.#noteSeen(req, seen))) return undefined;
    if (seen !== stored) {
      session.login = seen;
      if (!(await writeStored(store, sid, session))) return undefined;
    }
    recent.note(sid, seen, lasted.age, active ? 0 : lasted.idle);
    return seen;
  }

  async #valid(
    req: AuthRequest,
    login: LoginRecord,
    serialized: unknown,
    reading: object,
  ): Promise<LoginRecord | undefined> {
    const { parts, recent } = this.#context;
    if (parts.idOf(serialized) !== login.user.id) return undefined; // passport has logged in another user
    const { status } = await this.#context.stateOf(reading, login);
    if (status === "ended" || status === "expired") return undefined;
    if (isOver(recent.lasted(req.sessionID, login, Date.now()), this.#context.timeoutsOf(login))) return undefined;
    return status === "holds" || (await this.#noteSeen(req, login)) ? login : undefined;
  }

  /** False if the login has ended. A socket's address may be that of a proxy, so the list keeps the one it has. */
  async #noteSeen(req: AuthRequest, login: LoginRecord): Promise<boolean> {
    const { devices } = this.#context.parts;
    const { entry } = await devices.stateOf(login.user.id, login);
    const { since, seen, remember } = login;
    const now = entry ? { ...entry, since, seen } : this.#context.deviceEntry(req, { since, seen, remember });
    return devices.noteSeen(login.user.id, login, now);
  }

  /** A session that passport logged in without this package. What another user has left in it needs a new id first. */
  async #takeOver(req: AuthRequest, session: StoredSession): Promise<LoginRecord | undefined> {
    return session.keptOf === undefined ? this.#check.adopt(req, session.passport) : undefined;
  }
}
