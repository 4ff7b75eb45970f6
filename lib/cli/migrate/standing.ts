/** Where the move stands: what every step looks at before it speaks. */
import type { MoveStatus } from "../../migrate/index.js";
import { silence } from "../../migrate/control.js";
import type { Context } from "./context.js";

export interface Standing extends MoveStatus {
  /** Rows that an interrupted backfill had looked at. */
  readonly backfilled: number | undefined;
}

export async function readStanding({ move, control }: Pick<Context, "move" | "control">): Promise<Standing> {
  const [status, mark] = await Promise.all([move.status(), control.readBackfill()]);
  return { ...status, backfilled: mark?.read };
}

/** Processes that are heard. */
export function living({ processes }: Pick<MoveStatus, "processes">) {
  return processes.filter(({ silentFor }) => silentFor < silence);
}

/** Whether nothing of the move has changed since both stores were found the same. */
export function isVerified({ verified, version, doubt }: MoveStatus): boolean {
  return verified === version && doubt === undefined;
}
