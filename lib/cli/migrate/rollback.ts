/** `holdfast migrate rollback`: moves all sessions back to the database, at any point of the move. */
import { rollback, verify, type VerifyResult } from "../../migrate/index.js";
import { mustBePossible } from "../../migrate/state/machine.js";
import { intent } from "../../migrate/steps/repair.js";
import { remainingIn } from "../../migrate/steps/verify.js";
import type { Context } from "./context.js";
import type { Outcome } from "./run-step.js";
import { readSnapshot } from "./snapshot.js";
import { verifySummary } from "./summaries.js";
import type { TurnOptions } from "./steps.js";
import { agree, mustBeMeant, type VerifyCommandOptions } from "./verify.js";
import { sayWaiting } from "./waiting.js";

export type RollbackCommandOptions = TurnOptions & Pick<VerifyCommandOptions, "acceptTimes" | "endMany">;

export async function runRollback(
  context: Context,
  { dryRun = false, acceptTimes, endMany, acceptLoss, leaveBehind }: RollbackCommandOptions,
): Promise<Outcome> {
  const { control, move, redis, redisName, say, signal } = context;
  context.mustMatchApp();
  const source = await context.source();
  const before = await readSnapshot(context);
  mustBePossible("rollback", before);
  say(
    `Updating ${source.name} from ${redisName}, turning the dial from ${before.dial} to 0, and ending the use of ` +
      "Redis.",
  );

  const progress = context.progress();
  const onProgress = (done: VerifyResult) => progress.update(done);
  const parts = { source, redis, control, signal, acceptTimes, onProgress };
  if (dryRun) {
    const result = await verify(parts).finally(() => progress.end());
    say(`Sessions to update: ${remainingIn(result)}; ${intent(result.plan)}.`);
    for (const line of verifySummary(result)) say(line);
    mustBeMeant(result, endMany);
    say("Nothing was changed (--dry-run).");
    return { facts: { dryRun, ...result }, next: [] };
  }
  const onPart = (part: string) => {
    progress.end();
    say(`${part} …`);
  };
  const onPlan = (plan: VerifyResult["plan"]) => {
    progress.end();
    return agree(context, plan);
  };
  const overrides = { endMany, acceptLoss, leaveBehind };
  const result = await rollback({ ...parts, ...overrides, move, onPart, onPlan, onWait: sayWaiting(say) }).finally(() =>
    progress.end(),
  );
  for (const line of verifySummary(result)) say(line);
  say("Rolled back: the database has every session, and only it is used.");
  const why = "The app can use its old store alone again; nobody is logged out. To start another move later:";
  return { facts: { dryRun, phase: "off", dial: 0, ...result }, next: [{ why, step: "start" }] };
}
