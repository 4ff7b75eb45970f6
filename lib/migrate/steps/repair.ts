/** Updates the copy of one session from its home, and decides whether a repair of many sessions is plausible. */
import { codes, HoldfastError } from "../../errors/index.js";
import { type RedisSessionStore, repositoryOf } from "../../express-session/index.js";
import type { MoveControl } from "../state/control.js";
import { homeOf } from "../state/dial.js";
import { judge, readRedis, type Action } from "./judge.js";
import type { Row, RowLeft, Source } from "../sources/types.js";
import { readRow } from "./stored-row.js";

export interface RepairParts {
  readonly source: Source;
  readonly redis: RedisSessionStore;
  readonly control: MoveControl;
}

/** How often a repair retries a session that keeps changing. */
const rounds = 10;
/** Seconds; longer than any save can take. */
const buriedFor = 86_400;

/** `rejection`: a store rejects the session, for this reason if it gives one. */
export type Repaired = { readonly isDone: true } | { readonly isDone: false; readonly rejection?: string };

/** @throws what a store throws; see `isRejection` */
export async function repair(parts: RepairParts, sid: string): Promise<Repaired> {
  const { source, redis, control } = parts;
  for (let round = 0; round < rounds; round++) {
    const state = await control.read(); // the dial may be turned meanwhile
    const row = (await source.find([sid])).get(sid);
    const isUnmirrored = state.unmirrored > 0 && (await control.isUnmirrored(sid));
    const home = isUnmirrored ? "redis" : homeOf(sid, state);
    const rejected = home === "redis" ? await repairLegacy(parts, sid, row, state.isComplete) : undefined;
    if (home === "legacy") await repairRedis(parts, sid, row);
    if (rejected) return { isDone: false, rejection: rejected.reason };
    const after = (await source.find([sid])).get(sid);
    const { verdict } = await judge(redis, sid, after, { home, redisHasAll: state.isComplete });
    if (verdict === "same" || verdict === "none") {
      if (isUnmirrored) await control.clearUnmirrored(sid);
      return { isDone: true };
    }
    if (verdict === "unreadable" || verdict === "unreadableInRedis") break;
  }
  return { isDone: false };
}

async function repairLegacy(
  { source, redis }: RepairParts,
  sid: string,
  row: Row | undefined,
  redisHasAll: boolean,
): Promise<RowLeft | undefined> {
  const inRedis = await readRedis(redis, sid);
  if (inRedis.kind === "unreadable") return undefined;
  if (inRedis.kind === "session") {
    const expires = Date.now() + (await repositoryOf(redis).transfer.secondsLeft(sid)) * 1000;
    return (await source.write([{ sid, text: JSON.stringify(inRedis.data), expires }]))?.[0];
  }
  const session = row && readRow(row, Date.now());
  if (session?.kind !== "live") return undefined; // expired, or not a session
  if (inRedis.kind === "dead" || redisHasAll) await source.remove([sid]);
  else {
    // It has not been backfilled yet.
    await repositoryOf(redis).transfer.put(sid, session.data, { onlyIfAbsent: true, seconds: session.seconds });
  }
  return undefined;
}

async function repairRedis({ source, redis }: RepairParts, sid: string, row: Row | undefined): Promise<void> {
  const session = row && readRow(row, Date.now());
  if (session?.kind === "unreadable" || (await readRedis(redis, sid)).kind === "unreadable") return;
  if (session?.kind !== "live") return repositoryOf(redis).transfer.bury(sid, buriedFor);
  const result = await repositoryOf(redis).transfer.put(sid, session.data, {
    onlyIfAbsent: false,
    seconds: session.seconds,
  });
  if (result === "dead") await source.remove([sid]);
}

const failuresOfTheStore: readonly string[] = [
  codes.SOURCE_UNREACHABLE,
  codes.SOURCE_REFUSED_LOGIN,
  codes.SOURCE_TABLE,
  codes.STORE_UNAVAILABLE,
];

/**
 * Whether a store works but rejects this session, as PostgreSQL rejects text with a NUL. False: the store itself
 * failed.
 */
export function isRejection(error: unknown): boolean {
  return HoldfastError.is(error) && !failuresOfTheStore.includes(error.code);
}

/** How many sessions a repair would write or remove, and out of how many. */
export interface Plan extends Record<Action, number> {
  /** Live sessions in the table. */
  readonly rows: number;
  /** Sessions in Redis. */
  readonly keys: number;
}

/** So few sessions may be ended without confirmation. */
const few = 4;

/** Why a repair looks like a mistake and needs confirmation; undefined if it does not. */
export function objection({ put, write, bury, remove, rows, keys }: Plan): string | undefined {
  if (put + write + bury + remove === 0) return undefined;
  if (rows === 0 && keys > 0)
    return (
      `The table has no live session, but Redis has ${keys}. If it is the right table, repeat with --end-many: ` +
      `${intent({ put, write, bury, remove })}.`
    );
  const isMany = (ended: number, of: number) => ended > few && ended * 4 > of;
  if (!isMany(bury, keys) && !isMany(remove, rows)) return undefined;
  const which = isMany(bury, keys) ? `${bury} of ${keys} sessions in Redis` : `${remove} of ${rows} rows`;
  return (
    `This would end ${which}. If they were really logged out, repeat with --end-many: ` +
    `${intent({ put, write, bury, remove })}.`
  );
}

/** `would write 3 sessions into the table and end 1 in Redis` */
export function intent({ put, write, bury, remove }: Record<Action, number>): string {
  const parts = [
    write > 0 && `write ${write} into the table`,
    remove > 0 && `remove ${remove} from the table that ended in Redis`,
    put > 0 && `write ${put} into Redis`,
    bury > 0 && `end ${bury} in Redis that the table does not have`,
  ].filter(Boolean);
  const last = String(parts.pop() ?? "write nothing");
  return `it would ${parts.length > 0 ? `${parts.join(", ")} and ${last}` : last}`;
}
