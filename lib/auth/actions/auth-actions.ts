/** The actions that `localAuth()` offers: plain functions with typed results. HTTP handlers are built on them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { GivenUser, UserId } from "../accounts/user-id.js";
import type { Device } from "../logins/device-list.js";
import type { BeginOptions } from "../logins/logins.js";
import type { Credentials } from "./check-credentials.js";
import type { ChangePasswordResult, EndResult, LogInResult, RegisterResult } from "./results.js";

/** The input of a registration. */
export interface Registration extends Credentials {
  /** If omitted or empty, the account has none. */
  email?: string | undefined;
}

/** The input of a login. If the name or the password is missing, the result is `missing`. */
export interface LogInOptions extends BeginOptions {
  /** A user name or an e-mail address. */
  username?: string | undefined;
  /** As typed. */
  password?: string | undefined;
}

/** The input of a password change. */
export interface PasswordChange {
  /** The current password. */
  current: string;
  /** The new password. */
  next: string;
}

/** A login of the user, as they see it. */
export interface ListedDevice extends Device {
  /** It is the login of this request. */
  readonly isThis: boolean;
}

/** Actions on logins, wherever the accounts are stored. */
export interface LoginActions {
  /**
   * Begins the login of a user whose identity was checked by other means: after `register`, or by the app's own
   * strategy. A numeric id becomes a string. For `requireRecentLogin`, it counts only with the option `confirmed`.
   *
   * @throws HoldfastError `HOLDFAST_USER_ID_INVALID`; `SESSION_STORE_UNAVAILABLE` for a request without a session
   * @example
   *
   *     await auth.begin(req, { id: user.id, username: user.login, createdAt: Date.now() }, { remember: true });
   */
  begin(req: IncomingMessage, user: GivenUser, options?: BeginOptions): Promise<void>;
  /**
   * Destroys the session with everything in it. With `res`, also removes the cookie.
   *
   * @example
   *
   *     await auth.logOut(req, res);
   *     res.redirect("/");
   */
  logOut(req: IncomingMessage, res?: ServerResponse): Promise<void>;
  /**
   * The user's valid logins, most recently seen first; empty if nobody is logged in.
   *
   * @example
   *
   *     const others = (await auth.devices(req)).filter((device) => !device.isThis);
   */
  devices(req: IncomingMessage): Promise<ListedDevice[]>;
  /**
   * Ends one login of the logged-in user.
   *
   * @param device `id` of a device that `devices` returned
   * @example
   *
   *     const result = await auth.endDevice(req, req.body.device);
   *     if (!result.ok) console.log(result.reason); // "login-required" or "unknown-device"
   */
  endDevice(req: IncomingMessage, device: string): Promise<EndResult>;
  /**
   * Ends all other logins of the logged-in user; this one continues under a new session id.
   *
   * @example
   *
   *     const { ok } = await auth.endOtherDevices(req); // false: nobody is logged in here
   */
  endOtherDevices(req: IncomingMessage): Promise<EndResult>;
  /**
   * Ends all logins of a user; call it after changing an account directly in the account store.
   *
   * @throws HoldfastError `HOLDFAST_USER_ID_INVALID`
   * @example
   *
   *     await auth.endLogins(user.id); // after a password was reset by mail
   */
  endLogins(userId: UserId): Promise<void>;
}

/** Actions on accounts. */
export interface AccountActions {
  /**
   * Creates an account, without logging in. With a request, attempts are throttled by its address.
   *
   * @example
   *
   *     const result = await auth.register({ username: "Ada", password, email: "ada@example.org" }, req);
   *     if (result.ok) await auth.begin(req, result.user, { confirmed: true });
   *     else console.log(result.reason); // such as "username-taken"
   */
  register(credentials: Registration, req?: IncomingMessage): Promise<RegisterResult>;
  /**
   * Logs in with a user name or an e-mail address, under a new session id. The session's contents, such as a cart, are
   * kept. An unknown name and a wrong password give the same result after the same time.
   *
   * @throws HoldfastError `SESSION_STORE_UNAVAILABLE` for a request without a session, or if Redis does not answer;
   * `HOLDFAST_LOGINS_BUSY` if too many passwords are waiting to be checked
   * @example
   *
   *     const result = await auth.logIn(req, { username, password, remember: true });
   *     if (!result.ok) console.log(result.reason, result.retryAfter); // such as "throttled", and the seconds to wait
   */
  logIn(req: IncomingMessage, credentials: LogInOptions): Promise<LogInResult>;
  /**
   * Sets a new password, and ends all other logins of the user.
   *
   * @example
   *
   *     const result = await auth.changePassword(req, { current, next });
   */
  changePassword(req: IncomingMessage, passwords: PasswordChange): Promise<ChangePasswordResult>;
  /**
   * Disables an account, and ends its logins. False if there is no such account.
   *
   * @throws HoldfastError `HOLDFAST_USER_ID_INVALID`
   * @example
   *
   *     await auth.disableAccount(account.id);
   */
  disableAccount(userId: UserId): Promise<boolean>;
  /**
   * Enables a disabled account, so that its owner can log in again. False if there is no such account.
   *
   * @throws HoldfastError `HOLDFAST_USER_ID_INVALID`
   * @example
   *
   *     await auth.enableAccount(account.id);
   */
  enableAccount(userId: UserId): Promise<boolean>;
  /**
   * Removes an account, and ends its logins. False if there was none.
   *
   * @throws HoldfastError `HOLDFAST_USER_ID_INVALID`
   * @example
   *
   *     await auth.removeAccount(account.id);
   */
  removeAccount(userId: UserId): Promise<boolean>;
}

/** All actions on logins and accounts. */
export interface AuthActions extends LoginActions, AccountActions {}
