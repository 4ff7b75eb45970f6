/** Disables an account, which ends its logins, or enables it again. */
import type { UserId } from "../accounts/user-id.js";
import { idAskedFor, emitFor, type AccountDeps } from "./action-deps.js";

export async function disableAccount(deps: AccountDeps, given: UserId): Promise<boolean> {
  const id = idAskedFor(given);
  const isThere = await deps.accounts.setDisabled(id, true);
  await deps.logins.endAll(id);
  if (isThere) emitFor(deps, "account-disabled", id);
  return isThere;
}

export async function enableAccount(deps: AccountDeps, given: UserId): Promise<boolean> {
  const id = idAskedFor(given);
  const isThere = await deps.accounts.setDisabled(id, false);
  if (isThere) emitFor(deps, "account-enabled", id);
  return isThere;
}
