/** The fields of a user's list of devices, and what they say about a login. Pure. */
import { isExpired, type LoginRef, type LoginTimeouts, type LoginTimes } from "./login-record.js";

/** A login as its user sees it, and as the list stores it. */
export interface DeviceEntry extends LoginTimes {
  /** Such as `Firefox on Linux`. */
  readonly agent: string;
  /** The approximate location at its last request. */
  readonly where: string;
}

/** `holds`: valid. `missing`: the epoch is right, but there is no entry. `expired`: ended by its own timeout. */
type LoginStatus = "holds" | "missing" | "expired" | "ended";

/** A login as the list has it. */
export interface LoginState {
  readonly status: LoginStatus;
  /** Undefined unless it holds. */
  readonly entry: DeviceEntry | undefined;
}

export interface Field {
  readonly name: string;
  readonly text: string;
  /** Undefined for a mark, and for what cannot be read. */
  readonly entry: DeviceEntry | undefined;
}

export const fieldPrefix = "d:";
/** Appended to the time of a mark. */
export const expiredSuffix = "k";
export const field = (device: string) => fieldPrefix + device;
export const refArgs = ({ device, epoch, since }: LoginRef) => [field(device), epoch, String(since)];
export const isMark = (text: string) => text.startsWith("-");
export const timeOf = (mark: string) => Number.parseInt(mark.slice(1), 10) || 0;

export function readField(name: string, text: string): Field {
  return { name, text, entry: readEntry(text) };
}

function readEntry(text: string): DeviceEntry | undefined {
  if (!text.startsWith("{")) return undefined;
  const entry: DeviceEntry = JSON.parse(text);
  return Number.isFinite(entry.since) && Number.isFinite(entry.seen) ? entry : undefined;
}

/** What the list says about a login, from its values as Redis returned them. */
export function stateOf(
  login: LoginRef,
  { epoch, floor, text }: { epoch: unknown; floor: unknown; text: unknown },
): LoginState {
  return { status: statusOf(login, epoch, floor, text), entry: typeof text === "string" ? readEntry(text) : undefined };
}

function statusOf(login: LoginRef, epoch: unknown, floor: unknown, text: unknown): LoginStatus {
  if (epoch !== login.epoch) return "ended";
  if (typeof text !== "string") return login.since <= Number(floor ?? Number.NEGATIVE_INFINITY) ? "ended" : "missing";
  if (!isMark(text)) return "holds";
  return text.endsWith(expiredSuffix) ? "expired" : "ended";
}

/** Whether a field has nothing to say any more: what it is about ended longer ago than a login can last (seconds). */
export function isOutdated({ text, entry }: Field, timeouts: LoginTimeouts, lifetime: number, now: number): boolean {
  return entry ? isExpired(entry, timeouts, now) : !isMark(text) || timeOf(text) + lifetime * 1000 < now;
}
