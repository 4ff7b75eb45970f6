/** `holdfast migrate verify`: compares all sessions in both directions, and notes if they are equal. */
import { verify, type VerifyResult } from "../../migrate/index.js";

import { mustBePossible, nextSteps, refusal, type NextStep } from "../../migrate/state/machine.js";
import { dropSilent } from "../../migrate/steps/processes.js";
import { intent, objection, type Plan } from "../../migrate/steps/repair.js";
import { isOnlyStuck, remainingIn } from "../../migrate/steps/verify.js";
import { UsageError } from "../failure.js";
import type { Context } from "./context.js";
import type { Outcome } from "./run-step.js";
import { readSnapshot, type Snapshot } from "./snapshot.js";
import { verifySummary } from "./summaries.js";

export interface VerifyCommandOptions {
  repair?: boolean;
  acceptTimes?: boolean;
  endMany?: boolean;
  leaveBehind?: boolean;
  dryRun?: boolean;
}

export async function runVerify(
  context: Context,
  { repair = false, acceptTimes = false, endMany = false, leaveBehind = false, dryRun = false }: VerifyCommandOptions,
): Promise<Outcome> {
  const { redisName, say, signal } = context;
  if (endMany && !repair) throw new UsageError("--end-many requires --repair: without it, verify ends no session.");
  context.mustMatchApp();
  const source = await context.source();
  if (repair) mustBePossible("repair", await readSnapshot(context));
  say(`Comparing ${source.name} with ${redisName}, in both directions.`);
  if (repair) say(`${dryRun ? "A repair would update" : "Updating"} each copy that differs from its home.`);
  // A process that stopped reporting leaves a doubt now, so that this comparison can clear it.
  if (!dryRun) await dropSilent(context.control, await context.control.processes());
  const before = await readSnapshot(context);
  if (before.phase === "finished")
    say("The move is finished: the database is no longer written, so differences are normal.");

  const progress = context.progress();
  let isDeclined = false;
  const result = await verify({
    source,
    redis: context.redis,
    control: context.control,
    repair: repair && !dryRun,
    acceptTimes,
    endMany,
    signal,
    onPlan: async (plan) => {
      progress.end();
      isDeclined = !(await agree(context, plan));
      return !isDeclined;
    },
    onProgress: (done) => progress.update(done),
  }).finally(() => progress.end());

  for (const line of verifySummary(result)) say(line);
  if (repair && dryRun && remainingIn(result) > 0) {
    say(`If you repair, ${intent(result.plan)}.`);
    mustBeMeant(result, endMany);
  }
  const remaining = remainingIn(result);
  const facts = { dryRun, left: remaining, ...result };
  if (isDeclined) {
    say("Nothing was changed.");
    return { facts, next: [], isRefused: true };
  }
  if (!result.isComplete) {
    say("Stopped before the end, so the result was not noted.");
    return { facts, next: [{ why: "Start again from the beginning:", step: repair ? "verify --repair" : "verify" }] };
  }
  if (dryRun) {
    say("Nothing was noted (--dry-run).");
    return { facts, next: [], isRefused: remaining > 0 };
  }
  const mayLeaveBehind = leaveBehind && isOnlyStuck(result);
  if (remaining > 0 && !mayLeaveBehind)
    return { facts, next: afterDifference(before, isOnlyStuck(result)), isRefused: true };
  if (before.phase !== "moving") return { facts, next: nextSteps(before) };
  await note(context, before.version);
  if (remaining > 0) say("Noted as equal anyway; these sessions are left behind (--leave-behind).");
  return { facts: { ...facts, noted: true }, next: nextSteps(await readSnapshot(context)) };
}

/** Says what a repair would do; if sessions would end, asks for confirmation on a terminal. */
export async function agree({ say, confirm }: Context, plan: Plan): Promise<boolean> {
  const planned = intent(plan);
  say(`Of ${plan.rows} live rows and ${plan.keys} sessions in Redis, ${planned}.`);
  return plan.bury + plan.remove === 0 || confirm("Continue?");
}

/** A dry run refuses what the repair would refuse. @throws HoldfastError MOVE_REFUSED */
export function mustBeMeant({ plan }: VerifyResult, endMany = false): void {
  const sentence = objection(plan);
  if (sentence !== undefined && !endMany) throw refusal(sentence);
}

async function note({ move, control }: Context, version: number): Promise<void> {
  if (await move.noteVerified(version)) return;
  // Another command may have compared at the same time and noted it.
  const now = await control.read();
  if (now.verified === now.version && now.doubt === undefined) return;
  throw refusal(
    "The move changed while the stores were compared, so the result was not noted. Run `holdfast migrate verify` " +
      "again.",
  );
}

function afterDifference({ phase, isComplete: redisHasAll }: Snapshot, isStuck: boolean): NextStep[] {
  if (phase === "finished") return [];
  if (phase === "off") return [{ why: "Start writing to both stores:", step: "start" }];
  if (isStuck) return [{ why: "End these sessions, or leave them behind:", step: "verify --repair --leave-behind" }];
  const repair = { why: "Otherwise, update each copy from its home:", step: "verify --repair" };
  return redisHasAll ? [repair] : [{ why: "If the backfill has not run yet, run it:", step: "backfill" }, repair];
}
