/** `holdfast migrate backfill`: copies the sessions that existed before the move began. */
import { backfill } from "../../migrate/index.js";
import { count } from "../words.js";
import type { Context } from "./context.js";
import { mustBePossible } from "../../migrate/state/machine.js";
import type { Outcome } from "./run-step.js";
import { readSnapshot } from "./snapshot.js";
import { backfillSummary } from "./summaries.js";

export interface BackfillCommandOptions {
  rate?: number;
  fromStart?: boolean;
  acceptTimes?: boolean;
  dryRun?: boolean;
}

export async function runBackfill(context: Context, options: BackfillCommandOptions): Promise<Outcome> {
  const { rate, fromStart = false, acceptTimes = false, dryRun = false } = options;
  const { control, redis, redisName, say, signal } = context;
  const before = await readSnapshot(context);
  mustBePossible("backfill", before);
  context.mustMatchApp();
  const source = await context.source();
  const continues = !fromStart && !dryRun && before.backfilled !== undefined;
  say(
    `${dryRun ? "A backfill would copy" : "Copying"} the live sessions of ${source.name} to ${redisName}. Nothing in ` +
      "Redis is overwritten.",
  );
  if (continues)
    say(
      `Continuing after ${count(before.backfilled!, "row", "rows")} of an earlier run. To start again, use ` +
        "--from-start.",
    );

  const progress = context.progress(continues ? before.backfilled : 0);
  const began = performance.now();
  const result = await backfill({
    source,
    redis,
    control,
    rate,
    dryRun,
    fromStart,
    acceptTimes,
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
  const withRate = rate === undefined ? "backfill" : `backfill --rate ${rate}`;
  return {
    facts,
    next: [{ why: `Stopped after ${count(result.read, "row", "rows")}. To continue from there:`, step: withRate }],
  };
}
