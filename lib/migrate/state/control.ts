/**
 * The move's state in Redis, and the processes that follow it.
 *
 *     HGETALL {holdfast:move}            phase moving, dial 10, other "", version 7, startedAt ..., verified ...,
 *                                        doubt ..., store (the settings of the app's Redis store), ask (what
 *                                        processes must do)
 *     HGETALL {holdfast:move}:processes  <id> -> the time of its last report, and the report
 *     SMEMBERS {holdfast:move}:unmirrored  ids of sessions whose change has not reached the legacy store
 *     GET {holdfast:move}:backfill       the progress of an unfinished backfill
 *
 * All keys are in one slot. Times are from the Redis server's clock, so that the clocks of machines need not agree.
 */
import { createHash, randomBytes } from "node:crypto";
import { defineScript, guardClient, runScript, type GuardedClient, type RedisCommands } from "../../redis/index.js";
import { signals } from "../../signals/index.js";
import type { MoveState } from "./dial.js";
import {
  askOf,
  fieldsOf,
  recordOf,
  stateOf,
  type Ask,
  type BackfillMark,
  type KnownProcess,
  type MoveRecord,
  type ProcessReport,
  type StateFields,
} from "./move-record.js";
import { changeMoveSource, hearProcessSource } from "./scripts/embedded.js";

/** Returns names and values in turn. */
const hearScript = defineScript<string[]>(hearProcessSource);
/** Returns 1 if it wrote the fields. */
const changeScript = defineScript<number>(changeMoveSource);

/** The key of the move's state in Redis, unless the app and the command name another. */
export const defaultKey = "{holdfast:move}";

/**
 * The state of a move in Redis. The steps and the app's processes read and write it; an app needs it to create a
 * `Move`.
 *
 * @example
 * const control = new MoveControl(await createClient({ url }).connect());
 * const move = new Move(control);
 */
export class MoveControl {
  readonly #client: GuardedClient;
  readonly #key: string;

  constructor(
    client: object,
    { key = defaultKey, commandTimeout }: { key?: string | undefined; commandTimeout?: number | undefined } = {},
  ) {
    this.#client = guardClient(client, { commandTimeout });
    this.#key = key;
  }

  /** An id for a process, a question or a run. @example const id = MoveControl.newId(); */
  static newId(): string {
    return randomBytes(8).toString("hex");
  }

  /**
   * The id of the marker, a session that each process keeps in its legacy store. It holds only the phase of the move:
   * it proves which table that is, and remembers the phase if Redis loses it. It is a UUID because some tables require
   * one.
   */
  get markerId(): string {
    const hex = createHash("sha256").update(`holdfast ${this.#key}`).digest("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  /**
   * Sends this process's report and returns the state and the current ask, in one round trip.
   *
   * @example
   * const { state, ask } = await control.report(id, { host, pid, version: 7, pending: 0, overflowed: false });
   */
  async report(id: string, report: ProcessReport): Promise<{ state: MoveState; ask: Ask | undefined }> {
    const fields = await this.#hear([id, JSON.stringify(report)]);
    return { state: stateOf(fields), ask: askOf(fields) };
  }

  /** Removes a process that ends with nothing pending. @example await control.sayGoodbye(id); */
  async sayGoodbye(id: string): Promise<void> {
    await this.#hear([id, ""]);
  }

  /** The state now, by the Redis server's clock. @example const { phase, dial, doubt } = await control.read(); */
  async read(): Promise<MoveRecord> {
    return recordOf(await this.#hear([]));
  }

  /**
   * The processes that follow the move, silent ones included.
   *
   * @example
   * const silent = (await control.processes()).filter(({ silentFor }) => silentFor > 10);
   */
  async processes(): Promise<KnownProcess[]> {
    const { now } = await this.read();
    const entries = Object.entries(await this.#client.hGetAll(this.#processes));
    return entries.map(([id, text]) => {
      const at = Number(text.slice(0, text.indexOf(" ")));
      const report: ProcessReport = JSON.parse(text.slice(text.indexOf(" ") + 1));
      return { id, ...report, silentFor: (now - at) / 1000 };
    });
  }

  /**
   * Writes fields, if the state still has this version; false if it has changed. `""` removes a field.
   *
   * @example
   * const { version } = await control.read();
   * const isChanged = await control.change(version, { dial: 10 });
   */
  async change(version: number, fields: Record<string, string | number>): Promise<boolean> {
    const pairs = Object.entries(fields).flatMap(([name, value]) => [name, String(value)]);
    const isChanged = (await runScript(this.#client, changeScript, [this.#key], [String(version), ...pairs])) === 1;
    if (isChanged) signals.move.changed.send({ version: version + 1, fields });
    return isChanged;
  }

  /**
   * Writes the state back after Redis has lost it. False if it is already there again.
   *
   * @example
   * const known = await control.read();
   * // Redis has lost it meanwhile.
   * await control.restore(known);
   */
  restore(state: MoveState): Promise<boolean> {
    const doubt = "Redis lost the state of the move, and a process restored it.";
    return this.change(0, { ...fieldsOf(state), doubt });
  }

  /**
   * Asks every process to do something with its legacy store. A newer ask replaces an older one.
   *
   * @example
   * const id = await control.ask({ mark: true });
   */
  async ask(what: Omit<Ask, "id">): Promise<string> {
    const id = MoveControl.newId();
    await this.#setField("ask", JSON.stringify({ id, ...what } satisfies Ask));
    return id;
  }

  /** The ask that processes see now. @example const ask = await control.currentAsk(); */
  async currentAsk(): Promise<Ask | undefined> {
    return askOf(await this.#hear([]));
  }

  /** Withdraws this ask, unless a newer one has replaced it. @example await control.endAsk(id); */
  async endAsk(id: string): Promise<void> {
    if ((await this.currentAsk())?.id !== id) return;
    await this.#send((client) => client.hDel(this.#key, "ask"));
  }

  /**
   * Notes that the dial is being turned, at `now` by the Redis server's clock in milliseconds; undefined when it no
   * longer is.
   *
   * @example
   * const { now } = await control.read();
   * await control.noteTurning(now);
   */
  async noteTurning(now: number | undefined): Promise<void> {
    if (now !== undefined) await this.#setField("turningAt", String(now));
    else await this.#send((client) => client.hDel(this.#key, "turningAt"));
  }

  /**
   * Removes a silent process from the list and notes the doubt. A comparison that is already running does not clear it.
   *
   * @example
   * for (const process of await control.processes())
   *   if (process.silentFor > 60) await control.forget(process, "It stopped reporting.");
   */
  async forget({ id }: KnownProcess, doubt: string): Promise<void> {
    await this.#setField("doubt", doubt);
    await this.#send((client) => client.hIncrBy(this.#key, "version", 1));
    await this.#send((client) => client.hDel(this.#processes, id));
  }

  /**
   * Records a session whose change reached Redis but not the legacy store, in case this process ends before it is
   * copied.
   *
   * @example
   * await control.noteUnmirrored(sid);
   */
  async noteUnmirrored(sid: string): Promise<void> {
    await this.#send((client) => client.sAdd(this.#unmirrored, sid));
  }

  /**
   * Whether a change of this session reached Redis but not the legacy store.
   *
   * @example
   * const lags = await control.isUnmirrored(sid);
   */
  async isUnmirrored(sid: string): Promise<boolean> {
    return Number(await this.#send((client) => client.sIsMember(this.#unmirrored, sid))) === 1;
  }

  /** Notes that the legacy store has caught up with these sessions. @example await control.clearUnmirrored(sid); */
  async clearUnmirrored(sids: string | string[]): Promise<void> {
    if (sids.length > 0) await this.#send((client) => client.sRem(this.#unmirrored, sids));
  }

  /**
   * The number of sessions whose change reached Redis but not the legacy store.
   *
   * @example
   * const count = await control.countUnmirrored();
   */
  async countUnmirrored(): Promise<number> {
    return Number(await this.#send((client) => client.sCard(this.#unmirrored)));
  }

  /** The ids of those sessions. @example const sids = await control.unmirrored(); */
  async unmirrored(): Promise<string[]> {
    return this.#send((client) => client.sMembers(this.#unmirrored));
  }

  /**
   * The progress of an unfinished backfill.
   *
   * @example
   * const mark = await control.readBackfill();
   * if (mark) console.log(mark.read, "rows so far");
   */
  async readBackfill(): Promise<BackfillMark | undefined> {
    const text = await this.#client.get(this.#backfill);
    return typeof text === "string" ? JSON.parse(text) : undefined;
  }

  /** Notes how far a backfill is. @example await control.noteBackfill({ after: "f2Kw...", read: 1000 }); */
  async noteBackfill(mark: BackfillMark): Promise<void> {
    await this.#client.set(this.#backfill, JSON.stringify(mark));
  }

  /**
   * Forgets the progress of a backfill: the next one starts from the first row.
   *
   * @example
   * await control.clearBackfill();
   */
  async clearBackfill(): Promise<void> {
    await this.#client.unlink(this.#backfill);
  }

  /** Removes what an earlier move left behind. @example await control.clearTraces(); */
  async clearTraces(): Promise<void> {
    await this.#client.unlink([this.#backfill, this.#unmirrored]);
  }

  get #processes(): string {
    return `${this.#key}:processes`;
  }

  get #unmirrored(): string {
    return `${this.#key}:unmirrored`;
  }

  get #backfill(): string {
    return `${this.#key}:backfill`;
  }

  async #setField(field: string, value: string): Promise<void> {
    await this.#send((client) => client.hSet(this.#key, field, value));
  }

  #send<T>(command: (client: RedisCommands) => Promise<T>): Promise<T> {
    return this.#client.send(this.#key, command);
  }

  async #hear(args: string[]): Promise<StateFields> {
    const reply = await runScript(this.#client, hearScript, [this.#key, this.#processes, this.#unmirrored], args);
    const fields: StateFields = {};
    for (let i = 0; i + 1 < reply.length; i += 2) fields[reply[i]!] = reply[i + 1]!;
    return fields;
  }
}
