/**
 * The move's state in Redis, and the processes that follow it.
 *
 *     HGETALL {holdfast:move}            phase moving, dial 10, other "", version 7, startedAt ..., verified ..., doubt ...
 *     HGETALL {holdfast:move}:processes  <id> -> when it was heard last, and what it says of itself
 *     SMEMBERS {holdfast:move}:unmirrored  ids of sessions whose change did not reach the legacy store
 *     GET {holdfast:move}:backfill       how far a backfill came that was interrupted
 *
 * All keys lie in one slot. Times are those of the Redis server, so that clocks of machines need not agree.
 */
import { randomBytes } from "node:crypto";
import { defineScript, guardClient, runScript, type GuardedClient, type RedisClient } from "../redis/index.js";
import { notBegun, type MoveState, type Phase } from "./dial.js";
import { changeMoveSource, hearProcessSource } from "./scripts/embedded.js";

const hearScript = defineScript(hearProcessSource);
const changeScript = defineScript(changeMoveSource);

export const defaultKey = "{holdfast:move}";

/** Seconds without a word after which a process counts as gone. */
export const silence = 10;

/** What a process says of itself, twice a second. */
export interface ProcessReport {
  readonly host: string;
  readonly pid: number;
  /** The version that all its work under way follows. */
  readonly version: number;
  /** Changes that the mirror does not have yet. */
  readonly pending: number;
  /** More changes were missed than it could remember. */
  readonly overflowed: boolean;
}

export interface KnownProcess extends ProcessReport {
  readonly id: string;
  /** Seconds since it was heard. */
  readonly silentFor: number;
}

/** The state with what only the command needs. */
export interface MoveRecord extends MoveState {
  /** Milliseconds since 1970, on the Redis server's clock. */
  readonly startedAt: number | undefined;
  /** Why the stores may differ: a process went without a word. Cleared by a verification that finds nothing. */
  readonly doubt: string | undefined;
  readonly now: number;
}

export interface BackfillMark {
  /** The last row that was looked at. */
  readonly after: string;
  readonly read: number;
}

export class MoveControl {
  readonly #client: GuardedClient;
  readonly #key: string;

  constructor(
    client: RedisClient,
    { key = defaultKey, commandTimeout }: { key?: string; commandTimeout?: number } = {},
  ) {
    this.#client = guardClient(client, { commandTimeout });
    this.#key = key;
  }

  static newId(): string {
    return randomBytes(8).toString("hex");
  }

  /** One round trip: says what this process does, and learns where the dial stands. */
  async report(id: string, report: ProcessReport): Promise<MoveState> {
    return stateOf(await this.#hear([id, JSON.stringify(report)]));
  }

  /** The process ends and leaves nothing undone. */
  async sayGoodbye(id: string): Promise<void> {
    await this.#hear([id, ""]);
  }

  async read(): Promise<MoveRecord> {
    const fields = await this.#hear([]);
    return { ...stateOf(fields), ...recordOf(fields) };
  }

  async processes(): Promise<KnownProcess[]> {
    const { now } = await this.read();
    const entries = Object.entries((await this.#client.hGetAll(`${this.#key}:processes`)) as Record<string, string>);
    return entries.map(([id, text]) => {
      const at = Number(text.slice(0, text.indexOf(" ")));
      return { id, ...(JSON.parse(text.slice(text.indexOf(" ") + 1)) as ProcessReport), silentFor: (now - at) / 1000 };
    });
  }

  /** Writes fields, if the state still has this version. False: somebody else was faster. `""` removes a field. */
  async change(version: number, fields: Record<string, string | number>): Promise<boolean> {
    const pairs = Object.entries(fields).flatMap(([name, value]) => [name, String(value)]);
    return (await this.#run(changeScript, [this.#key], [String(version), ...pairs])) === 1;
  }

  /** Takes a silent process off the list, and notes the doubt that it leaves; a comparison under way does not settle it. */
  async forget({ id }: KnownProcess, doubt: string): Promise<void> {
    await this.#client.run(this.#key, () => this.#commands.hSet(this.#key, "doubt", doubt));
    await this.#client.run(this.#key, () => this.#commands.hIncrBy(this.#key, "version", 1));
    await this.#client.run(this.#key, () => this.#commands.hDel(`${this.#key}:processes`, id));
  }

  /** Sessions whose change reached Redis and not the legacy store; they are there also when this process is not any more. */
  async noteUnmirrored(sid: string): Promise<void> {
    await this.#client.run(this.#key, () => this.#commands.sAdd(`${this.#key}:unmirrored`, sid));
  }

  async isUnmirrored(sid: string): Promise<boolean> {
    return (
      Number(await this.#client.run(this.#key, () => this.#commands.sIsMember(`${this.#key}:unmirrored`, sid))) === 1
    );
  }

  async clearUnmirrored(sids: string | string[]): Promise<void> {
    if (sids.length > 0) await this.#client.run(this.#key, () => this.#commands.sRem(`${this.#key}:unmirrored`, sids));
  }

  async countUnmirrored(): Promise<number> {
    return Number(await this.#client.run(this.#key, () => this.#commands.sCard(`${this.#key}:unmirrored`)));
  }

  async unmirrored(): Promise<string[]> {
    return (await this.#client.run(this.#key, () => this.#commands.sMembers(`${this.#key}:unmirrored`))) as string[];
  }

  /** Where a backfill that was interrupted goes on. */
  async readBackfill(): Promise<BackfillMark | undefined> {
    const text = await this.#client.get(`${this.#key}:backfill`);
    return typeof text === "string" ? (JSON.parse(text) as BackfillMark) : undefined;
  }

  async noteBackfill(mark: BackfillMark): Promise<void> {
    await this.#client.set(`${this.#key}:backfill`, JSON.stringify(mark));
  }

  async clearBackfill(): Promise<void> {
    await this.#client.unlink(`${this.#key}:backfill`);
  }

  /** What an earlier move has left behind. */
  async clearTraces(): Promise<void> {
    await this.#client.unlink([`${this.#key}:backfill`, `${this.#key}:unmirrored`]);
  }

  get #commands(): SetCommands {
    return this.#client.client as unknown as SetCommands;
  }

  async #hear(args: string[]): Promise<Record<string, string>> {
    const reply = (await this.#run(
      hearScript,
      [this.#key, `${this.#key}:processes`, `${this.#key}:unmirrored`],
      args,
    )) as string[];
    const fields: Record<string, string> = {};
    for (let i = 0; i + 1 < reply.length; i += 2) fields[reply[i]!] = reply[i + 1]!;
    return fields;
  }

  #run(script: typeof hearScript, keys: string[], args: string[]): Promise<unknown> {
    return runScript(this.#client, script, keys, args);
  }
}

interface SetCommands {
  hSet(key: string, field: string, value: string): Promise<unknown>;
  hIncrBy(key: string, field: string, by: number): Promise<unknown>;
  hDel(key: string, field: string): Promise<unknown>;
  sAdd(key: string, member: string): Promise<unknown>;
  sRem(key: string, member: string | string[]): Promise<unknown>;
  sCard(key: string): Promise<unknown>;
  sIsMember(key: string, member: string): Promise<unknown>;
  sMembers(key: string): Promise<unknown>;
}

function stateOf(fields: Record<string, string>): MoveState {
  if (fields["phase"] === undefined) return { ...notBegun, version: Number(fields["version"] ?? 0) };
  const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  return {
    phase: fields["phase"] as Phase,
    dial: Number(fields["dial"] ?? 0),
    other: numberOf(fields["other"]),
    isComplete: fields["complete"] === "1",
    verified: numberOf(fields["verified"]),
    unmirrored: Number(fields["unmirrored"] ?? 0),
    version: Number(fields["version"] ?? 0),
  };
}

function recordOf(fields: Record<string, string>): Omit<MoveRecord, keyof MoveState> {
  return {
    startedAt: fields["startedAt"] === undefined ? undefined : Number(fields["startedAt"]),
    doubt: fields["doubt"],
    now: Number(fields["now"]),
  };
}
