/** `start`, `set` and `finish`: the steps that turn something and are done in a moment. */
import { count } from "../words.js";
import type { Context } from "./context.js";
import { mustBePossible } from "../../migrate/obstacles.js";
import { nextSteps } from "./next-step.js";
import type { Outcome } from "./run-step.js";
import { living, readStanding, type Standing } from "./standing.js";
import { orStopped, sayWaiting } from "./waiting.js";

export interface TurnOptions {
  force?: boolean;
  dryRun?: boolean;
}

export async function start(context: Context, options: TurnOptions): Promise<Outcome> {
  return step(context, options, {
    name: "start",
    will: () => ["From now on every change is written to both stores. All sessions keep their home in the database."],
    run: ({ move }, rest) => move.start(rest),
    did: (now) => `Begun: ${followers(now)}. Nobody is logged out.`,
  });
}

export async function set(
  context: Context,
  { target, ...options }: TurnOptions & { target: number },
): Promise<Outcome> {
  return step(context, options, {
    name: "set",
    target,
    will(before) {
      if (before.dial === target && before.other === undefined) return [`The dial stands at ${target} already.`];
      return [
        `Turns the dial from ${before.dial} to ${target}: of 100 sessions, ${target} have their home in Redis then.`,
      ];
    },
    run: ({ move }, rest) => move.turn(target, rest),
    did: (now) => `The dial stands at ${now.dial}: ${followers(now)}.`,
  });
}

export async function finish(context: Context, options: TurnOptions): Promise<Outcome> {
  return step(context, options, {
    name: "finish",
    will: () => ["Leaves the database: Redis alone is asked and written. The table stays as it is."],
    run: ({ move }, rest) => move.finish(rest),
    did: (now) => `Finished: ${followers(now)}.`,
  });
}

interface Turn {
  readonly name: "start" | "set" | "finish";
  readonly target?: number;
  will(before: Standing): string[];
  run(context: Context, options: { force: boolean; onWait: (what: string) => void }): Promise<void>;
  did(now: Standing): string;
}

async function step(context: Context, { force = false, dryRun = false }: TurnOptions, turn: Turn): Promise<Outcome> {
  const { say, signal } = context;
  const before = await readStanding(context);
  mustBePossible(turn.name, before, { target: turn.target, force, isFollowed: living(before).length > 0 });
  for (const line of turn.will(before)) say(line);
  if (dryRun) {
    say("Nothing was changed (--dry-run).");
    return { facts: { dryRun, phase: before.phase, dial: before.dial }, next: [] };
  }
  await orStopped(turn.run(context, { force, onWait: sayWaiting(say) }), signal);
  const now = await readStanding(context);
  say(turn.did(now));
  return { facts: { dryRun, phase: now.phase, dial: now.dial, processes: living(now).length }, next: nextSteps(now) };
}

function followers(standing: Standing): string {
  const processes = living(standing).length;
  return processes === 0 ? "no process follows the move" : count(processes, "process follows", "processes follow");
}
