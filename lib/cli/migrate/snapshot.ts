/** The state of the move and of its processes, as every step reads it first. */
import type { MoveStatus } from "../../migrate/index.js";
import { silentAfter } from "../../migrate/state/move-record.js";
import { activeIn } from "../../migrate/steps/processes.js";
import type { Context } from "./context.js";

export interface Snapshot extends MoveStatus {
  /** Rows that an interrupted backfill has read; undefined if there is none. */
  readonly backfilled: number | undefined;
  /** A backfill is running. */
  readonly isBackfilling: boolean;
  /** A process of the app follows the move. */
  readonly isFollowed: boolean;
}

export async function readSnapshot({ move, control }: Pick<Context, "move" | "control">): Promise<Snapshot> {
  const [status, mark] = await Promise.all([move.status(), control.readBackfill()]);
  const isBackfilling = mark?.run !== undefined && status.now - (mark.at ?? 0) < silentAfter * 1000;
  const backfilled = isBackfilling ? undefined : mark?.read;
  return { ...status, backfilled, isBackfilling, isFollowed: activeIn(status.processes).length > 0 };
}

/** Whether the move has not changed since both stores were found equal. */
export function isVerified({ verified, version, doubt }: MoveStatus): boolean {
  return verified === version && doubt === undefined;
}
