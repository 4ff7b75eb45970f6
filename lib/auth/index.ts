/**
 * The public API of `holdfast/auth`: logins, on top of passport-local.
 *
 * Each part imports only from parts below it in this list; the import rules enforce this:
 *
 *     local-auth.ts  `localAuth()`, which connects the parts; its options are in auth-options.ts
 *     http/          what handles requests: handlers, requireLogin, sameOrigin, passport's methods
 *     actions/       a function for each action
 *     logins/        the life cycle of a login: its record in the session, the user's list of devices, the check on
 *                    each request
 *     throttle/      limits on guessing
 *     request/       a request, its session, and what is known about the visitor
 *     accounts/      the contract of account stores, accounts in Redis, names and ids
 *     passwords/     password hashes
 *     events.ts      events for an audit log
 */
import type { LoginRecord } from "./logins/login-record.js";

declare module "express-session" {
  interface SessionData {
    /** Who is logged in, and since when. Only `holdfast/auth` writes it; read `req.user` instead. */
    readonly login?: LoginRecord | undefined;
  }
}

declare global {
  namespace Express {
    /**
     * Passport's type, which you extend yourself, because your own strategies may use a different user type:
     *
     *     import type { User as HoldfastUser } from "holdfast/auth";
     *     declare global {
     *       namespace Express {
     *         interface User extends HoldfastUser {}
     *       }
     *     }
     */
    interface User {}
    interface Request {
      /** The logged-in user. */
      user?: User | undefined;
    }
  }
}

export { accountStoreContract, type AccountStoreCheck } from "./accounts/account-store-contract.js";
export type { Account, AccountStore, NewAccount } from "./accounts/account-store.js";
export { commonPasswords } from "./passwords/common-passwords.js";
export type {
  AccountActions,
  AuthActions,
  ListedDevice,
  LoginActions,
  LogInOptions,
  PasswordChange,
  Registration,
} from "./actions/auth-actions.js";
export type { Credentials } from "./actions/check-credentials.js";
export type { CheckOptions } from "./logins/current-login.js";
export type { DeviceEntry } from "./logins/device-entry.js";
export type { Device } from "./logins/device-list.js";
export type {
  AuthEvent,
  AuthEvents,
  DevicesEndedEvent,
  LoginEvent,
  LoginFailedEvent,
  PasswordChangeFailedEvent,
} from "./events.js";
export type { FormHandlers, FormOptions, FormPages } from "./http/form-handlers.js";
export type { AccountAction, Action, Refusal } from "./http/handled-actions.js";
export type { JsonHandlers } from "./http/json-handlers.js";
export type { LocalAuthConnection, LocalAuthNoAccounts, LocalAuthOptions } from "./auth-options.js";
export { localAuth, type LocalAuth, type LocalAuthParts, type LocalAuthWithoutAccounts } from "./local-auth.js";
export type { LoginTimes, LoginRecord, TimeoutOptions, Timeouts } from "./logins/login-record.js";
export type { BeginOptions } from "./logins/logins.js";
export type { EndedReason } from "./logins/watched-logins.js";
export { passwordHashProblem } from "./passwords/hash-forms.js";
export { passwordLength } from "./passwords/password-work.js";
export type { IsCommonPassword, PasswordRefusal } from "./passwords/password-refusal.js";
export { hashPassword, needsRehash, verifyNothing, verifyPassword } from "./passwords/passwords.js";
export { RedisAccounts, type RedisAccountsOptions } from "./accounts/redis-accounts.js";
export { requireLogin, requireRecentLogin, type RequireLoginOptions } from "./http/require-login.js";
export type {
  ChangePasswordResult,
  Done,
  EndResult,
  LogInResult,
  Reason,
  Refused,
  RegisterResult,
} from "./actions/results.js";
export { sameOrigin, type SameOriginOptions } from "./http/same-origin.js";
export { safePath } from "./http/safe-path.js";
export type { ThrottleLimit, ThrottleOptions } from "./throttle/throttle.js";
export { activityRules, trackActivity, type Activity, type TrackActivityOptions } from "./http/track-activity.js";
export type { Handler } from "./request/handler.js";
export type { User } from "./accounts/user.js";
export type { GivenUser, UserId } from "./accounts/user-id.js";
export {
  emailPattern,
  isEmail,
  isUsername,
  normalizeEmail,
  normalizeUsername,
  usernamePattern,
} from "./accounts/names.js";
