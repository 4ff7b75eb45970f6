/** The life of a login: it begins under a new session id, is checked at every request, and ends. */
import type { EventEmitter } from "node:events";
import { DeviceList, type Device, type Entry, type Standing } from "./device-list.js";
import { tell, type AuthEvents } from "./events.js";
import { isExpired, readRecord, seenInterval, type LoginRecord, type LoginTimeouts } from "./login-record.js";
import { RecentLogins } from "./recent-logins.js";
import { destroy, mustHaveSession, renew, save, type AuthRequest, type AuthSession } from "./session-change.js";
import type { User } from "./user.js";
import { addressOf, agentOf } from "./visitor.js";

export interface LoginsParts {
  readonly devices: DeviceList;
  readonly timeouts: LoginTimeouts;
  readonly events: EventEmitter<AuthEvents>;
  /** Where an address is, coarsely. */
  readonly whereIs: (address: string) => string;
  /** The user's id in what passport put into the session. */
  readonly idOf: (serialized: unknown) => string | undefined;
  /** The user of a session that passport logged in without us; `undefined`: nobody any more. */
  readonly userOf: (id: string) => Promise<User | undefined>;
}

export interface BeginOptions {
  /** The longer pair of timeouts, and a cookie that outlives the browser. Default false. */
  remember?: boolean;
  /** What an app's own passport puts into the session for this user (`serializeUser`). Default: the user's id. */
  serialized?: unknown;
}

export class Logins {
  readonly #parts: LoginsParts;
  readonly #recent = new RecentLogins();

  constructor(parts: LoginsParts) {
    this.#parts = parts;
  }

  /** Asks for the standing of a login while its session is still being read. */
  expect(req: AuthRequest, sid: string): void {
    this.#recent.expect(req, sid, (userId, login) => this.#parts.devices.standingOf(userId, login));
  }

  /** What the visitor had goes along, unless it was somebody else's. */
  async begin(req: AuthRequest, user: User, { remember = false, serialized }: BeginOptions = {}): Promise<LoginRecord> {
    mustHaveSession(req);
    const { devices } = this.#parts;
    const before = readRecord(req.session);
    const isSameUser = before?.user.id === user.id;
    const now = Date.now();
    const device = DeviceList.newId();
    const lived = { since: now, seen: now, remember };
    const replaced = isSameUser ? before.device : undefined;
    const epoch = await devices.open(user.id, device, this.#entry(req, lived), { replaced });
    const record: LoginRecord = { ...lived, user, device, epoch: epoch!, confirmed: now };
    await this.#moveIn(req, record, { keepsContents: before === undefined || isSameUser, serialized });
    if (before && !isSameUser) await devices.end(before.user.id, before.device);
    this.#tell("login", req, record);
    return record;
  }

  /** Whoever is logged in in this request's session; a login that does not hold any more is taken out of it. */
  async restore(req: AuthRequest): Promise<User | undefined> {
    const { session } = req;
    if (!session) return undefined;
    const record = readRecord(session);
    const serialized = session.passport?.user;
    if (!record || (serialized !== undefined && this.#parts.idOf(serialized) !== record.user.id)) {
      return this.#takeOver(req, session);
    }
    if (serialized === undefined || serialized === null) return this.#drop(req, session, record);
    const standing = await (this.#recent.expected(req, record) ?? this.#standingOf(record));
    if (standing === "ended") return this.#refuse(req, record);
    const now = Date.now();
    if (isExpired(record, this.#parts.timeouts, now)) return this.#expire(req, record);
    const isDue = now - record.seen >= seenInterval(this.#timeoutsOf(record));
    if (standing === "missing" || isDue) {
      const seen = { ...record, seen: now };
      const noted = this.#parts.devices.see(record.user.id, record, this.#entry(req, seen));
      if (standing === "missing" && !(await noted)) return this.#refuse(req, record);
      noted.catch(() => {}); // the next request tries again
      session.login = seen;
    }
    this.#remember(req, record);
    return record.user;
  }

  /** Ends this session, and with it everything that was in it. */
  async end(req: AuthRequest): Promise<void> {
    const record = readRecord(req.session);
    if (req.session) await destroy(req.session);
    if (!record) return;
    await this.#parts.devices.end(record.user.id, record.device);
    this.#tell("logout", req, record);
  }

  /**
   * Ends all logins of the user; with a request, but for its own, which goes on under a new session id. False: that one
   * was ended itself since its request began.
   */
  async endAll(userId: string, req?: AuthRequest): Promise<boolean> {
    const { devices, events } = this.#parts;
    const record = readRecord(req?.session);
    if (!req || record?.user.id !== userId) await devices.endAll(userId);
    else {
      const device = DeviceList.newId();
      const epoch = await devices.endAll(userId, { asker: record, device, entry: this.#entry(req, record) });
      if (epoch === undefined) {
        await this.#refuse(req, record);
        return false;
      }
      const serialized = req.session?.passport?.user;
      await this.#moveIn(req, { ...record, device, epoch }, { keepsContents: true, serialized });
    }
    tell(events, "devices-ended", { user: userId, device: readRecord(req?.session)?.device, ...this.#at(req) });
    return true;
  }

  /** Ends one login of the user who is logged in. */
  async endOne(req: AuthRequest, record: LoginRecord, device: string): Promise<"ended" | "unknown" | "refused"> {
    const outcome = await this.#parts.devices.end(record.user.id, device, record);
    if (outcome === "refused") await this.#refuse(req, record);
    if (outcome === "ended") {
      this.#tell("devices-ended", req, record);
    }
    return outcome;
  }

  list(userId: string): Promise<Device[]> {
    return this.#parts.devices.list(userId);
  }

  /** The new session holds the login, and is stored. */
  async #moveIn(
    req: AuthRequest,
    record: LoginRecord,
    { keepsContents, serialized = record.user.id }: { keepsContents: boolean; serialized?: unknown },
  ): Promise<void> {
    const session = await renew(req, { keepsContents });
    session.passport = { user: serialized };
    session.login = record;
    if (record.remember) session.cookie.maxAge = this.#timeoutsOf(record).absolute * 1000;
    await save(session);
    req.user = record.user;
    this.#remember(req, record);
  }

  /** A session that passport logged in without us, before or beside this package: it is listed from now on. */
  async #takeOver(req: AuthRequest, session: AuthSession): Promise<User | undefined> {
    const serialized = session.passport?.user;
    if (serialized === undefined || serialized === null) return undefined;
    const id = this.#parts.idOf(serialized);
    const user = id === undefined ? undefined : await this.#parts.userOf(id);
    const now = Date.now();
    const device = DeviceList.newId();
    const lived = { since: now, seen: now, remember: false };
    // What was revoked may have been this session, which no list names.
    const epoch =
      user && (await this.#parts.devices.open(user.id, device, this.#entry(req, lived), { unlessRevoked: true }));
    if (!user || epoch === undefined) {
      await renew(req, { keepsContents: false });
      return undefined;
    }
    session.login = { ...lived, user, device, epoch, confirmed: 0 } satisfies LoginRecord;
    return user;
  }

  /** The login is over; what the visitor had stays theirs. */
  async #expire(req: AuthRequest, record: LoginRecord): Promise<undefined> {
    await renew(req, { keepsContents: true });
    await this.#parts.devices.end(record.user.id, record.device);
    this.#tell("expired", req, record);
  }

  /** passport logged out without us (`req.logout()`), and what it kept of the session holds our record still. */
  async #drop(req: AuthRequest, session: AuthSession, record: LoginRecord): Promise<undefined> {
    delete session.login;
    await this.#parts.devices.end(record.user.id, record.device);
    this.#tell("logout", req, record);
  }

  /** The login was ended elsewhere: whoever holds this cookie keeps nothing. */
  async #refuse(req: AuthRequest, record: LoginRecord): Promise<undefined> {
    await renew(req, { keepsContents: false });
    this.#tell("revoked", req, record);
    req.user = undefined;
  }

  #standingOf(record: LoginRecord): Promise<Standing> {
    return this.#parts.devices.standingOf(record.user.id, record);
  }

  #remember(req: AuthRequest, record: LoginRecord): void {
    if (req.sessionID !== undefined) this.#recent.note(req.sessionID, record);
  }

  #timeoutsOf({ remember }: Pick<LoginRecord, "remember">) {
    return remember ? this.#parts.timeouts.remembered : this.#parts.timeouts.usual;
  }

  #entry(req: AuthRequest, { since, seen, remember }: Pick<LoginRecord, "since" | "seen" | "remember">): Entry {
    return { since, seen, remember, agent: agentOf(req), where: this.#parts.whereIs(addressOf(req)) };
  }

  /** What happened to this login in this request. */
  #tell(
    name: "login" | "logout" | "expired" | "revoked" | "devices-ended",
    req: AuthRequest,
    record: LoginRecord,
  ): void {
    tell(this.#parts.events, name, { user: record.user.id, device: record.device, ...this.#at(req) });
  }

  #at(req: AuthRequest | undefined) {
    return { address: req && addressOf(req), at: Date.now() };
  }
}
