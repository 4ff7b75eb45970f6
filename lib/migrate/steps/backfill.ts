/** The backfill: copies the legacy store's live sessions to Redis, and never overwrites anything there. */
import { setTimeout as delay } from "node:timers/promises";
import { sessionLabel, setupInvalid } from "../../errors/index.js";
import { type RedisSessionStore, repositoryOf } from "../../express-session/index.js";
import { MoveControl } from "../state/control.js";
import { InFlight } from "../sources/in-flight.js";
import { mustBePossible, refusal } from "../state/machine.js";
import type { BackfillMark } from "../state/move-record.js";
import { countSessions, proveSource } from "./proof.js";
import { proveTimes } from "../sources/proof.js";
import type { Row, Source } from "../sources/types.js";
import { readRow } from "./stored-row.js";

/** Rows per page. */
const mostRows = 100;

/** The options of `backfill()`. */
export interface BackfillOptions {
  source: Source;
  redis: RedisSessionStore;
  control: MoveControl;
  /** Maximum rows per second. @default no limit */
  rate?: number | undefined;
  /** Report what would be copied, and write nothing. @default false */
  dryRun?: boolean | undefined;
  /** Start from the first row, even if an earlier run was interrupted. @default false */
  fromStart?: boolean | undefined;
  /** Continue even if the times in the table look wrong. @default false */
  acceptTimes?: boolean | undefined;
  /**
   * The source is known to be the app's own table, for example because the app opened it.
   *
   * @default false: it is proven first
   */
  trustSource?: boolean | undefined;
  /** Stops after the current page; the next run continues there. */
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: BackfillResult) => void) | undefined;
}

/** What `backfill()` did. */
export interface BackfillResult {
  /** Rows in the table when the backfill began, expired ones included. */
  readonly total: number;
  /** Rows that were read, in interrupted earlier runs too. */
  readonly read: number;
  /** The number of sessions that were copied. */
  readonly copied: number;
  /** Sessions that Redis already had, or had a tombstone for. */
  readonly there: number;
  /** The number of rows that had expired. */
  readonly expired: number;
  /** Short hashes of the ids of rows that are not sessions; the first hundred. */
  readonly unreadable: readonly string[];
  /** The number of rows that are not sessions. */
  readonly unreadableCount: number;
  /** All rows were read; false if the backfill was stopped. */
  readonly isComplete: boolean;
}

/** Milliseconds without progress after which an unfinished run is considered dead. */
const runSilentAfter = 10_000;

/**
 * Copies the live sessions of a table to Redis, and never overwrites anything there. An interrupted run is continued.
 *
 * @throws HoldfastError OPTION_INVALID, MOVE_REFUSED, MOVE_UNPROVEN, and what the source throws
 * @example
 * const controller = new AbortController();
 * process.once("SIGINT", () => controller.abort());
 * const { copied, isComplete } = await backfill({ source, redis, control, rate: 500, signal: controller.signal });
 */
export async function backfill(options: BackfillOptions): Promise<BackfillResult> {
  const { source, redis, control, rate, dryRun, signal } = options;
  if (rate !== undefined && !(rate > 0)) {
    throw setupInvalid("`rate`, the maximum number of rows per second, must be more than 0.");
  }
  if (!dryRun) {
    mustBePossible("backfill", await control.read());
    if (!options.trustSource) await proveSource({ source, control }, { fresh: false });
  }
  if (!options.acceptTimes) await proveTimes(source);
  const run = MoveControl.newId();
  const before = dryRun ? undefined : await claimRun(control, run, Boolean(options.fromStart));
  const total = await countSessions({ source, control });
  const unreadable: string[] = [];
  const result = {
    total,
    read: before?.read ?? 0,
    copied: 0,
    there: 0,
    expired: 0,
    unreadable,
    unreadableCount: 0,
    isComplete: false,
  };
  const inFlight = new InFlight();
  // A page is written at once, so a low rate needs small pages.
  const pageSize = () => inFlight.pageSize(Math.max(1, Math.min(mostRows, Math.ceil((rate ?? Infinity) / 4))));
  let lastRead = before?.after;
  const began = performance.now();
  let readNow = 0;
  let page = source.rows(lastRead, pageSize());
  try {
    while (!signal?.aborted) {
      const rows = await page;
      if (rows.length === 0) {
        result.isComplete = true;
        break;
      }
      if (!dryRun) await mustContinue();
      inFlight.saw(rows.map(({ text }) => text.length));
      lastRead = rows.at(-1)!.sid;
      page = source.rows(lastRead, pageSize()); // the next page is read while this one is written
      page.catch(() => {}); // reported where it is awaited
      await Promise.all(rows.map((row) => inFlight.run(row.text.length, () => copy(row))));
      result.read += rows.filter(({ sid }) => sid !== control.markerId).length;
      readNow += rows.length;
      if (!dryRun) await noteMark();
      options.onProgress?.({ ...result });
      if (rate !== undefined)
        await delay(Math.max(0, (readNow / rate) * 1000 - (performance.now() - began)), undefined, { signal }).catch(
          () => {},
        );
    }
    await page.catch(() => {});
    if (!dryRun) await mustContinue();
  } catch (error) {
    if (!dryRun) await release().catch(() => {}); // if this fails, the next run waits a moment
    throw error;
  }
  if (dryRun) return result;
  if (result.isComplete) await control.clearBackfill();
  else await release();
  return result;

  async function copy(row: Row): Promise<void> {
    if (row.sid === control.markerId) return;
    const session = readRow(row, Date.now());
    if (session.kind === "expired") return void result.expired++;
    if (session.kind === "unreadable") {
      if (result.unreadableCount++ < 100) result.unreadable.push(sessionLabel(row.sid));
    } else if (dryRun) {
      if ((await repositoryOf(redis).transfer.presenceOf(row.sid)) === "none") result.copied++;
      else result.there++;
    } else {
      const putOptions = { onlyIfAbsent: true, seconds: session.seconds, text: row.text };
      if ((await repositoryOf(redis).transfer.put(row.sid, session.data, putOptions)) === "put") result.copied++;
      else result.there++;
    }
  }

  /**
   * Meanwhile, the move may have been rolled back or lost, or another run may have taken over. @throws HoldfastError
   * MOVE_REFUSED
   */
  async function mustContinue(): Promise<void> {
    mustBePossible("backfill", await control.read());
    const mark = await control.readBackfill();
    if (mark?.run !== run) throw refusal("Another backfill has taken over, or Redis lost the state of this one.");
  }

  async function noteMark(): Promise<void> {
    const { now } = await control.read();
    await control.noteBackfill({ ...(lastRead !== undefined && { after: lastRead }), read: result.read, run, at: now });
  }

  async function release(): Promise<void> {
    if ((await control.readBackfill())?.run !== run) return;
    if (lastRead === undefined) await control.clearBackfill();
    else await control.noteBackfill({ after: lastRead, read: result.read });
  }
}

/** Only one run at a time: two would overwrite each other's mark. */
async function claimRun(control: MoveControl, run: string, fromStart: boolean): Promise<BackfillMark | undefined> {
  const [mark, { now }] = await Promise.all([control.readBackfill(), control.read()]);
  if (mark?.run !== undefined && now - (mark.at ?? 0) < runSilentAfter)
    throw refusal("Another backfill is running. Wait until it ends; if it was killed, try again in ten seconds.");
  const before = fromStart || mark?.after === undefined ? undefined : mark;
  await control.noteBackfill({
    ...(before?.after !== undefined && { after: before.after }),
    read: before?.read ?? 0,
    run,
    at: now,
  });
  return before;
}
