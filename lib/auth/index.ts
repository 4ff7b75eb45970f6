/** The public face of `holdfast/auth`: login on top of passport-local, and no more than a site needs for it. */
export type { Account, AccountStore, NewAccount } from "./account-store.js";
export {
  localAuth,
  type LocalAuth,
  type LocalAuthOptions,
  type LogInResult,
  type RegisterResult,
} from "./local-auth.js";
export { hashPassword, passwordLength, verifyNothing, verifyPassword } from "./passwords.js";
export { RedisAccounts, type AccountsClient, type RedisAccountsOptions } from "./redis-accounts.js";
export { requireLogin, type RequireLoginOptions } from "./require-login.js";
export type { User } from "./user.js";
export { normaliseUsername, usernamePattern } from "./username.js";
