/** `holdfast migrate status`: reads everything, and changes nothing. */
import { describeFailure } from "../failure.js";
import type { Context } from "./context.js";
import { nextSteps } from "../../migrate/state/machine.js";
import { countSessions } from "../../migrate/steps/proof.js";
import type { Outcome } from "./run-step.js";
import { isVerified, readSnapshot } from "./snapshot.js";
import { statusPage, type StoreCount, type StoreCounts } from "./status-page.js";
import { repositoryOf } from "../../express-session/index.js";

/** Milliseconds after which counting keys stops: a status must not take minutes. */
const countTimeout = 3000;

export async function runStatus(context: Context): Promise<Outcome> {
  const snapshot = await readSnapshot(context);
  const [redis, legacy] = await Promise.all([
    countRedis(context),
    context.hasSource ? countLegacy(context) : undefined,
  ]);
  const counts: StoreCounts = { redis, ...(legacy && { legacy }) };
  for (const line of statusPage(snapshot, counts)) context.say(line);
  const { phase, dial, other, version, startedAt, doubt, pending, unmirrored, backfilled, processes } = snapshot;
  const { isReturning, isTurning, isBackfilling } = snapshot;
  const facts = {
    phase,
    dial,
    other,
    version,
    startedAt: startedAt === undefined ? undefined : new Date(startedAt).toISOString(),
    verified: isVerified(snapshot),
    doubt,
    pending,
    unmirrored,
    backfilled,
    isReturning,
    isTurning,
    isBackfilling,
    processes,
    sessions: counts,
  };
  // A count that was requested and failed.
  return { facts, next: nextSteps(snapshot), isRefused: (legacy?.problem ?? redis.problem) !== undefined };
}

/** A user who may not list keys must still see the rest. */
async function countRedis(context: Context): Promise<StoreCount> {
  try {
    return await countKeys(context);
  } catch (error) {
    return { name: context.redisName, problem: describeFailure(error).message };
  }
}

async function countKeys({ redis, redisName, signal }: Context): Promise<StoreCount> {
  const deadline = performance.now() + countTimeout;
  let sessions = 0;
  for await (const sids of repositoryOf(redis).list()) {
    sessions += sids.length;
    if (performance.now() > deadline || signal.aborted) return { name: redisName, sessions, isAtLeast: true };
  }
  return { name: redisName, sessions };
}

/** If the database is down, the page must still show the rest. */
async function countLegacy(context: Context): Promise<StoreCount> {
  try {
    const source = await context.source();
    return { name: source.name, sessions: await countSessions({ source, control: context.control }) };
  } catch (error) {
    return { name: "Database", problem: describeFailure(error).message };
  }
}
