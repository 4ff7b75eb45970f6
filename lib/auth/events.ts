/** What an audit log wants to know. No event carries a password, a session's id, or what was typed as a user name. */

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
  "account-disabled": [AuthEvent];
  "account-enabled": [AuthEvent];
  "account-removed": [AuthEvent];
}
