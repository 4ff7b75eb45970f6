/** `holdfast migrate rollback`: everybody back to the database, from wherever the move stands. */
import { rollback, verify, type VerifyResult } from "../../migrate/index.js";
import type { Context } from "./context.js";
import { mustBePossible } from "../../migrate/obstacles.js";
import type { Outcome } from "./run-step.js";
import { readStanding } from "./standing.js";
import { leftOver, verifySummary } from "./summaries.js";
import type { TurnOptions } from "./turning.js";
import { sayWaiting } from "./waiting.js";

export async function runRollback(context: Context, { force = false, dryRun = false }: TurnOptions): Promise<Outcome> {
  const { control, move, redis, redisName, say, signal } = context;
  const source = await context.source();
  const before = await readStanding(context);
  mustBePossible("rollback", before);
  say(`Brings ${source.name} up to date with ${redisName}, turns the dial from ${before.dial} to 0 and leaves Redis.`);

  const progress = context.progress();
  const parts = { source, redis, control, signal, onProgress: (done: VerifyResult) => progress.update(done) };
  if (dryRun) {
    const result = await verify(parts).finally(() => progress.end());
    say(`To be brought up to date: ${leftOver(result)}.`);
    for (const line of verifySummary(result)) say(line);
    say("Nothing was changed (--dry-run).");
    return { facts: { dryRun, ...result }, next: [] };
  }
  const onPart = (part: string) => {
    progress.end();
    say(`${part} …`);
  };
  const result = await rollback({ ...parts, move, force, onPart, onWait: sayWaiting(say) }).finally(() =>
    progress.end(),
  );
  for (const line of verifySummary(result)) say(line);
  say("Rolled back: the database has every session and answers alone.");
  const why = "The app can go back to its old store alone; nobody is logged out. To move again, later:";
  return { facts: { dryRun, phase: "off", dial: 0, ...result }, next: [{ why, step: "start" }] };
}
