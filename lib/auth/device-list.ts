/**
 * A user's logins: one HASH for each user, which is at once the list of devices and what says whether a login holds.
 *
 *     HGETALL devices:7d0c...
 *       epoch    h3Xk...                        changes when all logins end
 *       revoked  1                              some login was ended by another
 *       d:Vb2n.. {"since":...,"seen":...,...}   a login; it holds
 *       d:Qm81.. -1790000000000                 a login that was ended then
 *
 * A login holds while its epoch is the user's and its entry bears no mark. An entry that is missing under the right epoch
 * was lost, and is written anew. A user whose HASH is lost has another epoch at the next login, so that no ended login
 * comes back. No session's id is in it: an ended login is refused at its session's next request.
 */
import { randomBytes } from "node:crypto";
import { defineScript, runScript, type GuardedClient, type Script } from "../redis/index.js";
import { isExpired, type LoginRecord, type LoginTimeouts, type Lived } from "./login-record.js";
import {
  dropEntriesSource,
  endAllLoginsSource,
  endLoginSource,
  openLoginSource,
  seeLoginSource,
} from "./scripts/embedded.js";

const openScript = defineScript(openLoginSource);
const seeScript = defineScript(seeLoginSource);
const endScript = defineScript(endLoginSource);
const endAllScript = defineScript(endAllLoginsSource);
const dropScript = defineScript(dropEntriesSource);

/** What the list says of a login besides; whatever the browser claims to be. */
export interface Entry extends Lived {
  /** As `Firefox on Linux`. */
  readonly agent: string;
  /** Where it was last seen, coarsely. */
  readonly where: string;
}

export interface Device extends Entry {
  readonly id: string;
}

/** A login that asks for something: it must hold when that is done, not only when its request began. */
export type Asker = Pick<LoginRecord, "device" | "epoch">;

/** `missing`: the right epoch, and no entry. */
export type Standing = "holds" | "missing" | "ended";

/** When this many fields have come together, those that count no more are taken off. */
const tidyEvery = 50;
/** Logins of one user, and marks of ended ones. Nobody needs more: with the next one, all others end. */
const mostFields = 2000;

export class DeviceList {
  readonly #client: GuardedClient;
  readonly #prefix: string;
  readonly #timeouts: LoginTimeouts;
  /** The longest that a login, and therefore a mark, can matter. In seconds. */
  readonly #lifetime: number;

  constructor(client: GuardedClient, { prefix, timeouts }: { prefix: string; timeouts: LoginTimeouts }) {
    this.#client = client;
    this.#prefix = prefix;
    this.#timeouts = timeouts;
    this.#lifetime = Math.ceil(Math.max(timeouts.usual.absolute, timeouts.remembered.absolute)) + 60;
  }

  static newId(): string {
    return randomBytes(16).toString("base64url");
  }

  /**
   * Lists a login that begins, in the place of `replaced`. Answers the user's epoch; `undefined` only `unlessRevoked`,
   * where a login of this user was revoked before.
   */
  async open(
    userId: string,
    device: string,
    entry: Entry,
    { replaced, unlessRevoked = false }: { replaced?: string | undefined; unlessRevoked?: boolean } = {},
  ): Promise<string | undefined> {
    const old = replaced === undefined ? "" : field(replaced);
    const forbids = unlessRevoked ? "1" : "0";
    const args = [field(device), JSON.stringify(entry), DeviceList.newId(), this.#seconds, old, forbids];
    const reply = (await this.#run(openScript, userId, args)) as [epoch: string, fields: number] | null;
    if (reply === null) return undefined;
    if (reply[1] > mostFields) return this.endAll(userId, { asker: { device, epoch: reply[0] }, device, entry });
    if (reply[1] % tidyEvery === 0) await this.list(userId);
    return reply[0];
  }

  /** One HMGET. */
  async standingOf(userId: string, { device, epoch }: Pick<LoginRecord, "device" | "epoch">): Promise<Standing> {
    const key = this.#key(userId);
    const client = this.#client.client as unknown as Commands;
    const [now, entry] = await this.#client.run(key, () => client.hmGet(key, ["epoch", field(device)]));
    if (now !== epoch) return "ended";
    if (typeof entry !== "string") return "missing";
    return isMark(entry) ? "ended" : "holds";
  }

  /** Notes that the login was seen. False: it was ended. */
  async see(userId: string, { device, epoch }: Pick<LoginRecord, "device" | "epoch">, entry: Entry): Promise<boolean> {
    return (await this.#run(seeScript, userId, [field(device), JSON.stringify(entry), epoch, this.#seconds])) === 1;
  }

  /** Ends one login; `asker` is the login that wants it, if it is not the same. */
  async end(userId: string, device: string, asker?: Asker, now = Date.now()): Promise<"ended" | "unknown" | "refused"> {
    const by = asker ? [field(asker.device), asker.epoch] : ["", ""];
    const reply = await this.#run(endScript, userId, [field(device), `-${now}`, ...by]);
    return reply === 1 ? "ended" : reply === 0 ? "unknown" : "refused";
  }

  /**
   * Ends all logins; with `kept`, but for the one that asks for it, which goes on as `device`. Answers the new epoch;
   * `undefined` if the login that asks was ended itself, and nothing was done.
   */
  async endAll(userId: string, kept?: { asker: Asker; device: string; entry: Entry }): Promise<string | undefined> {
    const epoch = DeviceList.newId();
    const others = kept
      ? [field(kept.asker.device), kept.asker.epoch, field(kept.device), JSON.stringify(kept.entry)]
      : [];
    return (await this.#run(endAllScript, userId, [epoch, this.#seconds, ...others])) === 1 ? epoch : undefined;
  }

  /** The logins that hold, the one seen last first. */
  async list(userId: string, now = Date.now()): Promise<Device[]> {
    const fields = (await this.#client.hGetAll(this.#key(userId))) as Record<string, string>;
    const devices: Device[] = [];
    const stale: string[] = [];
    for (const [name, text] of Object.entries(fields)) {
      if (!name.startsWith(fieldPrefix)) continue;
      const entry = readEntry(text);
      if (entry && !isExpired(entry, this.#timeouts, now)) devices.push({ ...entry, id: name.slice(2) });
      else if (entry || !isMark(text) || Number(text.slice(1)) + this.#lifetime * 1000 < now) stale.push(name, text);
    }
    if (stale.length > 0) await this.#run(dropScript, userId, stale);
    return devices.toSorted((a, b) => b.seen - a.seen);
  }

  get #seconds(): string {
    return String(this.#lifetime);
  }

  #run(script: Script, userId: string, args: string[]): Promise<unknown> {
    return runScript(this.#client, script, [this.#key(userId)], args);
  }

  #key(userId: string): string {
    return `${this.#prefix}devices:${userId}`;
  }
}

interface Commands {
  hmGet(key: string, fields: string[]): Promise<unknown[]>;
}

const fieldPrefix = "d:";
const field = (device: string) => fieldPrefix + device;
const isMark = (text: string) => text.startsWith("-");

function readEntry(text: string): Entry | undefined {
  if (!text.startsWith("{")) return undefined;
  const entry = JSON.parse(text) as Entry;
  return Number.isFinite(entry.since) && Number.isFinite(entry.seen) ? entry : undefined;
}
