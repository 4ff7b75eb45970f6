/**
 * `req.user` of a login that was found in its session. passport's session strategy may run afterwards: if the app's
 * `deserializeUser` finds no user, passport takes what it had stored out of the session and leaves `req.user` as it is.
 * Then nobody may be logged in on this request.
 */
import type { User } from "../accounts/user.js";
import { userProperty, type AuthRequest } from "./auth-request.js";

/** Whether passport, or the app, has set a user already, or keeps users elsewhere. */
export function hasUserOfTheApp(req: AuthRequest): boolean {
  return userProperty(req) !== "user" || (req.user !== undefined && req.user !== null);
}

/** Sets `req.user` for as long as passport does not disown it. */
export function setRestoredUser(req: AuthRequest, user: User): void {
  const stored = req.session?.passport;
  if (!stored) return void (req.user = user); // a socket, whose session was looked at in the store
  Object.defineProperty(req, "user", {
    get: () => (stored.user === undefined ? undefined : user),
    set(value: unknown) {
      Object.defineProperty(req, "user", { value, writable: true, configurable: true, enumerable: true });
    },
    configurable: true,
    enumerable: true,
  });
}
