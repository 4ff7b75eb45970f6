/** Events for an audit log. No event contains a password, a session id, or a typed user name. */

import type { EventEmitter } from "node:events";
import { codes, warnOnce } from "../errors/index.js";
import { signals } from "../signals/index.js";

/** What every event contains. */
export interface AuthEvent {
  /** The account's id; undefined if there is none, such as for a login with an unknown name. */
  readonly user: string | undefined;
  /** The address of the request; undefined if there was no request, such as when the app removes an account. */
  readonly address: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What happened to one login. */
export interface LoginEvent extends AuthEvent {
  /** Its id in the user's list of devices. */
  readonly device: string;
}

/** A login was refused, for this reason. */
export interface LoginFailedEvent extends AuthEvent {
  /** `wrong` means an unknown name or a wrong password. */
  readonly reason: "wrong" | "disabled" | "throttled";
}

/** One login, or all other logins, were ended. */
export interface DevicesEndedEvent extends AuthEvent {
  /** The login that asked for it; undefined if none did, such as with `endLogins`. */
  readonly device: string | undefined;
}

/** A logged-in user's password change was refused. */
export interface PasswordChangeFailedEvent extends AuthEvent {
  readonly reason: "wrong" | "throttled";
}

/** The events of `localAuth().events` by name, each with its listeners' arguments. */
export interface AuthEvents {
  /** An account was created. */
  registered: [AuthEvent];
  /** A login began. */
  login: [LoginEvent];
  /** A login was refused. */
  "login-failed": [LoginFailedEvent];
  /** A user logged out. */
  logout: [LoginEvent];
  /**
   * A request was logged out because its login had been ended: from another device, by a new password, or with the
   * account.
   */
  revoked: [LoginEvent];
  /** A login reached its idle or its absolute timeout. */
  expired: [LoginEvent];
  /** One login, or all other logins, were ended. */
  "devices-ended": [DevicesEndedEvent];
  /** Follows two `devices-ended`: logins end before the change and after it. */
  "password-changed": [AuthEvent];
  /** A logged-in user gave a wrong current password, or tried too often. */
  "password-change-failed": [PasswordChangeFailedEvent];
  /** By `disableAccount`. */
  "account-disabled": [AuthEvent];
  /** By `enableAccount`. */
  "account-enabled": [AuthEvent];
  /** By `removeAccount`. */
  "account-removed": [AuthEvent];
}

/** Emits an event. An error in a listener must not affect the request, so it becomes a warning. */
export function emit<Name extends keyof AuthEvents>(
  events: EventEmitter<AuthEvents>,
  name: Name,
  event: AuthEvents[Name][0],
): void {
  if (signals.login.isHeard) signals.login.send({ name, event, events });
  try {
    const emitter: EventEmitter = events;
    emitter.emit(name, event);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    warnOnce(codes.LISTENER_FAILED, `A listener for the event "${name}" of localAuth() threw an error: ${what}`, name);
  }
}
