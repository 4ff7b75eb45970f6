/** Creates an account, without logging in. */
import { isEmail, isUsername } from "../accounts/names.js";
import { publicUser } from "../accounts/user.js";
import { hashingGate } from "../passwords/hashing-gate.js";
import { passwordRefusal } from "../passwords/password-refusal.js";
import { hashOf } from "../passwords/password-work.js";
import type { AuthRequest } from "../request/auth-request.js";
import { emitFor, throttled, type AccountDeps } from "./action-deps.js";
import type { Registration } from "./auth-actions.js";
import type { RegisterResult } from "./results.js";

export async function register(
  deps: AccountDeps,
  req: AuthRequest | undefined,
  { username, password, email }: Registration,
): Promise<RegisterResult> {
  const { accounts, throttle, addressOf, isCommonPassword } = deps;
  const address = req && addressOf(req);
  const permission = req && (await throttle?.takeFor("register", address));
  if (permission?.ok === false) return throttled(permission);
  const name = username.trim();
  if (!isUsername(name)) return { ok: false, reason: "username-invalid" };
  const mail = email?.trim() || undefined;
  if (mail !== undefined && !isEmail(mail)) return { ok: false, reason: "email-invalid" };
  const refusal = await passwordRefusal(password, isCommonPassword);
  if (refusal) return { ok: false, reason: refusal };
  const passwordHash = await hashingGate.runSoon(() => hashOf(password));
  const created = await accounts.create({ username: name, email: mail, passwordHash });
  if (typeof created === "string") return { ok: false, reason: created };
  if (req) await throttle?.remember(created.id, address).catch(() => {}); // optional: the account exists already
  emitFor(deps, "registered", created.id, req);
  return { ok: true, user: publicUser(created) };
}
