/** The steps of a migration in their order: which are done, which is next. Pure. */
import type { MoveStatus } from "../../migrate/index.js";
import type { Job, Slot } from "./jobs.js";

export interface Step {
  readonly slot: Slot;
  readonly title: string;
  readonly why: string;
  readonly state: "done" | "next" | "later";
  readonly job: Job | undefined;
}

type Status = Pick<MoveStatus, "phase" | "dial" | "other" | "verified" | "version">;

const texts: readonly (readonly [slot: Slot, title: string, why: string])[] = [
  ["start", "Start", "Every change goes to both stores. The old one still answers."],
  ["backfill", "Backfill", "The sessions that nobody changes are copied to Redis."],
  ["verify", "Verify", "Both stores are compared, session by session."],
  ["set-10", "Dial to 10", "Redis answers for a tenth of the sessions."],
  ["set-50", "Dial to 50", "Redis answers for half of them."],
  ["set-100", "Dial to 100", "Redis answers for all. The old store is the backup, for as long as you like."],
  ["finish", "Finish", "The old store is no longer written; its table can be dropped."],
];

export function stepsOf(status: Status, jobs: Partial<Record<Slot, Job>>): Step[] {
  const done = texts.map(([slot]) => isDone(slot, status, jobs));
  const next = done.indexOf(false);
  return texts.map(([slot, title, why], i) => ({
    slot,
    title,
    why,
    state: done[i] ? "done" : i === next ? "next" : "later",
    job: jobs[slot],
  }));
}

function isDone(
  slot: Slot,
  { phase, dial, other, verified, version }: Status,
  jobs: Partial<Record<Slot, Job>>,
): boolean {
  if (phase === "off") return false;
  if (phase === "finished") return true;
  const reached = (target: number) => other === undefined && dial >= target;
  if (slot === "start") return true;
  // That a backfill by the command has ended is not recorded; a comparison without differences says as much.
  if (slot === "backfill") return jobs.backfill?.state === "done" || verified !== undefined || dial > 0;
  if (slot === "verify") return verified === version || dial > 0;
  if (slot === "set-10") return reached(10);
  if (slot === "set-50") return reached(50);
  return slot === "set-100" && reached(100);
}

export function headlineOf({ phase, dial, other }: Status): string {
  if (phase === "off") return "The migration has not begun";
  if (phase === "finished") return "The migration is finished";
  if (other !== undefined) return `The dial turns from ${dial} to ${other}`;
  return `Redis answers for ${dial} of 100 sessions`;
}
