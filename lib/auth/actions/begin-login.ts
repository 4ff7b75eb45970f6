/** Begins the login of a user whose identity was checked without this package. */
import { userWithId, type GivenUser } from "../accounts/user-id.js";
import type { BeginOptions } from "../logins/logins.js";
import type { AuthRequest } from "../request/auth-request.js";
import type { AccountDeps, LoginDeps } from "./action-deps.js";

export async function beginLogin(
  { logins }: LoginDeps,
  req: AuthRequest,
  given: GivenUser,
  options?: BeginOptions,
): Promise<string> {
  const user = userWithId(given);
  await logins.begin(req, user, options);
  return user.id;
}

/** Also notes the browser and the address of this user for the throttle. */
export async function beginLoginToAccount(
  deps: AccountDeps,
  req: AuthRequest,
  given: GivenUser,
  options?: BeginOptions,
): Promise<void> {
  const id = await beginLogin(deps, req, given, options);
  deps.browsers?.remember(req, id);
  await deps.throttle?.remember(id, deps.addressOf(req)).catch(() => {}); // optional: the login has begun already
}
