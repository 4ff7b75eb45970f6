/** What a login can do, each as a plain function with a typed answer; handlers for HTTP stand in front of them. */
import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { codes, HoldfastError } from "../errors/index.js";
import type { AccountStore } from "./account-store.js";
import { credentialsChecker, longestName, type Credentials } from "./check-credentials.js";
import { clearCookie } from "./clear-cookie.js";
import type { Device } from "./device-list.js";
import { tell, type AuthEvents } from "./events.js";
import { readRecord } from "./login-record.js";
import type { BeginOptions, Logins } from "./logins.js";
import { isEmail, normaliseEmail, normaliseUsername, usernamePattern } from "./names.js";
import { hashPassword, needsRehash, passwordLength, verifyPassword } from "./passwords.js";
import type { ChangePasswordResult, EndResult, LogInResult, PasswordRefusal, RegisterResult } from "./results.js";
import { mustHaveSession, type AuthRequest } from "./session-change.js";
import type { Permission, Throttle } from "./throttle.js";
import { publicUser, type User } from "./user.js";
import { addressOf } from "./visitor.js";

export interface AuthActions {
  /** Makes an account; logs nobody in. With a request, attempts are throttled by its address. */
  register(credentials: Credentials & { email?: string | undefined }, req?: IncomingMessage): Promise<RegisterResult>;
  /**
   * Logs in with a user name or an e-mail address, under a new session id that keeps what the visitor had (a cart). An
   * unknown name and a wrong password give the same answer after the same time.
   */
  logIn(req: IncomingMessage, credentials: Partial<Credentials> & BeginOptions): Promise<LogInResult>;
  /** Begins the login of a user who was checked by other means: after `register`, or by a strategy of the app's. */
  begin(req: IncomingMessage, user: User, options?: BeginOptions): Promise<void>;
  /** Ends the session, and with it everything that was in it. With `res`, the cookie is taken back as well. */
  logOut(req: IncomingMessage, res?: ServerResponse): Promise<void>;
  /** The user's logins that hold, the one seen last first. */
  devices(req: IncomingMessage): Promise<(Device & { readonly isThis: boolean })[]>;
  /** Ends one login of the user who is logged in. */
  endDevice(req: IncomingMessage, device: string): Promise<EndResult>;
  /** Ends all other logins of the user who is logged in; this one goes on under a new session id. */
  endOtherDevices(req: IncomingMessage): Promise<EndResult>;
  /** Sets a new password, and ends all other logins of the user. */
  changePassword(req: IncomingMessage, passwords: { current: string; next: string }): Promise<ChangePasswordResult>;

  /** Ends all logins of a user, whoever asks for it; call it when the account store changes behind our back. */
  endLogins(userId: string): Promise<void>;
  /** Nobody can log in any more, and nobody is. False: there is no such account. */
  disableAccount(userId: string): Promise<boolean>;
  enableAccount(userId: string): Promise<boolean>;
  /** The account is gone, and nobody is logged in to it. False: there was none. */
  removeAccount(userId: string): Promise<boolean>;
}

export interface ActionParts {
  readonly accounts: AccountStore | undefined;
  readonly logins: Logins;
  readonly throttle: Throttle | undefined;
  readonly events: EventEmitter<AuthEvents>;
  readonly isCommonPassword: ((password: string) => boolean | Promise<boolean>) | undefined;
  /** The session cookie's name, where it is known. */
  readonly cookieName: string | undefined;
}

export function authActions(parts: ActionParts): AuthActions {
  const { logins, throttle, events } = parts;
  const check = parts.accounts && credentialsChecker(parts.accounts);
  const actions: AuthActions = {
    async register({ username, password, email }, req) {
      const accounts = accountsOrThrow();
      const permission = req && (await throttle?.takeFor("register", addressOf(req as AuthRequest)));
      if (permission?.ok === false) return throttled(permission);
      const name = username.trim();
      if (!usernamePattern.test(name)) return { ok: false, reason: "username-invalid" };
      const address = email?.trim() || undefined;
      if (address !== undefined && !isEmail(address)) return { ok: false, reason: "email-invalid" };
      const refusal = await refusalOf(password);
      if (refusal) return { ok: false, reason: refusal };
      const passwordHash = await hashPassword(password);
      const created = await accounts.create({ username: name, email: address, passwordHash });
      if (typeof created === "string") return { ok: false, reason: created };
      tell(events, "registered", { user: created.id, ...at(req) });
      return { ok: true, user: publicUser(created) };
    },

    async logIn(req, { username, password, ...begin }) {
      const accounts = accountsOrThrow();
      if (!username || !password) return { ok: false, reason: "missing" };
      mustHaveSession(req as AuthRequest);
      const attempt = { account: countedAs(username), address: addressOf(req as AuthRequest) };
      const permission = await throttle?.take(attempt);
      if (permission?.ok === false) {
        tell(events, "login-failed", { user: undefined, reason: "throttled", ...at(req) });
        return throttled(permission);
      }
      const { account, fits } = await check!({ username, password });
      const reason = !account || !fits ? "wrong" : account.isDisabled ? "disabled" : undefined;
      if (!account || reason) {
        tell(events, "login-failed", { user: account?.id, reason: reason ?? "wrong", ...at(req) });
        return { ok: false, reason: reason ?? "wrong" };
      }
      await throttle?.succeeded(attempt);
      const passwordHash = await rehashed(accounts, account.id, account.passwordHash, password);
      const user = publicUser(account);
      await logins.begin(req as AuthRequest, user, begin);
      // Whoever disables the account, removes it or changes its password does that first and ends all logins then: either
      // we see it here, or our login is among those that are ended.
      if (await isStill(accounts, account.id, passwordHash).catch(endAndThrow)) return { ok: true, user };
      await actions.logOut(req);
      return { ok: false, reason: "wrong" };

      /** What cannot be checked does not count. */
      async function endAndThrow(error: unknown): Promise<never> {
        await actions.logOut(req);
        throw error;
      }
    },

    async begin(req, user, beginOptions) {
      await logins.begin(req as AuthRequest, user, beginOptions);
    },

    async logOut(req, res) {
      const request = req as AuthRequest;
      const cookie = request.session?.cookie;
      await logins.end(request);
      request.user = undefined;
      if (res && cookie && parts.cookieName !== undefined) clearCookie(res, parts.cookieName, cookie);
    },

    async devices(req) {
      const record = readRecord((req as AuthRequest).session);
      if (!record) return [];
      const list = await logins.list(record.user.id);
      return list.map((device) => ({ ...device, isThis: device.id === record.device }));
    },

    async endDevice(req, device) {
      const record = readRecord((req as AuthRequest).session);
      if (!record) return { ok: false, reason: "login-required" };
      const outcome = await logins.endOne(req as AuthRequest, record, device);
      if (outcome === "ended") return { ok: true };
      return { ok: false, reason: outcome === "unknown" ? "unknown-device" : "login-required" };
    },

    async endOtherDevices(req) {
      const record = readRecord((req as AuthRequest).session);
      if (!record) return { ok: false, reason: "login-required" };
      const hasEnded = await logins.endAll(record.user.id, req as AuthRequest);
      return hasEnded ? { ok: true } : { ok: false, reason: "login-required" };
    },

    async changePassword(req, { current, next }) {
      const accounts = accountsOrThrow();
      const record = readRecord((req as AuthRequest).session);
      if (record && (!current || !next)) return { ok: false, reason: "missing" };
      const account = record && (await accounts.findById(record.user.id));
      if (!account || account.isDisabled) return { ok: false, reason: "login-required" };
      const attempt = { account: account.id, address: addressOf(req as AuthRequest) };
      const permission = await throttle?.take(attempt);
      const failed = (reason: "wrong" | "throttled") =>
        tell(events, "password-change-failed", { user: account.id, reason, ...at(req) });
      if (permission?.ok === false) {
        failed("throttled");
        return throttled(permission);
      }
      if (!(await verifyPassword(account.passwordHash, current))) {
        failed("wrong");
        return { ok: false, reason: "wrong" };
      }
      await throttle?.succeeded(attempt);
      const refusal = await refusalOf(next);
      if (refusal) return { ok: false, reason: refusal };
      const passwordHash = await hashPassword(next);
      // Before, so that a crash after the change leaves nobody logged in; after, for logins that were under way.
      if (!(await logins.endAll(account.id, req as AuthRequest))) return { ok: false, reason: "login-required" };
      if (!(await accounts.changePassword(account.id, account.passwordHash, passwordHash))) {
        return { ok: false, reason: "wrong" }; // somebody else changed it meanwhile
      }
      await logins.endAll(account.id, req as AuthRequest);
      tell(events, "password-changed", { user: account.id, ...at(req) });
      return { ok: true };
    },

    endLogins: async (userId) => void (await logins.endAll(userId)),

    async disableAccount(userId) {
      const isThere = await accountsOrThrow().setDisabled(userId, true);
      await logins.endAll(userId);
      if (isThere) tell(events, "account-disabled", { user: userId, ...at() });
      return isThere;
    },

    async enableAccount(userId) {
      const isThere = await accountsOrThrow().setDisabled(userId, false);
      if (isThere) tell(events, "account-enabled", { user: userId, ...at() });
      return isThere;
    },

    async removeAccount(userId) {
      const wasThere = await accountsOrThrow().remove(userId);
      await logins.endAll(userId);
      if (wasThere) tell(events, "account-removed", { user: userId, ...at() });
      return wasThere;
    },
  };
  return actions;

  function accountsOrThrow(): AccountStore {
    if (parts.accounts) return parts.accounts;
    throw new HoldfastError(
      codes.OPTION_INVALID,
      "localAuth() was made without `accounts`, so it can neither register nor check anybody. " +
        "Give it an AccountStore, or log in with a strategy of your own and call `auth.begin(req, user)`.",
    );
  }

  async function refusalOf(password: string): Promise<PasswordRefusal | undefined> {
    if (Array.from(password).length < passwordLength.min) return "password-too-short";
    if (password.length > passwordLength.max) return "password-too-long";
    return (await parts.isCommonPassword?.(password)) ? "password-common" : undefined;
  }
}

async function isStill(accounts: AccountStore, id: string, passwordHash: string): Promise<boolean> {
  const now = await accounts.findById(id);
  return now !== undefined && !now.isDisabled && now.passwordHash === passwordHash;
}

/** A hash of older parameters, or of another system, becomes one of ours while the password is at hand. Answers what counts now. */
async function rehashed(accounts: AccountStore, id: string, before: string, password: string): Promise<string> {
  if (!needsRehash(before)) return before;
  const after = await hashPassword(password);
  if (await accounts.changePassword(id, before, after)) return after;
  const now = await accounts.findById(id); // another login of this user was faster
  return now && (await verifyPassword(now.passwordHash, password)) ? now.passwordHash : before;
}

/**
 * What attempts are counted under: the name as it was given, in whatever spelling, and not the account behind it. Else a
 * stranger could tell by the counts which names exist, and which address belongs to which name.
 */
function countedAs(name: string): string {
  const asked = name.slice(0, longestName);
  return asked.includes("@") ? normaliseEmail(asked) : normaliseUsername(asked);
}

function throttled({ retryAfter }: Extract<Permission, { ok: false }>) {
  return { ok: false, reason: "throttled", retryAfter } as const;
}

function at(req?: IncomingMessage) {
  return { address: req && addressOf(req as AuthRequest), at: Date.now() };
}
