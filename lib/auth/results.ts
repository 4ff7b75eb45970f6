/** What the actions of a login answer. A refusal is an answer, with a reason that a program can tell apart. */
import type { User } from "./user.js";

export type Done<T = object> = { readonly ok: true } & T;
export type Refused<Reason extends string> = {
  readonly ok: false;
  readonly reason: Reason;
  /** With `throttled`: whole seconds to wait. */
  readonly retryAfter?: number;
};

export type PasswordRefusal = "password-too-short" | "password-too-long" | "password-common";

export type RegisterResult =
  | Done<{ user: User }>
  | Refused<"username-invalid" | "username-taken" | "email-invalid" | "email-taken" | "throttled" | PasswordRefusal>;

/** `wrong` is an unknown name as well as a wrong password; `disabled` is said only to whoever knows the password. */
export type LogInResult = Done<{ user: User }> | Refused<"missing" | "wrong" | "disabled" | "throttled">;

export type ChangePasswordResult =
  Done | Refused<"login-required" | "missing" | "wrong" | "throttled" | PasswordRefusal>;

export type EndResult = Done | Refused<"login-required" | "unknown-device">;

export type Reason = Exclude<RegisterResult | LogInResult | ChangePasswordResult | EndResult, { ok: true }>["reason"];
