// 6,000 page views a second, each of which writes the session: over HTTP with one and two processes, and at the store.
import { sample, withSetUp } from "../set-up.mjs";

export const title = "6,000 writes a second";
export const wanted = 6000;
/** Milliseconds: the limit of p99 for the highest rate. */
export const limit = 10;

const setUps = [
  { name: "Holdfast, 2 processes", variant: "json", processes: 2 },
  { name: "Holdfast, 1 process", variant: "json", processes: 1 },
  { name: "Holdfast hash, 2 processes", variant: "hash", processes: 2 },
  { name: "connect-redis, 2 processes", variant: "connect-redis", processes: 2 },
  { name: "connect-pg-simple, 2 processes", variant: "connect-pg-simple", processes: 2 },
];

const stores = [
  { name: "Holdfast, store only", variant: "json" },
  { name: "connect-redis, store only", variant: "connect-redis" },
];
const roundsOf = (quick) => (quick ? 1 : 3);

export function steps(quick) {
  return roundsOf(quick) * (setUps.length + stores.length);
}

/** All are started at once and take their turns, because the speed of a shared machine drifts. */
export async function run({ quick, step }) {
  return withSetUp(async (setUp) => {
    const targets = await startAll(setUp, quick);
    for (const { view } of targets) await view(1000, quick ? 1 : 5); // so that V8 has compiled what it is going to
    for (let round = 0; round < roundsOf(quick); round++) {
      for (const target of round % 2 ? targets.toReversed() : targets) {
        step(`round ${round + 1}: ${target.name}`);
        target.rounds.push(await measureRound(target, quick));
        // In the last round, because an app that has just started is slower for a while.
        if (round === roundsOf(quick) - 1) target.highest = await highestRate(target.view, quick);
      }
    }
    const rows = targets.map(({ name, highest, rounds }) => ({ name, highest, ...middleRound(rounds) }));
    return { wanted, limit, visitors: visitorCount(quick), rounds: roundsOf(quick), rows };
  });
}

function visitorCount(quick) {
  return quick ? 100 : 1000;
}

async function startAll(setUp, quick) {
  const [redis, postgres] = [await setUp.redis(), await setUp.postgres()];
  const generator = setUp.generator();
  const targets = [];
  for (const { name, variant, processes } of setUps) {
    const app = await setUp.app(variant, { redis, postgres, processes });
    const cookies = await setUp.visitors(app, visitorCount(quick));
    const order = { ports: app.ports, cookies, path: "/write" };
    const view = (rate, seconds) => generator.ask("rate", { ...order, rate, seconds });
    targets.push({ name, view, cpu: app.cpu, memory: () => redis.memory(), rounds: [] });
  }
  for (const { name, variant } of stores) {
    const app = await setUp.app(variant, { redis });
    targets.push({ name, view: (rate, seconds) => app.first.ask("rate", { rate, seconds }), rounds: [] });
  }
  return targets;
}

async function measureRound({ view, cpu, memory }, quick) {
  const cpuBefore = await cpu?.();
  const memoryOf = memory && sample(memory);
  const result = await view(wanted, quick ? 2 : 8);
  return {
    ...result,
    ...(memoryOf && { memory: await memoryOf() }),
    ...(cpu && { cpu: ((await cpu()) - cpuBefore) / result.answered }),
  };
}

/** The round whose mean is in the middle, with the range of all. */
function middleRound(rounds) {
  const sorted = rounds.toSorted((a, b) => a.mean - b.mean);
  const ofAll = (figure) => ({
    least: Math.min(...rounds.map((round) => round[figure])),
    most: Math.max(...rounds.map((round) => round[figure])),
  });
  return {
    ...sorted[Math.floor((sorted.length - 1) / 2)],
    lost: rounds.some(({ lost }) => lost !== undefined) ? rounds.reduce((sum, { lost }) => sum + lost, 0) : undefined,
    range: { p99: ofAll("p99"), reached: ofAll("reached") },
  };
}

/** The highest rate at which p99 stays under the limit, all are answered, and the rate is kept; within ten percent. */
async function highestRate(view, quick) {
  const { seconds, precision, first } = quick
    ? { seconds: 0.5, precision: 2, first: 2000 }
    : { seconds: 2, precision: 1.1, first: 1000 };
  const holds = async (rate, isLast = quick) => {
    const { p99, success, reached } = await view(rate, seconds);
    if (p99 < limit && success === 1 && reached > rate * 0.97) return true;
    // Twice if it was close, because one hiccup of the machine is not the end.
    return !isLast && p99 < limit * 20 && (await holds(rate, true));
  };
  let [low, high] = [first / 2, first];
  while (high < 64_000 && (await holds(high))) [low, high] = [high, high * 2];
  while (high / low > precision) {
    const middle = Math.round(Math.sqrt(low * high));
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  return low < first ? 0 : low;
}
