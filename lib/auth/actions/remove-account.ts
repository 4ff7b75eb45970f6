/** Removes an account, then ends its logins. */
import type { UserId } from "../accounts/user-id.js";
import { idAskedFor, emitFor, type AccountDeps } from "./action-deps.js";

export async function removeAccount(deps: AccountDeps, given: UserId): Promise<boolean> {
  const id = idAskedFor(given);
  const wasThere = await deps.accounts.remove(id);
  await deps.logins.endAll(id, undefined, { isGone: true });
  if (wasThere) emitFor(deps, "account-removed", id);
  return wasThere;
}
