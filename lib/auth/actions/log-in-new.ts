/** Logs in the user of an account that was just created, and checks the account once more, as `logIn` does. */
import type { User } from "../accounts/user.js";
import type { AuthRequest } from "../request/auth-request.js";
import type { AccountDeps } from "./action-deps.js";
import { beginLoginToAccount } from "./begin-login.js";
import { logOut } from "./log-out.js";

/** False if the account was disabled or removed meanwhile, such as by a listener for the event `registered`. */
export async function logInNew(deps: AccountDeps, req: AuthRequest, user: User): Promise<boolean> {
  await beginLoginToAccount(deps, req, user, { confirmed: true });
  // Disabling or removing an account happens first and ends all logins then: either it is noticed here, or this login
  // is among those that are ended.
  const account = await deps.accounts.findById(user.id).catch(async (error: unknown) => {
    await logOut(deps, req); // a login that cannot be checked must not stay
    throw error;
  });
  if (account && !account.isDisabled) return true;
  await logOut(deps, req);
  return false;
}
