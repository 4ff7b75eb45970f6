/** The dependencies of the actions, and what several of them share. */
import type { EventEmitter } from "node:events";
import { emit, type AuthEvents } from "../events.js";
import type { AccountStore } from "../accounts/account-store.js";
import { userId } from "../accounts/user-id.js";
import type { IsCommonPassword } from "../passwords/password-refusal.js";
import type { AuthRequest } from "../request/auth-request.js";
import type { AddressOf } from "../request/visitor.js";
import type { Logins } from "../logins/logins.js";
import type { Attempt } from "../throttle/attempt.js";
import type { KnownBrowsers } from "../throttle/known-browsers.js";
import type { Permission, Throttle } from "../throttle/throttle.js";
import type { CheckCredentials } from "./check-credentials.js";

/** For actions that need no accounts. */
export interface LoginDeps {
  readonly logins: Logins;
  readonly events: EventEmitter<AuthEvents>;
  readonly addressOf: AddressOf;
  /** The session cookie's name, if known. */
  readonly cookieName: string | undefined;
}

/** For actions that find or change accounts. */
export interface AccountDeps extends LoginDeps {
  readonly accounts: AccountStore;
  readonly checkCredentials: CheckCredentials;
  readonly throttle: Throttle | undefined;
  readonly browsers: KnownBrowsers | undefined;
  readonly isCommonPassword: IsCommonPassword | undefined;
}

type UserEvent = "registered" | "password-changed" | "account-disabled" | "account-enabled" | "account-removed";

/** Emits an event about an account. */
export function emitFor(deps: LoginDeps, name: UserEvent, user: string, req?: AuthRequest): void {
  emit(deps.events, name, { user, ...whereAndWhen(deps, req) });
}

export function whereAndWhen({ addressOf }: LoginDeps, req?: AuthRequest) {
  return { address: req && addressOf(req), at: Date.now() };
}

/** The password attempt of this request; undefined if attempts are not counted. */
export function attemptIn({ throttle, browsers, addressOf }: AccountDeps, req: AuthRequest): Attempt | undefined {
  return throttle?.attempt({ address: addressOf(req), browserOf: browsers?.browserOf(req) });
}

/**
 * Undoes an attempt whose password could not be checked (the account store is down, the queue is full): it was not a
 * guess.
 */
export async function undoAndThrow(attempt: Attempt | undefined, error: unknown): Promise<never> {
  await attempt?.undo();
  throw error;
}

export function throttled({ retryAfter }: Extract<Permission, { ok: false }>) {
  return { ok: false, reason: "throttled", retryAfter } as const;
}

/** @throws HoldfastError `HOLDFAST_USER_ID_INVALID` */
export function idAskedFor(id: unknown): string {
  return userId(id, "The requested account");
}
