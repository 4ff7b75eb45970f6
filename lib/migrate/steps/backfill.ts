/** The backfill: copies the legacy store's live sessions to Redis, and never overwrites anything there. */
import { setTimeout as delay } from "node:timers/promises";
import { sessionLabel, setupInvalid } from "../../errors/index.js";
import { type RedisSessionStore, repositoryOf } from "../../express-session/index.js";
import type { ImportedSession } from "../../repository/index.js";
import { MoveControl } from "../state/control.js";
import { batches } from "../sources/batches.js";
import { InFlight } from "../sources/in-flight.js";
import { mustBePossible, refusal } from "../state/machine.js";
import type { BackfillMark } from "../state/move-record.js";
import { countSessions, proveSource } from "./proof.js";
import { proveTimes } from "../sources/proof.js";
import type { Row, Source } from "../sources/types.js";
import { lifeOf } from "./stored-row.js";

/** Rows per page. */
const mostRows = 400;
/** Characters of sessions that are written with one command. */
const mostCharacters = 64 * 1024;

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
  /** Stops after the current page; the next run continues there. @default none */
  signal?: AbortSignal | undefined;
  /** Called after each page. @default none */
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
  const earlier = dryRun ? undefined : await claimRun(control, run, Boolean(options.fromStart));
  const total = await countSessions({ source, control });
  const unreadable: string[] = [];
  const result = {
    total,
    read: earlier?.read ?? 0,
    copied: 0,
    there: 0,
    expired: 0,
    unreadable,
    unreadableCount: 0,
    isComplete: false,
  };
  const inFlight = new InFlight();
  const { markerId } = control;
  // A page is written at once, so a low rate needs small pages.
  const pageSize = () => inFlight.pageSize(Math.max(1, Math.min(mostRows, Math.ceil((rate ?? Infinity) / 4))));
  let lastWritten = earlier?.after;
  const began = performance.now();
  let readNow = 0;
  let isAtEnd = false;
  let page = source.rows(lastWritten, pageSize());
  try {
    while (!signal?.aborted) {
      const rows = await page;
      if (rows.length === 0) {
        isAtEnd = true;
        break;
      }
      inFlight.saw(rows.map(({ text }) => text.length));
      page = source.rows(rows.at(-1)!.sid, pageSize()); // the next page is read while this one is written
      page.catch(() => {}); // reported where it is awaited
      await copy(rows);
      readNow += rows.length;
      if (rate !== undefined) {
        const ahead = (readNow / rate) * 1000 - (performance.now() - began);
        await delay(Math.max(0, ahead), undefined, { signal }).catch(() => {});
      }
    }
    await page.catch(() => {});
    if (!dryRun) await mustContinue();
    result.isComplete = isAtEnd;
  } catch (error) {
    if (!dryRun) await release().catch(() => {}); // if this fails, the next run waits a moment
    throw error;
  }
  if (dryRun) return result;
  if (result.isComplete) await control.clearBackfill();
  else await release();
  return result;

  /** Writes a page, and notes that. */
  async function copy(rows: readonly Row[]): Promise<void> {
    const now = dryRun ? 0 : await mustContinue();
    await Promise.all(Array.from(batches(liveOf(rows), sizeOf, mostCharacters), write));
    lastWritten = rows.at(-1)!.sid;
    result.read += rows.filter(({ sid }) => sid !== markerId).length;
    if (!dryRun) await control.noteBackfill({ after: lastWritten, read: result.read, run, at: now });
    options.onProgress?.({ ...result });
  }

  /** The sessions to copy; counts the other rows. */
  function liveOf(rows: readonly Row[]): ImportedSession[] {
    const live: ImportedSession[] = [];
    const now = Date.now();
    for (const row of rows) {
      if (row.sid === markerId) continue;
      const life = lifeOf(row, now, source.hasOnlyJson);
      if (life === "expired") result.expired++;
      else if (life !== "unreadable") live.push({ sid: row.sid, text: row.text, seconds: life });
      else if (result.unreadableCount++ < 100) result.unreadable.push(sessionLabel(row.sid));
    }
    return live;
  }

  async function write(sessions: readonly ImportedSession[]): Promise<void> {
    const { transfer } = repositoryOf(redis);
    const put = dryRun ? () => countMissing(sessions) : () => transfer.putMissing(sessions);
    const copied = await inFlight.run(sizeOfAll(sessions), put);
    result.copied += copied;
    result.there += sessions.length - copied;
  }

  async function countMissing(sessions: readonly ImportedSession[]): Promise<number> {
    const { transfer } = repositoryOf(redis);
    const found = await Promise.all(sessions.map(({ sid }) => transfer.presenceOf(sid)));
    return found.filter((presence) => presence === "none").length;
  }

  /**
   * Meanwhile, the move may have been rolled back or lost, or another run may have taken over. Returns the time of
   * Redis.
   *
   * @throws HoldfastError MOVE_REFUSED
   */
  async function mustContinue(): Promise<number> {
    const [state, mark] = await Promise.all([control.read(), control.readBackfill()]);
    mustBePossible("backfill", state);
    if (mark?.run !== run) throw refusal("Another backfill has taken over, or Redis lost the state of this one.");
    return state.now;
  }

  async function release(): Promise<void> {
    if ((await control.readBackfill())?.run !== run) return;
    if (lastWritten === undefined) await control.clearBackfill();
    else await control.noteBackfill({ after: lastWritten, read: result.read });
  }
}

function sizeOf({ text }: { readonly text: string }): number {
  return text.length;
}

function sizeOfAll(sessions: readonly { readonly text: string }[]): number {
  return sessions.reduce((sum, session) => sum + sizeOf(session), 0);
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
