/** The results of the actions. A refusal is a result, with a machine-readable reason. */
import type { User } from "../accounts/user.js";
import type { PasswordRefusal } from "../passwords/password-refusal.js";

/** The action was done. */
export type Done<T = object> = { readonly ok: true } & T;
/** Nothing was done, for this reason. */
export type Refused<Reason extends string> = {
  readonly ok: false;
  readonly reason: Reason;
  /** With `throttled`: seconds to wait, a whole number. */
  readonly retryAfter?: number | undefined;
};

/** The result of `register`. */
export type RegisterResult =
  | Done<{ user: User }>
  | Refused<"username-invalid" | "username-taken" | "email-invalid" | "email-taken" | "throttled" | PasswordRefusal>;

/** The result of `logIn`. `wrong` means an unknown name or a wrong password; `disabled` requires the right password. */
export type LogInResult = Done<{ user: User }> | Refused<"missing" | "wrong" | "disabled" | "throttled">;

/** The result of `changePassword`. */
export type ChangePasswordResult =
  Done | Refused<"login-required" | "missing" | "wrong" | "throttled" | PasswordRefusal>;

/** The result of `endDevice` and `endOtherDevices`. */
export type EndResult = Done | Refused<"login-required" | "unknown-device">;

/** All reasons for a refusal. */
export type Reason = Exclude<RegisterResult | LogInResult | ChangePasswordResult | EndResult, { ok: true }>["reason"];
