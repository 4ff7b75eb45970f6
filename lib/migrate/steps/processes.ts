/** The app's processes as the steps see them: those that report, and those that stopped. */
import type { MoveControl } from "../state/control.js";
import { silentAfter, type KnownProcess } from "../state/move-record.js";

/** Whether the process has not reported for `limit` seconds. Pure. */
export function isSilent({ silentFor }: Pick<KnownProcess, "silentFor">, limit = silentAfter): boolean {
  return silentFor >= limit;
}

/** The processes that still report. Pure. */
export function activeIn(processes: readonly KnownProcess[], limit = silentAfter): KnownProcess[] {
  return processes.filter((process) => !isSilent(process, limit));
}

/** Removes the silent processes from the list in Redis. Each leaves the move in doubt. */
export async function dropSilent(
  control: MoveControl,
  processes: readonly KnownProcess[],
  limit = silentAfter,
): Promise<void> {
  for (const process of processes)
    if (isSilent(process, limit))
      await control.forget(process, `Process ${process.pid} on ${process.host} stopped reporting.`);
}
