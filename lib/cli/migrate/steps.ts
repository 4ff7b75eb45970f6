/** `start`, `set` and `finish`: the steps that change the state of the move and take only a moment. */
import { proveWayBack, proveWritable } from "../../migrate/index.js";
import { mustBePossible, nextSteps, refusal } from "../../migrate/state/machine.js";
import { activeIn } from "../../migrate/steps/processes.js";
import { count } from "../words.js";
import type { Context } from "./context.js";
import type { Outcome } from "./run-step.js";
import { readSnapshot, type Snapshot } from "./snapshot.js";
import { orStopped, sayWaiting } from "./waiting.js";

interface StepOptions {
  dryRun?: boolean;
}

export interface TurnOptions extends StepOptions {
  acceptLoss?: boolean;
  leaveBehind?: boolean;
}

export type StartOptions = StepOptions &
  (
    | {
        /** The number of processes that the app has. */
        processes?: number;
        withoutApp?: undefined;
      }
    | { processes?: undefined; withoutApp?: boolean }
  );

export async function start(context: Context, { processes, ...options }: StartOptions): Promise<Outcome> {
  return step(context, options, {
    name: "start",
    will: () => ["From now on, every change is written to both stores. The database stays the home of all sessions."],
    async before(snapshot) {
      context.mustMatchApp();
      const source = await context.source();
      const followers = activeIn(snapshot.processes).length;
      if (processes !== undefined && processes !== followers) throw refusal(wrongNumber(followers, processes));
      if (options.dryRun) return;
      const question = `${followersText(followers)}. Are these all processes of the app?`;
      if (processes === undefined && followers > 0 && !(await context.confirm(question)))
        throw refusal("Nothing was changed. First deploy the app with its MigratingStore to every process.");
      await orStopped(proveWritable(source), context.signal);
      if (followers > 0) await orStopped(proveWayBack({ source, control: context.control }), context.signal);
      const policy = await context.policy();
      if (policy !== undefined && policy !== "noeviction")
        context.say(
          `Warning: Redis has the maxmemory-policy ${policy}. When memory is short, it removes keys, including ` +
            "sessions and the state of the move. Set it to noeviction.",
        );
    },
    run: ({ move }, rest) => move.start(rest),
    did: (now) =>
      `Started: ${activeText(now)}. Nobody is logged out. A process without a MigratingStore writes only to the ` +
      "database, so its logouts would be undone later.",
  });
}

function wrongNumber(followers: number, given: number): string {
  const fact = `${followersText(followers)}, but --processes is ${given}.`;
  return followers < given
    ? `${fact} First deploy the app with its MigratingStore to every process; see \`holdfast migrate status\`.`
    : `${fact} Run \`holdfast migrate status\` to see which ones.`;
}

export async function set(
  context: Context,
  { target, ...options }: TurnOptions & { target: number },
): Promise<Outcome> {
  return step(context, options, {
    name: "set",
    target,
    will(before) {
      if (before.dial === target && before.other === undefined) return [`The dial is already at ${target}.`];
      return [
        `Turning the dial from ${before.dial} to ${target}: then Redis is the home of ${target}% of the sessions.`,
      ];
    },
    run: ({ move }, rest) => move.turn(target, rest),
    did: (now) => `The dial is at ${now.dial}: ${activeText(now)}.`,
  });
}

export async function finish(context: Context, options: TurnOptions): Promise<Outcome> {
  return step(context, options, {
    name: "finish",
    will: () => ["From now on, only Redis is used. The table in the database is not changed."],
    run: ({ move }, rest) => move.finish(rest),
    did: (now) => `Finished: ${activeText(now)}.`,
  });
}

interface StepParts {
  readonly name: "start" | "set" | "finish";
  readonly target?: number;
  will(before: Snapshot): string[];
  /** Further checks. @throws HoldfastError */
  before?(before: Snapshot): Promise<void>;
  run(context: Context, options: Parameters<Context["move"]["start"]>[0]): Promise<void>;
  did(now: Snapshot): string;
}

type AnyOptions = StepOptions & TurnOptions & StartOptions;

async function step(context: Context, { dryRun = false, ...goesOn }: AnyOptions, parts: StepParts): Promise<Outcome> {
  const { say, signal, move } = context;
  const before = await readSnapshot(context);
  mustBePossible(parts.name, before, { ...goesOn, target: parts.target, isFollowed: before.isFollowed });
  await parts.before?.(before);
  for (const line of parts.will(before)) say(line);
  if (dryRun) {
    say("Nothing was changed (--dry-run).");
    return { facts: { dryRun, phase: before.phase, dial: before.dial }, next: [] };
  }
  const labels = new Set<string>(); // one step may report a session more than once
  const onLeft = (some: readonly string[]) => some.forEach((label) => labels.add(label));
  try {
    await orStopped(parts.run(context, { ...goesOn, onWait: sayWaiting(say), onLeft }), signal);
  } finally {
    if (signal.aborted) await move.leaveTurn();
  }
  const now = await readSnapshot(context);
  say(parts.did(now));
  const leftBehind = [...labels];
  if (leftBehind.length > 0) say(leftBehindText(leftBehind));
  return {
    facts: { dryRun, phase: now.phase, dial: now.dial, processes: activeIn(now.processes).length, leftBehind },
    next: nextSteps(now),
  };
}

function leftBehindText(labels: readonly string[]): string {
  return (
    `Left behind, because a store rejects ${labels.length === 1 ? "it" : "them"}: ${labels.join(", ")} (short ` +
    "hashes)."
  );
}

function activeText({ processes }: Snapshot): string {
  return followersText(activeIn(processes).length);
}

function followersText(followers: number): string {
  return followers === 0
    ? "no process follows the move"
    : count(followers, "process follows the move", "processes follow the move");
}
