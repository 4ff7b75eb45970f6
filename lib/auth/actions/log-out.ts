/** Ends this login and its session; with the response, it also removes the cookie. */
import type { ServerResponse } from "node:http";
import type { AuthRequest } from "../request/auth-request.js";
import { clearCookie } from "../request/clear-cookie.js";
import type { LoginDeps } from "./action-deps.js";

export async function logOut({ logins, cookieName }: LoginDeps, req: AuthRequest, res?: ServerResponse): Promise<void> {
  const cookie = req.session?.cookie;
  await logins.end(req);
  if (res && cookie && cookieName !== undefined) clearCookie(res, cookieName, cookie);
}
