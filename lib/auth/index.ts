/** The public face of `holdfast/auth`: login on top of passport-local, and no more than a site needs for it. */
export { accountStoreContract, type AccountStoreCheck } from "./account-store-contract.js";
export type { Account, AccountStore, NewAccount } from "./account-store.js";
export { commonPasswords } from "./common-passwords.js";
export type { Device } from "./device-list.js";
export type { AuthEvent, AuthEvents, LoginEvent, LoginFailedEvent } from "./events.js";
export type { Action, FormHandlers, FormOptions, JsonHandlers, Refusal } from "./handlers.js";
export { localAuth, type LocalAuth, type LocalAuthOptions } from "./local-auth.js";
export type { Timeouts } from "./login-record.js";
export type { BeginOptions } from "./logins.js";
export { hashPassword, needsRehash, passwordLength, verifyNothing, verifyPassword } from "./passwords.js";
export { RedisAccounts, type AccountsClient, type RedisAccountsOptions } from "./redis-accounts.js";
export { requireLogin, requireRecentLogin, type RequireLoginOptions } from "./require-login.js";
export type { ChangePasswordResult, EndResult, LogInResult, RegisterResult } from "./results.js";
export { safePath } from "./safe-path.js";
export type { ThrottleLimit, ThrottleOptions } from "./throttle.js";
export { activityRules, trackActivity } from "./track-activity.js";
export type { User } from "./user.js";
export { emailPattern, isEmail, normaliseEmail, normaliseUsername, usernamePattern } from "./names.js";
