/** What an audit log wants to know. No event carries a password, a session's id, or what was typed as a user name. */

import type { EventEmitter } from "node:events";
import { codes, warnOnce } from "../errors/index.js";

export interface AuthEvent {
  /** The account's id; `undefined` where there is none, as for a login with an unknown name. */
  readonly user: string | undefined;
  /** Where the request came from; `undefined` where there was none, as for an account that the app removes. */
  readonly address: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A login by its name in the user's list of devices. */
export interface LoginEvent extends AuthEvent {
  readonly device: string;
}

export interface LoginFailedEvent extends AuthEvent {
  readonly reason: "wrong" | "disabled" | "throttled";
}

export interface AuthEvents {
  registered: [AuthEvent];
  login: [LoginEvent];
  "login-failed": [LoginFailedEvent];
  logout: [LoginEvent];
  /** A login was refused because it had been ended: from another device, by a new password, or with the account. */
  revoked: [LoginEvent];
  /** A login was over its idle or its absolute timeout. */
  expired: [LoginEvent];
  /** One device, or all others, were told to end. `device` is the one that asked for it. */
  "devices-ended": [AuthEvent & { readonly device: string | undefined }];
  "password-changed": [AuthEvent];
  /** Somebody who is logged in did not know the current password, or tried too often. */
  "password-change-failed": [AuthEvent & { readonly reason: "wrong" | "throttled" }];
  "account-disabled": [AuthEvent];
  "account-enabled": [AuthEvent];
  "account-removed": [AuthEvent];
}

/** What a listener throws does not undo what has happened, and is no business of the visitor's: it is a warning. */
export function tell<Name extends keyof AuthEvents>(
  events: EventEmitter<AuthEvents>,
  name: Name,
  event: AuthEvents[Name][0],
): void {
  try {
    (events as EventEmitter).emit(name, event);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    warnOnce(codes.LISTENER_FAILED, `A listener of the event "${name}" of localAuth() threw an error: ${what}`, name);
  }
}
