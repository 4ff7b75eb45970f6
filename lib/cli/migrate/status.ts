/** `holdfast migrate status`: looks, and changes nothing. */
import { describeFailure } from "../failure.js";
import type { Context } from "./context.js";
import { nextSteps } from "./next-step.js";
import type { Outcome } from "./run-step.js";
import { isVerified, readStanding } from "./standing.js";
import { statusPage, type StoreCount, type StoreCounts } from "./status-page.js";

/** Milliseconds after which counting keys is given up: a status must not take minutes. */
const patience = 3000;

export async function runStatus(context: Context): Promise<Outcome> {
  const standing = await readStanding(context);
  const [redis, legacy] = await Promise.all([
    countRedis(context),
    context.hasSource ? countLegacy(context) : undefined,
  ]);
  const counts: StoreCounts = { redis, ...(legacy && { legacy }) };
  for (const line of statusPage(standing, counts)) context.say(line);
  const { phase, dial, other, version, startedAt, doubt, pending, unmirrored, backfilled, processes } = standing;
  const facts = {
    phase,
    dial,
    other,
    version,
    startedAt: startedAt === undefined ? undefined : new Date(startedAt).toISOString(),
    verified: isVerified(standing),
    doubt,
    pending,
    unmirrored,
    backfilled,
    processes,
    sessions: counts,
  };
  // Asked for, and not told.
  return { facts, next: nextSteps(standing), isRefused: legacy?.problem !== undefined };
}

async function countRedis({ redis, redisName, signal }: Context): Promise<StoreCount> {
  const deadline = performance.now() + patience;
  let sessions = 0;
  for await (const sids of redis.scanIds()) {
    sessions += sids.length;
    if (performance.now() > deadline || signal.aborted) return { name: redisName, sessions, isAtLeast: true };
  }
  return { name: redisName, sessions };
}

/** The page has more to tell than this; a database that is away must not hide it. */
async function countLegacy(context: Context): Promise<StoreCount> {
  try {
    const source = await context.source();
    return { name: source.name, sessions: await source.count() };
  } catch (error) {
    return { name: "Database", problem: describeFailure(error).message };
  }
}
