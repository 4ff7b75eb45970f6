/** What beginning, checking and ending a login share. */
import type { EventEmitter } from "node:events";
import type { DeviceEntry, LoginState } from "./device-entry.js";
import type { DeviceList } from "./device-list.js";
import { emit, type AuthEvents } from "../events.js";
import type { Contents } from "../request/session-change.js";
import { anonymousOf, contentsFor, namedOf, ownerOf } from "./kept-contents.js";
import { timeoutsOf, type LoginTimes, type LoginRecord, type LoginTimeouts, type Timeouts } from "./login-record.js";
import { RecentLogins } from "./recent-logins.js";
import { userProperty, type AuthRequest } from "../request/auth-request.js";
import type { User } from "../accounts/user.js";
import { agentOf, type AddressOf } from "../request/visitor.js";

export interface LoginsParts {
  readonly devices: DeviceList;
  readonly timeouts: LoginTimeouts;
  readonly events: EventEmitter<AuthEvents>;
  readonly addressOf: AddressOf;
  /** Keys of the session that are kept when a login ends. */
  readonly keeps: readonly string[];
  /** Until when sessions that passport logged in without this package are taken over; undefined: forever. */
  readonly takeOverUntil: Date | undefined;
  /** The approximate location of an address. */
  readonly whereIs: (address: string) => string;
  /** The user's id in what passport stored in the session. */
  readonly idOf: (serialized: unknown) => string | undefined;
  /** The user of a session that passport logged in without this package; undefined if the user no longer exists. */
  readonly userOf: (id: string) => Promise<User | undefined>;
}

export class LoginContext {
  readonly parts: LoginsParts;
  readonly recent = new RecentLogins();

  constructor(parts: LoginsParts) {
    this.parts = parts;
  }

  timeoutsOf(login: Pick<LoginRecord, "remember">): Timeouts {
    return timeoutsOf(login, this.parts.timeouts);
  }

  /** This login as the list of devices stores it. */
  deviceEntry(req: AuthRequest, { since, seen, remember }: LoginTimes): DeviceEntry {
    return { since, seen, remember, agent: agentOf(req), where: this.parts.whereIs(this.parts.addressOf(req) ?? "") };
  }

  /** The contents of the session that are kept when this user logs in. */
  contentsFor({ session }: AuthRequest, user: string): Contents {
    return contentsFor(session, user, ownerOf(session, this.parts.idOf));
  }

  /** The contents of the session that are kept when its login ends, or when an anonymous visitor is logged out. */
  contentsAfter({ session }: AuthRequest): Contents {
    const owner = ownerOf(session, this.parts.idOf);
    return owner === undefined ? anonymousOf(session) : namedOf(session, this.parts.keeps, owner);
  }

  /**
   * Requests the state of a login while its session is still being read.
   *
   * @param reading stands for that: the request, or any object
   */
  prefetch(reading: object, sid: string): void {
    this.recent.prefetch(reading, sid, (userId, login) => this.parts.devices.stateOf(userId, login));
  }

  /** The state of the login in the session that was read. */
  stateOf(reading: object, login: LoginRecord): Promise<LoginState> {
    return this.recent.takePrefetched(reading, login) ?? this.parts.devices.stateOf(login.user.id, login);
  }

  /** Emits an event about this login. */
  emit(
    name: "login" | "logout" | "expired" | "revoked" | "devices-ended",
    req: AuthRequest,
    { user, device }: Pick<LoginRecord, "user" | "device">,
  ): void {
    emit(this.parts.events, name, { user: user.id, device, address: this.parts.addressOf(req), at: Date.now() });
  }
}

/** Removes the user from this request, wherever middleware has put it. */
export function forgetUser(req: AuthRequest): void {
  req.user = undefined;
  Object.assign(req, { [userProperty(req)]: undefined });
}
