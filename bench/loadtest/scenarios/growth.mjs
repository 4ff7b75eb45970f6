// How cost grows: with the number of sessions, their size, the app's processes, and the primaries of a cluster.
import { fill } from "../../sessions/fill.mjs";
import { median, middleHalf } from "../../statistics.mjs";
import { withSetUp } from "../set-up.mjs";

export const title = "How cost grows";

const counts = (quick) => (quick ? [1000, 10_000] : [1000, 10_000, 100_000, 1_000_000]);
const sizes = [512, 2560, 16_384, 65_536];
const processes = [1, 2, 3, 4];
const primaries = [1, 2, 3];
const workers = 50;

export function steps(quick) {
  return counts(quick).length + 3;
}

export async function run({ quick, step }) {
  const rows = [];
  for (const count of counts(quick)) {
    step(`${count} sessions`);
    rows.push(await withCount(count, quick));
  }
  step("sizes");
  rows.push(...(await withSizes(quick)));
  step("processes");
  rows.push(...(await withProcesses(quick)));
  step("primaries of a cluster");
  rows.push(...(await withPrimaries(quick)));
  return { workers, rows };
}

function withCount(count, quick) {
  return withSetUp(async (setUp) => {
    const redis = await setUp.redis({ log: false });
    const before = await redis.memory();
    await fill(redis.port, count, "json");
    const bytes = ((await redis.memory()) - before) / count;
    const app = await setUp.app("json", { redis, prefix: "sess:" });
    return { by: "sessions", value: count, bytes, ...(await slices([{ app, redis }], quick))[0] };
  });
}

/** All sizes by turns in one run. */
function withSizes(quick) {
  return withSetUp(async (setUp) => {
    const redis = await setUp.redis({ log: false });
    const app = await setUp.app("json", { redis });
    const points = sizes.map((bytes) => ({ app, redis, bytes }));
    const measured = await slices(points, quick);
    return sizes.map((bytes, index) => ({ by: "bytes of JSON", value: bytes, ...measured[index] }));
  });
}

/** Over HTTP: processor time of all processes for each page view. */
function withProcesses(quick) {
  return withSetUp(async (setUp) => {
    const redis = await setUp.redis({ log: false });
    const generator = await setUp.generator();
    const rows = [];
    for (const count of processes) {
      const app = await setUp.app("json", { redis, processes: count });
      const cookies = await setUp.visitors(app, 100);
      const view = (seconds) =>
        generator.ask("rate", { ports: app.ports, cookies, path: "/write", rate: 1000, seconds });
      await view(quick ? 1 : 4 * count);
      const [cpu, calls] = [await app.cpu(), await commandsOf(redis)];
      const { answered, mean, p99, lost } = await view(quick ? 1 : 8);
      rows.push({
        by: "processes",
        value: count,
        update: { cpu: ((await app.cpu()) - cpu) / answered, mean, p99 },
        commands: ((await commandsOf(redis)) - calls) / answered,
        lost,
      });
    }
    return rows;
  });
}

/** All sizes of the cluster by turns in one run. */
function withPrimaries(quick) {
  return withSetUp(async (setUp) => {
    const points = [];
    for (const count of primaries) {
      const cluster = await setUp.cluster(count);
      if (cluster) points.push({ app: await setUp.app("json", { cluster }) });
    }
    const measured = await slices(points, quick);
    return measured.map((row, index) => ({ by: "primaries of a cluster", value: primaries[index], ...row }));
  });
}

/** Look-ups and updates in short slices, each point in its turn; medians. */
async function slices(points, quick) {
  const count = quick ? 2 : 10;
  const seen = points.map(() => ({ get: [], update: [], commands: [] }));
  for (let slice = -1; slice < count; slice++) {
    for (const [index, { app, redis, bytes }] of points.entries()) {
      for (const operation of ["get", "update"]) {
        const milliseconds = slice < 0 ? 1000 : 300;
        const before = redis && (await commandsOf(redis));
        const one = await app.first.ask("operations", { operation, workers, milliseconds, bytes });
        if (slice < 0) continue; // for V8
        seen[index][operation].push(one);
        if (redis && operation === "update") {
          seen[index].commands.push(((await commandsOf(redis)) - before) / ((one.rate * milliseconds) / 1000));
        }
      }
    }
  }
  return seen.map(({ get, update, commands }) => ({
    get: figures(get),
    update: figures(update),
    ...(commands.length > 0 && { commands: median(commands) }),
  }));
}

function figures(measured) {
  const over = (name) => median(measured.map((one) => one[name]));
  return {
    cpu: over("cpu"),
    cpuMiddle: middleHalf(measured.map(({ cpu }) => cpu)),
    mean: over("mean"),
    p99: over("p99"),
  };
}

/** Commands that Redis has run for sessions; what a script runs inside counts, too. */
async function commandsOf({ client }) {
  const stats = await client.info("commandstats");
  let calls = 0;
  for (const [, name, count] of stats.matchAll(/cmdstat_(\S+?):calls=(\d+)/g)) {
    if (/^(get|set|hgetall|hmget|hset|eval|evalsha|expire|pexpire|hgetex)$/i.test(name)) calls += Number(count);
  }
  return calls;
}
