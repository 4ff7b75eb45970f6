/** The logins whose end somebody in this process waits for, and whether one has ended. */
import { codes, errorText, warnOnce } from "../../errors/index.js";
import type { LoginState } from "./device-entry.js";
import type { LoginContext } from "./login-context.js";
import { isOver, type LoginRecord } from "./login-record.js";

/** Why a login is over: it was ended, or its timeouts have passed. */
export type EndedReason = "ended" | "expired";

/** Called once, when a login is over. */
export type EndedListener = (reason: EndedReason) => unknown;

export interface WatchedLogin {
  readonly login: LoginRecord;
  readonly sid: string | undefined;
  readonly listeners: Set<EndedListener>;
}

export class WatchedLogins {
  readonly #byUser = new Map<string, Map<string, WatchedLogin>>();

  get isEmpty(): boolean {
    return this.#byUser.size === 0;
  }

  get users(): string[] {
    return [...this.#byUser.keys()];
  }

  of(userId: string): WatchedLogin[] {
    return [...(this.#byUser.get(userId)?.values() ?? [])];
  }

  /** @param listener a function of its own for each socket */
  add(login: LoginRecord, sid: string | undefined, listener: EndedListener): void {
    const logins = this.#byUser.get(login.user.id) ?? new Map<string, WatchedLogin>();
    this.#byUser.set(login.user.id, logins);
    const watched = logins.get(keyOf(login)) ?? { login, sid, listeners: new Set() };
    logins.set(keyOf(login), watched);
    watched.listeners.add(listener);
  }

  remove(login: LoginRecord, listener: EndedListener): void {
    const watched = this.#byUser.get(login.user.id)?.get(keyOf(login));
    if (watched?.listeners.delete(listener) && watched.listeners.size === 0) this.#forget(login);
  }

  /** Tells all who wait for the end of this login. */
  end({ login, listeners }: WatchedLogin, reason: EndedReason): void {
    this.#forget(login);
    for (const listener of listeners) tell(listener, reason);
    listeners.clear();
  }

  #forget(login: LoginRecord): void {
    const logins = this.#byUser.get(login.user.id);
    logins?.delete(keyOf(login));
    if (logins?.size === 0) this.#byUser.delete(login.user.id);
  }
}

/** The same device has another epoch where its login continued, or a session of passport was taken over again. */
function keyOf({ device, epoch }: LoginRecord): string {
  return `${device} ${epoch}`;
}

/** An error of the app must not keep other sockets open. */
export function tell(listener: EndedListener, reason: EndedReason): void {
  Promise.resolve()
    .then(() => listener(reason))
    .catch((error: unknown) => {
      warnOnce(
        codes.LISTENER_FAILED,
        `What localAuth() calls at the end of a login (onEnded) threw an error: ${errorText(error)}`,
        "onEnded",
      );
    });
}

/** Why a login is over, by what its user's list says; undefined if it is valid. */
export function endOf(
  { login, sid }: WatchedLogin,
  { status, entry }: LoginState,
  context: LoginContext,
): EndedReason | undefined {
  if (status === "ended" || status === "expired") return status;
  // Pages that were viewed since are noted in the list, not here.
  const latest = entry ? { ...login, since: entry.since, seen: entry.seen } : login;
  return isOver(context.recent.lasted(sid, latest, Date.now()), context.timeoutsOf(login)) ? "expired" : undefined;
}
