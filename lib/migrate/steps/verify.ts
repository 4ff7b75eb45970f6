/** Compares both stores, session by session, in both directions. The repair takes a session's home as the truth. */
import { setTimeout as delay } from "node:timers/promises";
import { isHashedName, sessionLabel } from "../../errors/index.js";
import { type RedisSessionStore, repositoryOf } from "../../express-session/index.js";
import type { MoveControl } from "../state/control.js";
import { homeOf } from "../state/dial.js";
import { InFlight } from "../sources/in-flight.js";
import { judge, type Judgment } from "./judge.js";
import { refusal } from "../state/machine.js";
import { countSessions, proveSource } from "./proof.js";
import { isRejection, objection, repair, type Plan } from "./repair.js";
import { proveTimes } from "../sources/proof.js";
import type { Row, Source } from "../sources/types.js";
import { readRow } from "./stored-row.js";

/** Rows per read, if they are small. */
const mostRows = 500;
/** Pages whose differences are rechecked while the next pages are read. */
const mostRechecks = 16;
/**
 * A difference counts only if it is still there after these waits, in milliseconds: visitors keep changing their
 * sessions.
 */
const recheckDelays = [200, 800, 2000];

/** The options of `verify()`. */
export interface VerifyOptions {
  source: Source;
  redis: RedisSessionStore;
  control: MoveControl;
  /** Update each copy that differs from its home. @default false */
  repair?: boolean | undefined;
  /** Continue even if the times in the table look wrong. @default false */
  acceptTimes?: boolean | undefined;
  /** Continue even if a repair would end many sessions, or the table is empty. @default false */
  endMany?: boolean | undefined;
  /**
   * The source is known to be the app's own table, for example because the app opened it.
   *
   * @default false: it is proven first
   */
  trustSource?: boolean | undefined;
  /** Called with what a repair would do, before it does anything; returning false stops it. @default none */
  onPlan?: ((plan: Plan) => boolean | undefined | void | Promise<boolean | undefined | void>) | undefined;
  /** Stops the comparison early; its result then has `isComplete: false`. @default none */
  signal?: AbortSignal | undefined;
  /** Called now and then, with the result so far. @default none */
  onProgress?: ((progress: VerifyResult) => void) | undefined;
}

/** What `verify()` found. */
export interface VerifyResult {
  /** Rows in the table when the comparison began, expired ones included. */
  readonly total: number;
  /** Rows that were read. */
  readonly read: number;
  /** Redis keys that were checked, after all rows. */
  readonly keys: number;
  /** The number of sessions that both stores have, with the same values. */
  readonly same: number;
  /** The number of sessions whose values differ. */
  readonly differing: number;
  /** The number of sessions that only the legacy store has. */
  readonly onlyLegacy: number;
  /** The number of sessions that only Redis has. */
  readonly onlyRedis: number;
  /** The number of differences that were repaired. */
  readonly repaired: number;
  /** Rows that are not sessions; they are not compared. */
  readonly unreadable: number;
  /** Sessions whose value in Redis cannot be read; they are not changed. */
  readonly unreadableInRedis: number;
  /** Differences that could not be repaired because a store rejects the session. */
  readonly failed: number;
  /**
   * Short hashes of those, with the store's reason if it gave one, and of what cannot be read in Redis; the first
   * hundred.
   */
  readonly leftBehind: readonly string[];
  /** Short hashes of the ids of sessions that differ, the first hundred. */
  readonly examples: readonly string[];
  /** What a repair does, or would do. */
  readonly plan: Plan;
  /** False if the comparison was stopped. */
  readonly isComplete: boolean;
}

/** After a move, the option `hashIds` may have been switched on; then nobody knows the ids that a row would need. */
function hashedIds(): Error {
  return refusal(
    "Redis has sessions under hashes of their ids (the option `hashIds`), which cannot be compared with a database or moved " +
      "back there. Switch the option off first, and wait until they are stored under their ids; see docs/storage.md.",
  );
}

/** The number of differences that remain. */
export function remainingIn({ differing, onlyLegacy, onlyRedis, unreadableInRedis, repaired }: VerifyResult): number {
  return differing + onlyLegacy + onlyRedis + unreadableInRedis - repaired;
}

/** Whether all remaining differences are beyond repair: rejected by a store, or unreadable. */
export function isOnlyStuck(result: VerifyResult): boolean {
  return remainingIn(result) === result.failed + result.unreadableInRedis;
}

/**
 * Compares both stores, session by session, in both directions, and with `repair` updates each copy from its home.
 *
 * @throws HoldfastError MOVE_UNPROVEN, MOVE_REFUSED, and what the source throws
 * @example
 * const { differing, onlyLegacy, onlyRedis } = await verify({ source, redis, control });
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  if (!options.repair) {
    await prove(options);
    return compare(options);
  }
  const before = await planRepair(options);
  return before.isComplete && remainingIn(before) > 0 ? compare(options) : before;
}

/**
 * Computes what a repair would change, and refuses if that is implausibly much.
 *
 * @returns with `isComplete: false` if it was stopped; nothing must be changed then
 * @throws HoldfastError MOVE_UNPROVEN, MOVE_REFUSED, and what the source throws
 */
export async function planRepair(options: VerifyOptions): Promise<VerifyResult> {
  await prove(options);
  const before = await compare({ ...options, repair: false }, []);
  if (!before.isComplete || remainingIn(before) === 0) return before;
  const sentence = objection(before.plan);
  if (sentence !== undefined && !options.endMany) throw refusal(sentence);
  return (await options.onPlan?.(before.plan)) === false ? { ...before, isComplete: false } : before;
}

async function prove({ source, control, repair, trustSource }: VerifyOptions): Promise<void> {
  const { phase } = await control.read();
  if (!trustSource && phase !== "off") await proveSource({ source, control }, { fresh: Boolean(repair) });
}

export async function compare(options: VerifyOptions, delays = recheckDelays): Promise<VerifyResult> {
  const { source, redis, control, signal } = options;
  if (!options.acceptTimes) await proveTimes(source);
  const leftBehind: string[] = [];
  const examples: string[] = [];
  const plan = { put: 0, write: 0, bury: 0, remove: 0, rows: 0, keys: 0 };
  const result = {
    total: await countSessions({ source, control }),
    read: 0,
    keys: 0,
    same: 0,
    differing: 0,
    onlyLegacy: 0,
    onlyRedis: 0,
    repaired: 0,
    unreadable: 0,
    unreadableInRedis: 0,
    failed: 0,
    leftBehind,
    examples,
    plan,
    isComplete: false,
  };
  const state = await control.read();
  const unmirrored = await control.unmirrored();
  const inFlight = new InFlight();
  const rechecks = new Set<Promise<void>>();
  /** Sessions that were counted as differing: the pass over Redis meets them again. */
  const counted = new Set<string>();

  for (let after: string | undefined; !signal?.aborted;) {
    const rows = await source.rows(after, inFlight.pageSize(mostRows));
    if (rows.length === 0) break;
    inFlight.saw(rows.map(({ text }) => text.length));
    after = rows.at(-1)!.sid;
    const sessions = rows.filter(({ sid }) => sid !== control.markerId);
    // An expired row counts as absent: if Redis has the session, the pass over Redis finds it.
    const present = sessions.filter((row) => readRow(row, Date.now()).kind !== "expired");
    await judgeAll(
      new Map(present.map((row) => [row.sid, row])),
      Array.from(present, ({ sid }) => sid),
    );
    result.read += sessions.length;
    options.onProgress?.({ ...result });
  }
  inFlight.forget();
  for await (const group of repositoryOf(redis).list()) {
    if (group.some(isHashedName)) throw hashedIds();
    for (let i = 0; i < group.length && !signal?.aborted;) {
      const sids = group.slice(i, (i += inFlight.pageSize(mostRows)));
      const rows = await source.find(sids);
      // Those that have a live row were compared in the pass over the table.
      const isAbsent = (sid: string) => !["live", "unreadable"].includes(kindOf(rows.get(sid)));
      await judgeAll(
        rows,
        sids.filter((sid) => isAbsent(sid) && !counted.has(sid)),
      );
      result.keys += sids.length;
      options.onProgress?.({ ...result });
    }
    if (signal?.aborted) break;
  }
  await Promise.all(rechecks);
  result.isComplete = !signal?.aborted;
  // A process may have noted these and ended. Now that both stores are equal, nothing remains to be copied.
  if (result.isComplete && remainingIn(result) === 0) await control.clearUnmirrored(unmirrored);
  return result;

  async function judgeAll(rows: Map<string, Row>, sids: readonly string[]): Promise<void> {
    const judged = await judgeEach(sids, rows);
    const differing: string[] = [];
    for (const [sid, judgment] of judged) {
      if (isAgreed(judgment)) count(sid, judgment);
      else differing.push(sid);
    }
    if (differing.length === 0) return;
    if (delays.length === 0) return differing.forEach((sid) => count(sid, judged.get(sid)!));
    const pending = recheck(differing, judged).finally(() => rechecks.delete(pending));
    pending.catch(() => {}); // reported where it is awaited
    rechecks.add(pending);
    if (rechecks.size >= mostRechecks) await Promise.race(rechecks);
  }

  async function recheck(sids: readonly string[], judged: Map<string, Judgment>): Promise<void> {
    for (const pause of delays) {
      await delay(pause);
      const rows = await inFlight.run(undefined, () => source.find(sids));
      judged = await judgeEach(sids, rows);
      for (const [sid, judgment] of judged) {
        if (!isAgreed(judgment)) continue;
        count(sid, judgment);
        judged.delete(sid);
      }
      sids = [...judged.keys()];
      if (sids.length === 0) return;
    }
    for (const [sid, judgment] of judged) {
      if (signal?.aborted) return;
      count(sid, judgment);
      if (options.repair && judgment.action) await repairOne(sid);
    }
    options.onProgress?.({ ...result });
  }

  /** One session that a store rejects must not block the others. */
  async function repairOne(sid: string): Promise<void> {
    try {
      const done = await repair(options, sid);
      if (done.isDone) return void result.repaired++;
      if (done.rejection === undefined) return;
      result.failed++;
      leaveBehind(sid, done.rejection);
    } catch (error) {
      if (!isRejection(error)) throw error;
      result.failed++;
      leaveBehind(sid);
    }
  }

  async function judgeEach(sids: readonly string[], rows: Map<string, Row>): Promise<Map<string, Judgment>> {
    const judged = await Promise.all(
      sids.map(async (sid) => {
        const row = rows.get(sid);
        const circumstances = { home: homeOf(sid, state), redisHasAll: state.isComplete };
        return [sid, await inFlight.run(row?.text.length, () => judge(redis, sid, row, circumstances))] as const;
      }),
    );
    inFlight.saw(judged.flatMap(([, { size }]) => (size > 0 ? [size] : [])));
    return new Map(judged);
  }

  function count(sid: string, { verdict, action }: Judgment): void {
    if (verdict === "none") return;
    if (verdict === "same") {
      plan.rows++;
      plan.keys++;
    } else if (verdict !== "unreadable") {
      if (counted.has(sid)) return;
      counted.add(sid);
      if (verdict === "unreadableInRedis") leaveBehind(sid);
      else if (result.examples.length < 100) result.examples.push(sessionLabel(sid));
      if (verdict !== "onlyRedis") plan.rows++;
      if (verdict !== "onlyLegacy") plan.keys++;
      if (action) plan[action]++;
    }
    result[verdict]++;
  }

  function leaveBehind(sid: string, reason?: string): void {
    const label = sessionLabel(sid);
    if (result.leftBehind.length < 100) result.leftBehind.push(reason === undefined ? label : `${label} (${reason})`);
  }
}

function isAgreed({ verdict }: Judgment): boolean {
  return verdict === "same" || verdict === "none" || verdict === "unreadable";
}

function kindOf(row: Row | undefined): string {
  return row ? readRow(row, Date.now()).kind : "none";
}
