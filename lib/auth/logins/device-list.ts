/**
 * A user's logins: one HASH per user, which is both the list of devices and the record of which logins are valid.
 *
 *     HGETALL devices:7d0c...
 *       epoch    h3Xk...                        changes when all logins end
 *       revoked  1                              a login was ended by another one
 *       floor    1790000000000                  logins that began by then and are not listed have ended
 *       d:Vb2n.. {"since":...,"seen":...,...}   a valid login
 *       d:Qm81.. -1790000000000                 a mark: the login ended then; with `k` appended, by its own timeout
 *
 * A login is valid as long as its epoch is the user's and its entry is not a mark. If the epoch is right but the entry
 * is missing, it was lost and is written again, unless the login began before the floor: up to there, marks and the
 * oldest logins may have been removed to make room. A user whose HASH is lost gets a new epoch at the next login, so
 * that no ended login comes back. It contains no session ids: an ended login is refused at its session's next request.
 */
import { createHash, randomBytes } from "node:crypto";
import { defineScript, runScript, type GuardedClient, type Script } from "../../redis/index.js";
import { isExpired, type LoginRef, type LoginTimeouts, type LoginTimes } from "./login-record.js";
import {
  dropEntriesSource,
  endAllLoginsSource,
  endLoginSource,
  openLoginSource,
  seeLoginSource,
} from "./scripts/embedded.js";

const openScript = defineScript<[epoch: string, fields: number] | null>(openLoginSource);
const seeScript = defineScript(seeLoginSource);
const endScript = defineScript(endLoginSource);
const endAllScript = defineScript(endAllLoginsSource);
const dropScript = defineScript(dropEntriesSource);

/** A login as its user sees it, and as the list stores it. */
export interface DeviceEntry extends LoginTimes {
  /** Such as `Firefox on Linux`. */
  readonly agent: string;
  /** The approximate location at its last request. */
  readonly where: string;
}

/** One of the user's devices: a valid login, with the id that `endDevice` accepts. */
export interface Device extends DeviceEntry {
  /** Its id in the list. */
  readonly id: string;
}

/** `holds`: valid. `missing`: the epoch is right, but there is no entry. `expired`: ended by its own timeout. */
export type LoginStatus = "holds" | "missing" | "expired" | "ended";

/** Each time this many fields have been added, expired ones are removed. */
const tidyEvery = 50;
/** Maximum logins and marks of one user. */
const mostFields = 2000;
/**
 * Beyond that, this many of the least recently seen logins are removed at once, so that not every login has to make
 * room.
 */
const roomMade = 100;

export interface DeviceListOptions {
  prefix: string;
  timeouts: LoginTimeouts;
  /** Until when passport's own sessions are taken over, and revocations must be remembered. Default: forever. */
  takeOverUntil?: Date | undefined;
}

/** A user who no longer exists has no login to keep. */
type EndAllOptions =
  | { kept: { asker: LoginRef; device: string; entry: DeviceEntry }; isGone?: undefined }
  | { kept?: undefined; isGone?: boolean };

export class DeviceList {
  readonly #client: GuardedClient;
  readonly #prefix: string;
  readonly #timeouts: LoginTimeouts;
  readonly #takeOverUntil: Date | undefined;
  /** Seconds for which a login, and so a mark, can matter. */
  readonly #lifetime: number;

  constructor(client: GuardedClient, { prefix, timeouts, takeOverUntil }: DeviceListOptions) {
    this.#client = client;
    this.#prefix = prefix;
    this.#timeouts = timeouts;
    this.#takeOverUntil = takeOverUntil;
    this.#lifetime = Math.ceil(Math.max(timeouts.usual.absolute, timeouts.remembered.absolute)) + 60;
  }

  static newId(): string {
    return randomBytes(16).toString("base64url");
  }

  /**
   * The id for a session that passport logged in: always the same, so that requests which take it over at the same
   * moment make one login of it, and a late save that brings the session back after its end does not make another one.
   */
  static idOfSession(sid: string): string {
    return createHash("sha256").update(`taken over ${sid}`).digest().subarray(0, 16).toString("base64url");
  }

  /**
   * Adds a new login, and marks `replaced` as ended. Returns the user's epoch; undefined only with `unlessRevoked`, if
   * this login has ended before, or any login of this user has been revoked.
   */
  async add(
    userId: string,
    device: string,
    entry: DeviceEntry,
    { replaced, unlessRevoked = false }: { replaced?: LoginRef | undefined; unlessRevoked?: boolean } = {},
  ): Promise<string | undefined> {
    const old = replaced ? [field(replaced.device), `-${Math.max(entry.since, replaced.since)}`] : ["", ""];
    const kept = [this.#seconds, this.#revocationSeconds];
    const args = [field(device), JSON.stringify(entry), DeviceList.newId(), ...kept, ...old, unlessRevoked ? "1" : "0"];
    const reply = await this.#run(openScript, userId, args);
    if (reply === null) return undefined;
    if (reply[1] > mostFields) await this.#makeRoom(userId, device);
    else if (reply[1] % tidyEvery === 0) await this.#tidy(userId);
    return reply[0];
  }

  /** Whether a login is valid. One HMGET. */
  async statusOf(userId: string, { device, epoch, since }: LoginRef): Promise<LoginStatus> {
    const key = this.#key(userId);
    const names = ["epoch", field(device), "floor"];
    const [now, entry, floor] = await this.#client.send(key, (client) => client.hmGet(key, names));
    if (now !== epoch) return "ended";
    if (typeof entry !== "string") return since <= Number(floor ?? Number.NEGATIVE_INFINITY) ? "ended" : "missing";
    if (!isMark(entry)) return "holds";
    return entry.endsWith(expiredSuffix) ? "expired" : "ended";
  }

  /** Notes that the login was seen; false if it was ended. */
  async noteSeen(userId: string, { device, epoch, since }: LoginRef, entry: DeviceEntry): Promise<boolean> {
    const login = [field(device), JSON.stringify(entry), epoch, String(since)];
    return (await this.#run(seeScript, userId, [...login, this.#seconds, this.#revocationSeconds])) === 1;
  }

  /** Ends a login, even if the list has lost it. With `expired`, notes that it ended by its own timeout. */
  async end(userId: string, login: LoginRef, { expired = false }: { expired?: boolean } = {}): Promise<void> {
    await this.#end(userId, login.device, login, expired ? expiredSuffix : "");
  }

  /** Ends a login of the user at the request of the login `asker`; `refused` if `asker` itself has ended. */
  async endOther(userId: string, device: string, asker: LoginRef): Promise<"ended" | "unknown" | "refused"> {
    const reply = await this.#end(userId, device, asker, "");
    return reply === 1 ? "ended" : reply === 0 ? "unknown" : "refused";
  }

  /**
   * Ends all logins; with `kept`, all except the asker, which continues as `device`. Returns the new epoch; undefined
   * if the asker itself has ended, and then nothing was done.
   *
   * @param isGone the user no longer exists, so that no session of theirs can be taken over
   */
  async endAll(userId: string, { kept, isGone = false }: EndAllOptions = {}): Promise<string | undefined> {
    const epoch = DeviceList.newId();
    const continued = kept ? [...refArgs(kept.asker), field(kept.device), JSON.stringify(kept.entry)] : [];
    const args = [epoch, this.#seconds, isGone ? "0" : this.#revocationSeconds, ...continued];
    return (await this.#run(endAllScript, userId, args)) === 1 ? epoch : undefined;
  }

  /** The valid logins, most recently seen first. */
  async list(userId: string, now = Date.now()): Promise<Device[]> {
    const devices: Device[] = [];
    for (const { name, entry } of await this.#fields(userId)) {
      if (entry && !isExpired(entry, this.#timeouts, now))
        devices.push({ ...entry, id: name.slice(fieldPrefix.length) });
    }
    return devices.toSorted((a, b) => b.seen - a.seen);
  }

  /** Removes what ended longer ago than a login can last. */
  async #tidy(userId: string, now = Date.now()): Promise<void> {
    const isOver = ({ text, entry }: Field) =>
      entry ? isExpired(entry, this.#timeouts, now) : !isMark(text) || timeOf(text) + this.#lifetime * 1000 < now;
    await this.#drop(userId, (await this.#fields(userId)).filter(isOver));
  }

  /** Removes all marks and the least recently seen logins, and raises the floor in their place. */
  async #makeRoom(userId: string, device: string): Promise<void> {
    const fields = await this.#fields(userId);
    const logins = fields.filter(({ name, entry }) => entry && name !== field(device));
    const excess = logins.length - mostFields + roomMade;
    const oldest = logins.toSorted((a, b) => a.entry!.seen - b.entry!.seen).slice(0, Math.max(excess, 0));
    const startTimes = oldest.map(({ entry }) => entry!.since);
    await this.#drop(userId, [...fields.filter(({ entry }) => !entry), ...oldest], Math.max(0, ...startTimes));
  }

  /**
   * Raises the floor, because a login whose mark is removed must not count as lost: it began before the mark was made.
   */
  async #drop(userId: string, fields: readonly Field[], began = 0): Promise<void> {
    if (fields.length === 0) return;
    const floor = Math.max(began, ...fields.filter(({ text }) => isMark(text)).map(({ text }) => timeOf(text)));
    await this.#run(dropScript, userId, [String(floor), ...fields.flatMap(({ name, text }) => [name, text])]);
  }

  async #fields(userId: string): Promise<Field[]> {
    const fields = await this.#client.hGetAll(this.#key(userId));
    return Object.entries(fields)
      .filter(([name]) => name.startsWith(fieldPrefix))
      .map(([name, text]) => ({ name, text, entry: readEntry(text) }));
  }

  #end(userId: string, device: string, by: LoginRef, suffix: string): Promise<unknown> {
    const args = [field(device), String(Date.now()), suffix, this.#revocationSeconds, ...refArgs(by)];
    return this.#run(endScript, userId, args);
  }

  get #seconds(): string {
    return String(this.#lifetime);
  }

  /** Passport's own sessions are in no list, so a revocation is remembered for as long as they can be taken over. */
  get #revocationSeconds(): string {
    if (!this.#takeOverUntil) return "";
    return String(Math.max(0, Math.ceil((this.#takeOverUntil.getTime() - Date.now()) / 1000)));
  }

  #run<Reply>(script: Script<Reply>, userId: string, args: string[]): Promise<Reply> {
    return runScript(this.#client, script, [this.#key(userId)], args);
  }

  #key(userId: string): string {
    return `${this.#prefix}devices:${userId}`;
  }
}

interface Field {
  readonly name: string;
  readonly text: string;
  /** Undefined for a mark, and for what cannot be read. */
  readonly entry: DeviceEntry | undefined;
}

const fieldPrefix = "d:";
/** Appended to the time of a mark. */
const expiredSuffix = "k";
const field = (device: string) => fieldPrefix + device;
const refArgs = ({ device, epoch, since }: LoginRef) => [field(device), epoch, String(since)];
const isMark = (text: string) => text.startsWith("-");
const timeOf = (mark: string) => Number.parseInt(mark.slice(1), 10) || 0;

function readEntry(text: string): DeviceEntry | undefined {
  if (!text.startsWith("{")) return undefined;
  const entry: DeviceEntry = JSON.parse(text);
  return Number.isFinite(entry.since) && Number.isFinite(entry.seen) ? entry : undefined;
}
