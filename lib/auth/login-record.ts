/** What a session holds of a login, and how long that counts. Pure. */
import { defaultTouchInterval } from "../store/index.js";
import type { User } from "./user.js";

/** Lies in the session under `login`. Times are milliseconds since 1970. */
export interface LoginRecord {
  readonly user: User;
  /** Names this login in the list of the user's devices; tells nothing about the session's id. */
  readonly device: string;
  /** The user's epoch when the login began: it is over as soon as the user has another one. */
  readonly epoch: string;
  readonly since: number;
  /** The last page view, to within a minute. */
  readonly seen: number;
  /** When the password was checked last; 0 for a login that this package did not see. */
  readonly confirmed: number;
  /** "Remember me": the longer pair of timeouts holds. */
  readonly remember: boolean;
}

/** Seconds. */
export interface Timeouts {
  /** Without a page view. */
  readonly idle: number;
  /** Since the login, whatever happens. */
  readonly absolute: number;
}

export interface LoginTimeouts {
  readonly usual: Timeouts;
  readonly remembered: Timeouts;
}

/** The proposals of the issue at hand: an hour and half a day; two weeks and a month with "remember me". */
export const defaultTimeouts: LoginTimeouts = {
  usual: { idle: 3600, absolute: 12 * 3600 },
  remembered: { idle: 14 * 86_400, absolute: 30 * 86_400 },
};

/** How old `seen` may get before it is written anew: a twentieth of the idle timeout, at most a minute. In milliseconds. */
export function seenInterval({ idle }: Timeouts): number {
  return defaultTouchInterval(idle) * 1000;
}

/** A session can hold anything under `login`, written by anyone; what is not a record counts as none. */
export function readRecord(session: object | null | undefined): LoginRecord | undefined {
  const record = (session as { login?: Partial<LoginRecord> } | null | undefined)?.login;
  if (typeof record !== "object" || record === null) return undefined;
  const { user, device, epoch, since, seen, confirmed } = record;
  const hasTexts = typeof user?.id === "string" && typeof device === "string" && typeof epoch === "string";
  const hasTimes = [since, seen, confirmed].every((time) => Number.isFinite(time));
  return hasTexts && hasTimes ? (record as LoginRecord) : undefined;
}

/** What tells how long a login counts; an entry in the list of devices has it too. */
export type Lived = Pick<LoginRecord, "since" | "seen" | "remember">;

export function isExpired(login: Lived, timeouts: LoginTimeouts, now: number): boolean {
  const { idle, absolute } = login.remember ? timeouts.remembered : timeouts.usual;
  return now >= login.seen + idle * 1000 || now >= login.since + absolute * 1000;
}
