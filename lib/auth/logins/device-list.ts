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
 *
 * Whatever ends a login also publishes the user's id, if the Redis user may: a hint for those who watch logins of this
 * user to look at the list. It proves nothing, so it can neither be forged nor come too late.
 */
import { createHash, randomBytes } from "node:crypto";
import {
  defineScript,
  runScript,
  Subscription,
  type GuardedClient,
  type Script,
  type SubscriptionListener,
} from "../../redis/index.js";
import {
  expiredSuffix,
  field,
  fieldPrefix,
  isMark,
  isOutdated,
  readField,
  refArgs,
  stateOf,
  timeOf,
  type DeviceEntry,
  type Field,
  type LoginState,
} from "./device-entry.js";
import { isExpired, type LoginRef, type LoginTimeouts } from "./login-record.js";
import {
  announceSource,
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
const announceScript = defineScript(announceSource);

/** One of the user's devices: a valid login, with the id that `endDevice` accepts. */
export interface Device extends DeviceEntry {
  /** Its id in the list. */
  readonly id: string;
}

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
  { kept: { asker: LoginRef; entry: DeviceEntry }; isGone?: undefined } | { kept?: undefined; isGone?: boolean };

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
    const reply = await this.#run(openScript, userId, [...args, this.#channel, userId]);
    if (reply === null) return undefined;
    if (reply[1] > mostFields) await this.#makeRoom(userId, device);
    else if (reply[1] % tidyEvery === 0) await this.#tidy(userId);
    return reply[0];
  }

  /** Whether a login is valid. One HMGET. */
  async stateOf(userId: string, login: LoginRef): Promise<LoginState> {
    const [state] = await this.statesOf(userId, [login]);
    return state!;
  }

  /** Whether logins of one user are valid, in the same order. One HMGET. */
  async statesOf(userId: string, logins: readonly LoginRef[]): Promise<LoginState[]> {
    const key = this.#key(userId);
    const names = ["epoch", "floor", ...logins.map(({ device }) => field(device))];
    const [epoch, floor, ...texts] = await this.#client.send(key, (client) => client.hmGet(key, names));
    return logins.map((login, i) => stateOf(login, { epoch, floor, text: texts[i] }));
  }

  /** Hears the ids of users of whom a login has just ended, in any process. */
  hearEnds(listener: SubscriptionListener): Subscription {
    return new Subscription(this.#client.client, this.#channel, listener);
  }

  /** Publishes as the end of a login does, but fails if the Redis user may not. Nobody has an empty id. */
  async tryToAnnounce(): Promise<void> {
    await this.#run(announceScript, "", [this.#channel, ""]);
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
   * Ends all logins; with `kept`, all except the asker, which continues in the new epoch: its session needs a new id, and
   * its device keeps its own, so that a logout that overlaps also ends what it continues as. Returns the new epoch;
   * undefined if the asker itself has ended, and then nothing was done.
   *
   * @param isGone the user no longer exists, so that no session of theirs can be taken over
   */
  async endAll(userId: string, { kept, isGone = false }: EndAllOptions = {}): Promise<string | undefined> {
    const epoch = DeviceList.newId();
    const continued = kept ? [...refArgs(kept.asker), JSON.stringify(kept.entry)] : [];
    const remembered = isGone ? "0" : this.#revocationSeconds;
    const args = [epoch, this.#seconds, remembered, this.#channel, userId, ...continued];
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
    const fields = await this.#fields(userId);
    await this.#drop(
      userId,
      fields.filter((one) => isOutdated(one, this.#timeouts, this.#lifetime, now)),
    );
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
      .map(([name, text]) => readField(name, text));
  }

  #end(userId: string, device: string, by: LoginRef, suffix: string): Promise<unknown> {
    const args = [field(device), String(Date.now()), suffix, this.#revocationSeconds, ...refArgs(by)];
    return this.#run(endScript, userId, [...args, this.#channel, userId]);
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

  get #channel(): string {
    return `${this.#client.keyPrefix}${this.#prefix}devices:ended`;
  }

  #key(userId: string): string {
    return `${this.#prefix}devices:${userId}`;
  }
}
