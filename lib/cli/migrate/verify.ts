/** `holdfast migrate verify`: compares all sessions both ways, and notes when they are the same. */
import { verify } from "../../migrate/index.js";
import { silence } from "../../migrate/control.js";
import { codes, HoldfastError } from "../../errors/index.js";
import type { Context } from "./context.js";
import { mustBePossible } from "../../migrate/obstacles.js";
import { nextSteps, type NextStep } from "./next-step.js";
import type { Outcome } from "./run-step.js";
import { readStanding } from "./standing.js";
import { leftOver, verifySummary } from "./summaries.js";

export interface VerifyCommandOptions {
  repair?: boolean;
  dryRun?: boolean;
}

export async function runVerify(
  context: Context,
  { repair = false, dryRun = false }: VerifyCommandOptions,
): Promise<Outcome> {
  const { control, redis, redisName, say, signal } = context;
  const source = await context.source();
  if (repair) mustBePossible("repair", await readStanding(context));
  say(`Compares ${source.name} with ${redisName}, both ways.`);
  if (repair) say(`${dryRun ? "Would bring" : "Brings"} the copy of each session that differs to what its home has.`);
  if (!dryRun) await forgetSilent(context);
  const before = await readStanding(context);
  if (before.phase === "finished")
    say("The move is finished: the database is not written any more, so differences are no fault.");

  const progress = context.progress();
  const result = await verify({
    source,
    redis,
    control,
    repair: repair && !dryRun,
    signal,
    onProgress: (done) => progress.update(done),
  }).finally(() => progress.end());

  for (const line of verifySummary(result)) say(line);
  const left = leftOver(result);
  const facts = { dryRun, left, ...result };
  if (!result.isComplete) {
    say("Stopped before the end, so nothing was noted.");
    return { facts, next: [{ why: "This begins anew:", step: repair ? "verify --repair" : "verify" }] };
  }
  if (dryRun) {
    say("Nothing was noted (--dry-run).");
    return { facts, next: [], isRefused: left > 0 };
  }
  if (left > 0) return { facts, next: afterDifference(before.phase), isRefused: true };
  if (before.phase !== "moving") return { facts, next: nextSteps(before) };
  await note(context, before.version);
  return { facts: { ...facts, noted: true }, next: nextSteps(await readStanding(context)) };
}

/** A process that went without a word leaves a doubt now, which this comparison settles, and not at the next step. */
async function forgetSilent({ control }: Context): Promise<void> {
  for (const process of await control.processes())
    if (process.silentFor >= silence)
      await control.forget(process, `Process ${process.pid} on ${process.host} ended without a word.`);
}

async function note({ move }: Context, version: number): Promise<void> {
  if (await move.noteVerified(version)) return;
  const message =
    "The move went on while the stores were compared, so the result was not noted. Run `holdfast migrate verify` again.";
  throw new HoldfastError(codes.MOVE_REFUSED, message, { status: 409 });
}

function afterDifference(phase: string): NextStep[] {
  if (phase === "finished") return [];
  if (phase === "off") return [{ why: "Begin to write both stores:", step: "start" }];
  return [
    { why: "If the backfill has not been run yet, run it:", step: "backfill" },
    { why: "Else bring each copy to what the session's home has:", step: "verify --repair" },
  ];
}
