/** Sets a new password for a logged-in user who knows the current one, and ends all their other logins. */
import type { Account } from "../accounts/account-store.js";
import { emit } from "../events.js";
import { hashingGate } from "../passwords/hashing-gate.js";
import { passwordRefusal } from "../passwords/password-refusal.js";
import { fits } from "../passwords/password-work.js";
import { hashPassword } from "../passwords/passwords.js";
import type { AuthRequest } from "../request/auth-request.js";
import { attemptIn, emitFor, throttled, undoAndThrow, whereAndWhen, type AccountDeps } from "./action-deps.js";
import type { PasswordChange } from "./auth-actions.js";
import type { ChangePasswordResult } from "./results.js";

export async function changePassword(
  deps: AccountDeps,
  req: AuthRequest,
  { current, next }: PasswordChange,
): Promise<ChangePasswordResult> {
  const { accounts, logins } = deps;
  const login = await logins.checkedLogin(req);
  if (login && (!current || !next)) return { ok: false, reason: "missing" };
  const account = login && (await accounts.findById(login.user.id));
  if (!account || account.isDisabled) return { ok: false, reason: "login-required" };
  const refusal = await passwordRefusal(next, deps.isCommonPassword); // before hashing
  if (refusal) return { ok: false, reason: refusal };
  const failure = await checkCurrent(deps, req, account, current);
  if (failure) return failure;
  const passwordHash = await hashPassword(next);
  // Before the change, so that a crash after it leaves nobody logged in; and after it, for logins that were in
  // progress.
  if (!(await logins.endAll(account.id, req))) return { ok: false, reason: "login-required" };
  if (!(await accounts.changePassword(account.id, account.passwordHash, passwordHash))) {
    return { ok: false, reason: "wrong" }; // it was changed meanwhile
  }
  // If this login was ended meanwhile, perhaps by one in progress that knew the old password, it is not spared either.
  if (!(await logins.endAll(account.id, req))) await logins.endAll(account.id);
  emitFor(deps, "password-changed", account.id, req);
  return { ok: true };
}

/** Undefined if the password is right and the attempt is allowed; otherwise the refusal. */
async function checkCurrent(deps: AccountDeps, req: AuthRequest, account: Account, password: string) {
  const attempt = attemptIn(deps, req);
  const emitFailed = (reason: "wrong" | "throttled") =>
    emit(deps.events, "password-change-failed", { user: account.id, reason, ...whereAndWhen(deps, req) });
  const permission = await attempt?.byOwner(account.id);
  if (permission?.ok === false) {
    emitFailed("throttled");
    return throttled(permission);
  }
  const checking = hashingGate.runSoon(() => fits(account.passwordHash, password));
  if (!(await checking.catch((error: unknown) => undoAndThrow(attempt, error)))) {
    emitFailed("wrong");
    return { ok: false, reason: "wrong" } as const;
  }
  await attempt?.succeeded(account.id);
  return undefined;
}
