/** A login as stored in its session, and how long it is valid. Pure. */
import { defaultTouchInterval } from "../../session/index.js";
import type { User } from "../accounts/user.js";
import { propertyOf } from "../../errors/index.js";

/** A login, as stored in its session under `login`. Times are in milliseconds since 1970. */
export interface LoginRecord {
  /** The logged-in user. */
  readonly user: User;
  /** The id of this login in the user's list of devices; unrelated to the session id. */
  readonly device: string;
  /** The user's epoch when the login began: when the user's epoch changes, the login has ended. */
  readonly epoch: string;
  /** When it began, in milliseconds since 1970. */
  readonly since: number;
  /** The last page view, in milliseconds since 1970, to within a minute. */
  readonly seen: number;
  /**
   * When the user last proved their identity, for example with a password, in milliseconds since 1970; 0 if not known.
   */
  readonly confirmed: number;
  /** "Remember me": the longer timeouts apply. */
  readonly remember: boolean;
}

/** How long a login is valid, in seconds. */
export interface Timeouts {
  /** Seconds without a page view. */
  readonly idle: number;
  /** Seconds since the login, regardless of activity. */
  readonly absolute: number;
}

/** Timeouts in seconds; an omitted one keeps its default. */
export type TimeoutOptions = { readonly [Part in keyof Timeouts]?: Timeouts[Part] | undefined };

export interface LoginTimeouts {
  readonly usual: Timeouts;
  readonly remembered: Timeouts;
}

/** An hour and 12 hours; with "remember me", 14 days and 30 days. */
export const defaultTimeouts: LoginTimeouts = {
  usual: { idle: 3600, absolute: 12 * 3600 },
  remembered: { idle: 14 * 86_400, absolute: 30 * 86_400 },
};

/** Milliseconds after which `seen` is updated: a twentieth of the idle timeout, at most a minute. */
function seenInterval({ idle }: Timeouts): number {
  return defaultTouchInterval(idle) * 1000;
}

/** Reads the login from a session. A session may hold anything under `login`; undefined if it is not a login. */
export function readLogin(session: object | null | undefined): LoginRecord | undefined {
  const login = propertyOf(session, "login");
  return isLogin(login) ? login : undefined;
}

function isLogin(value: unknown): value is LoginRecord {
  const { user, device, epoch, since, seen, confirmed }: Partial<Record<keyof LoginRecord, unknown>> = Object(value);
  const hasTexts = [propertyOf(user, "id"), device, epoch].every((text) => typeof text === "string");
  return hasTexts && [since, seen, confirmed].every((time) => Number.isFinite(time));
}

/** What decides how long a login is valid; also in the list of devices. Times are in milliseconds since 1970. */
export type LoginTimes = Pick<LoginRecord, "since" | "seen" | "remember">;

/** What identifies a login in its user's list of devices. */
export type LoginRef = Pick<LoginRecord, "device" | "epoch" | "since">;

export function isExpired(login: LoginTimes, timeouts: LoginTimeouts, now: number): boolean {
  return isOver({ age: now - login.since, idle: now - login.seen }, timeoutsOf(login, timeouts));
}

export function timeoutsOf({ remember }: Pick<LoginRecord, "remember">, timeouts: LoginTimeouts): Timeouts {
  return remember ? timeouts.remembered : timeouts.usual;
}

/** How long ago a login began and was last used, in milliseconds. */
export interface Lasted {
  readonly age: number;
  readonly idle: number;
}

export function isOver({ age, idle }: Lasted, timeouts: Timeouts): boolean {
  return idle >= timeouts.idle * 1000 || age >= timeouts.absolute * 1000;
}

/** Milliseconds by which the clocks of two machines may differ. */
export const clockSkew = 60_000;

/**
 * The login with its times updated for this request; the same object if no update is due. If the wall clock was
 * adjusted since the login began, `since` is shifted, so that all processes agree on how long it has lasted.
 */
export function seenNow(login: LoginRecord, timeouts: Timeouts, now: number, { age }: Lasted): LoginRecord {
  const sinceSeen = now - login.seen;
  const isDue = sinceSeen >= seenInterval(timeouts) || sinceSeen < -clockSkew;
  const hasStepped = Math.abs(now - login.since - age) > clockSkew;
  if (!isDue && !hasStepped) return login;
  return { ...login, seen: now, since: hasStepped ? Math.round(now - age) : login.since };
}

/** Whether the user proved their identity at most `maxAge` seconds ago. A time in the future does not count, nor 0. */
export function isConfirmed({ confirmed }: LoginRecord, maxAge: number, now: number): boolean {
  return confirmed > 0 && now - confirmed <= maxAge * 1000 && confirmed - now <= clockSkew;
}
