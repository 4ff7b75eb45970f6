/** Ends all logins of a user, on behalf of the app. */
import type { UserId } from "../accounts/user-id.js";
import { idAskedFor, type LoginDeps } from "./action-deps.js";

export async function endLogins({ logins }: LoginDeps, id: UserId): Promise<void> {
  await logins.endAll(idAskedFor(id));
}
