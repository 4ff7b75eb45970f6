/**
 * Logs in with a name and a password: counts the attempt, checks it, begins the login, and checks the account once
 * more.
 */
import type { Account, AccountStore } from "../accounts/account-store.js";
import { normalizeEmail, normalizeUsername } from "../accounts/names.js";
import { publicUser } from "../accounts/user.js";
import { emit, type LoginFailedEvent } from "../events.js";
import { hashPassword, needsRehash, verifyPassword } from "../passwords/passwords.js";
import type { AuthRequest } from "../request/auth-request.js";
import { mustHaveSession } from "../request/session-change.js";
import { allowed } from "../throttle/attempt.js";
import { attemptIn, throttled, undoAndThrow, whereAndWhen, type AccountDeps } from "./action-deps.js";
import type { LogInOptions } from "./auth-actions.js";
import { longestName } from "./check-credentials.js";
import { logOut } from "./log-out.js";
import type { LogInResult } from "./results.js";

export async function logIn(
  deps: AccountDeps,
  req: AuthRequest,
  { username, password, ...begin }: LogInOptions,
): Promise<LogInResult> {
  if (!username || !password) return { ok: false, reason: "missing" };
  mustHaveSession(req);
  const checked = await checkedAccount(deps, req, username, password);
  if (!("account" in checked)) return checked;
  const { account } = checked;
  const passwordHash = await rehashed(deps.accounts, account, password);
  const user = publicUser(account);
  await deps.logins.begin(req, user, { ...begin, confirmed: true });
  // Disabling or removing an account, or changing its password, happens first and ends all logins then: either it is
  // noticed here, or this login is among those that are ended.
  const isStillTheirs = await isStill(deps.accounts, account.id, passwordHash).catch(async (error: unknown) => {
    await logOut(deps, req); // a login that cannot be checked must not stay
    throw error;
  });
  if (isStillTheirs) {
    deps.browsers?.remember(req, user.id);
    return { ok: true, user };
  }
  await logOut(deps, req);
  return { ok: false, reason: "wrong" };
}

type Refusal = Extract<LogInResult, { ok: false }>;

/** The account with this password, or the refusal. */
async function checkedAccount(
  deps: AccountDeps,
  req: AuthRequest,
  username: string,
  password: string,
): Promise<{ account: Account } | Refusal> {
  const attempt = attemptIn(deps, req);
  const emitFailed = (reason: LoginFailedEvent["reason"], user?: string) =>
    emit(deps.events, "login-failed", { user, reason, ...whereAndWhen(deps, req) });
  const permission = await attempt?.byName(countedAs(username));
  if (permission?.ok === false) {
    emitFailed("throttled");
    return throttled(permission);
  }
  const { account, isRight, refusal } = await deps
    .checkCredentials({ username, password }, (id) => attempt?.byAccount(id) ?? Promise.resolve(allowed))
    .catch((error: unknown) => undoAndThrow(attempt, error));
  if (refusal?.ok === false) {
    emitFailed("throttled", account?.id);
    return refusal.isHidden ? { ok: false, reason: "wrong" } : throttled(refusal);
  }
  if (!account || !isRight || account.isDisabled) {
    const reason = account && isRight ? "disabled" : "wrong";
    emitFailed(reason, account?.id);
    return { ok: false, reason };
  }
  await attempt?.succeeded(account.id);
  return { account };
}

async function isStill(accounts: AccountStore, id: string, passwordHash: string): Promise<boolean> {
  const now = await accounts.findById(id);
  return now !== undefined && !now.isDisabled && now.passwordHash === passwordHash;
}

/** Replaces a hash of older parameters or of another system while the password is known. Returns the current hash. */
async function rehashed(accounts: AccountStore, { id, passwordHash: before }: Account, password: string) {
  if (!needsRehash(before)) return before;
  const after = await hashPassword(password);
  if (await accounts.changePassword(id, before, after)) return after;
  const now = await accounts.findById(id); // another login of this user has replaced it
  return now && (await verifyPassword(now.passwordHash, password)) ? now.passwordHash : before;
}

/** The name under which an attempt counts: the given one, in normal form. */
function countedAs(name: string): string {
  const asked = name.slice(0, longestName);
  return asked.includes("@") ? normalizeEmail(asked) : normalizeUsername(asked);
}
