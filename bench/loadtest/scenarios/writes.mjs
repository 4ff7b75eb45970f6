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

export function steps(quick) {
  return setUps.length + (quick ? 1 : 2);
}

export async function run({ quick, step }) {
  const rows = [];
  for (const setUp of setUps) {
    step(setUp.name);
    rows.push(await measureHttp(setUp, quick));
  }
  step("at the store");
  rows.push(...(await measureStore(quick)));
  return { wanted, limit, visitors: visitorCount(quick), rows };
}

function visitorCount(quick) {
  return quick ? 100 : 1000;
}

async function measureHttp({ name, variant, processes }, quick) {
  return withSetUp(async (setUp) => {
    const redis = await setUp.redis();
    const postgres = variant === "connect-pg-simple" ? await setUp.postgres() : undefined;
    const app = await setUp.app(variant, { redis, postgres, processes });
    const generator = await setUp.generator();
    const cookies = await setUp.visitors(app, visitorCount(quick));
    const view = (rate, seconds) => generator.ask("rate", { ports: app.ports, cookies, path: "/write", rate, seconds });
    await view(1000, quick ? 1 : 5); // so that V8 has compiled what it is going to compile
    const highest = await highestRate(view, quick);
    const [cpuBefore, memoryOf] = [await app.cpu(), sample(() => redis.memory())];
    const result = await view(wanted, quick ? 2 : 10);
    const memory = await memoryOf();
    const cpu = ((await app.cpu()) - cpuBefore) / result.answered;
    return { name, ...result, cpu, memory, highest };
  });
}

async function measureStore(quick) {
  return withSetUp(async (setUp) => {
    const redis = await setUp.redis();
    const rows = [];
    for (const [name, variant] of [
      ["Holdfast, store only", "json"],
      ["connect-redis, store only", "connect-redis"],
    ]) {
      const app = await setUp.app(variant, { redis });
      await app.first.ask("rate", { rate: 1000, seconds: quick ? 1 : 5 });
      const highest = await highestRate((rate, seconds) => app.first.ask("rate", { rate, seconds }), quick);
      rows.push({ name, ...(await app.first.ask("rate", { rate: wanted, seconds: quick ? 2 : 10 })), highest });
    }
    return rows;
  });
}

/** The highest rate at which p99 stays under the limit, all are answered, and the rate is kept; within eight percent. */
async function highestRate(view, quick) {
  const { seconds, precision, first } = quick
    ? { seconds: 0.5, precision: 2, first: 2000 }
    : { seconds: 3, precision: 1.08, first: 1000 };
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
