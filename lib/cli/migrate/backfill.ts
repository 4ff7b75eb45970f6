/** `holdfast migrate backfill`: copies what was there before the move began. */
import { backfill } from "../../migrate/index.js";
import { count } from "../words.js";
import type { Context } from "./context.js";
import { mustBePossible } from "../../migrate/obstacles.js";
import type { Outcome } from "./run-step.js";
import { readStanding } from "./standing.js";
import { backfillSummary } from "./summaries.js";

export interface BackfillCommandOptions {
  rate?: number;
  fromStart?: boolean;
  dryRun?: boolean;
}

export async function runBackfill(context: Context, options: BackfillCommandOptions): Promise<Outcome> {
  const { rate, fromStart = false, dryRun = false } = options;
  const { control, redis, redisName, say, signal } = context;
  const source = await context.source();
  const before = await readStanding(context);
  mustBePossible("backfill", before);
  const goesOn = !fromStart && !dryRun && before.backfilled !== undefined;
  say(
    `${dryRun ? "Would copy" : "Copies"} the live sessions of ${source.name} to ${redisName}. What Redis has stays as it is.`,
  );
  if (goesOn)
    say(`Goes on after ${count(before.backfilled!, "row", "rows")} of an earlier run; --from-start begins anew.`);

  const progress = context.progress(goesOn ? before.backfilled : 0);
  const began = performance.now();
  const result = await backfill({
    source,
    redis,
    control,
    rate,
    dryRun,
    fromStart,
    signal,
    onProgress: (done) => progress.update(done),
  }).finally(() => progress.end());
  const seconds = (performance.now() - began) / 1000;

  for (const line of backfillSummary(result, seconds, dryRun)) say(line);
  const facts = { dryRun, seconds, ...result };
  if (dryRun) {
    say("Nothing was written (--dry-run).");
    return { facts, next: [] };
  }
  if (result.isComplete) return { facts, next: [{ why: "Compare the two stores:", step: "verify" }] };
  const paced = rate === undefined ? "backfill" : `backfill --rate ${rate}`;
  return {
    facts,
    next: [{ why: `Stopped after ${count(result.read, "row", "rows")}. This goes on from there:`, step: paced }],
  };
}
