/** The backfill: copies the legacy store's live sessions into Redis, and never over anything that is there. */
import { setTimeout as delay } from "node:timers/promises";
import { codes, HoldfastError, sessionLabel } from "../errors/index.js";
import type { RedisSessionStore } from "../store/index.js";
import type { MoveControl } from "./control.js";
import type { Phase } from "./dial.js";
import type { Source } from "./sources/types.js";
import { readRow } from "./stored-row.js";

/** Rows that are read, and written, at once. */
const mostRows = 100;

export interface BackfillOptions {
  source: Source;
  redis: RedisSessionStore;
  control: MoveControl;
  /** Rows a second at most. Default: as fast as it goes. */
  rate?: number | undefined;
  /** Says what it would do, and writes nothing. */
  dryRun?: boolean | undefined;
  /** Begins anew, although an earlier run was interrupted. */
  fromStart?: boolean | undefined;
  /** Stops after the rows at hand; the next run goes on there. */
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: BackfillResult) => void) | undefined;
}

export interface BackfillResult {
  /** Rows of the table, expired ones included, when it began. */
  readonly total: number;
  /** Rows that were looked at, in earlier runs as well. */
  readonly read: number;
  readonly copied: number;
  /** Redis had them already, or a tombstone of them. */
  readonly there: number;
  readonly expired: number;
  /** Short hashes of the ids of rows that are no sessions, the first hundred of them. */
  readonly unreadable: readonly string[];
  readonly unreadableCount: number;
  /** All rows were looked at. */
  readonly isComplete: boolean;
}

/** @throws HoldfastError OPTION_INVALID, MOVE_REFUSED, and what the source throws */
export async function backfill(options: BackfillOptions): Promise<BackfillResult> {
  const { source, redis, control, rate, dryRun, signal } = options;
  if (rate !== undefined && !(rate > 0)) {
    throw new HoldfastError(codes.OPTION_INVALID, "`rate` is the number of rows a second at most, and more than 0.");
  }
  if (!dryRun) mustBeMoving((await control.read()).phase);
  // A page goes out at once, so a slow rate needs small ones.
  const pageSize = Math.max(1, Math.min(mostRows, Math.ceil((rate ?? Infinity) / 4)));
  const before = options.fromStart || dryRun ? undefined : await control.readBackfill();
  const total = await source.count();
  const result = {
    total,
    read: before?.read ?? 0,
    copied: 0,
    there: 0,
    expired: 0,
    unreadable: [] as string[],
    unreadableCount: 0,
    isComplete: false,
  };
  let after = before?.after;
  const began = performance.now();
  let readNow = 0;
  let page = source.rows(after, pageSize);
  while (!signal?.aborted) {
    const rows = await page;
    if (rows.length === 0) {
      result.isComplete = true;
      break;
    }
    after = rows.at(-1)!.sid;
    page = source.rows(after, pageSize); // the next page is read while this one is written
    page.catch(() => {}); // whoever awaits it is told
    const now = Date.now();
    await Promise.all(
      rows.map(async (row) => {
        const session = readRow(row, now);
        if (session.kind === "expired") result.expired++;
        else if (session.kind === "unreadable") {
          if (result.unreadableCount++ < 100) result.unreadable.push(sessionLabel(row.sid));
        } else if (dryRun) {
          if ((await redis.standingOf(row.sid)) === "none") result.copied++;
          else result.there++;
        } else {
          const options = { onlyIfAbsent: true, seconds: session.seconds, text: row.text };
          if ((await redis.put(row.sid, session.data, options)) === "put") result.copied++;
          else result.there++;
        }
      }),
    );
    result.read += rows.length;
    readNow += rows.length;
    if (!dryRun) await control.noteBackfill({ after, read: result.read });
    options.onProgress?.({ ...result });
    if (rate !== undefined)
      await delay(Math.max(0, (readNow / rate) * 1000 - (performance.now() - began)), undefined, { signal }).catch(
        () => {},
      );
  }
  await page.catch(() => {});
  if (result.isComplete && !dryRun) await control.clearBackfill();
  return result;
}

/** A copy that is not kept up is of no use: nothing would ever overwrite it. */
function mustBeMoving(phase: Phase): void {
  if (phase === "moving") return;
  const sentence =
    phase === "off"
      ? "The move has not begun, so a copy would be out of date at once. Run `holdfast migrate start` first."
      : "The move is finished: what only the legacy store has was logged out since, and stays so.";
  throw new HoldfastError(codes.MOVE_REFUSED, sentence, { status: 409 });
}
