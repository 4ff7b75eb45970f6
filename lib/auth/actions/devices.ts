/** Lists the logins of the logged-in user, and ends one of them or all others. */
import type { AuthRequest } from "../request/auth-request.js";
import type { LoginDeps } from "./action-deps.js";
import type { ListedDevice } from "./auth-actions.js";
import type { EndResult } from "./results.js";

export async function listDevices({ logins }: LoginDeps, req: AuthRequest): Promise<ListedDevice[]> {
  const login = await logins.checkedLogin(req);
  if (!login) return [];
  const devices = await logins.list(login.user.id);
  return devices.map((device) => ({ ...device, isThis: device.id === login.device }));
}

export async function endDevice({ logins }: LoginDeps, req: AuthRequest, device: string): Promise<EndResult> {
  const login = await logins.checkedLogin(req);
  if (!login) return { ok: false, reason: "login-required" };
  const outcome = await logins.endOne(req, login, device);
  if (outcome === "ended") return { ok: true };
  return { ok: false, reason: outcome === "unknown" ? "unknown-device" : "login-required" };
}

/** The login of this request continues under a new session id. */
export async function endOtherDevices({ logins }: LoginDeps, req: AuthRequest): Promise<EndResult> {
  const login = await logins.checkedLogin(req);
  if (!login) return { ok: false, reason: "login-required" };
  const hasEnded = await logins.endAll(login.user.id, req);
  return hasEnded ? { ok: true } : { ok: false, reason: "login-required" };
}
