// How much memory a session takes, and so how many of 2.5 KB fit into 256 MB; with and without the option `compress`.
import { sampleSession } from "../../session.mjs";
import { withSetUp } from "../set-up.mjs";
import { median } from "../../statistics.mjs";

export const title = "100,000 sessions of 2.5 KB in 256 MB";

/** Up to which length of its values Redis stores a hash in one piece; 64 unless it is told otherwise. */
const listpack = "hash-max-listpack-value";
const points = [
  ...["connect-redis", "json", "hash", "json, compressed", "hash, compressed"].map((variant) => ({ variant })),
  ...["hash", "hash, compressed"].map((variant) => ({ variant, settings: { [listpack]: "2048" } })),
];
const budget = 256 * 2 ** 20;

export function steps() {
  return points.length + 1;
}

export async function run({ quick, step }) {
  const count = quick ? 2000 : 20_000;
  const rows = [];
  for (const point of points) {
    step(nameOf(point));
    const row = await inRedis(point, { count, quick });
    if (row) rows.push(row);
  }
  step("connect-pg-simple");
  rows.push(await inPostgres(count));
  const jsonBytes = median(Array.from({ length: 100 }, (_, n) => Buffer.byteLength(JSON.stringify(sampleSession(n)))));
  return { count, budget, jsonBytes, rows };
}

function nameOf({ variant, settings = {} }) {
  return [variant, ...Object.entries(settings).map((setting) => setting.join(" "))].join(", ");
}

async function inRedis(point, { count, quick }) {
  const { variant, settings = {} } = point;
  return withSetUp(async (setUp) => {
    const redis = await setUp.redis({ log: false });
    for (const [setting, value] of Object.entries(settings)) await redis.client.configSet(setting, value);
    const app = await setUp.app(variant, { redis });
    if (!app) return undefined;
    const before = await redis.memory();
    await app.first.ask("fill", { count });
    const bytes = ((await redis.memory()) - before) / count;
    const cpu = await costsOf(app, quick);
    // A process remembers the texts that it has read; another one has to take each apart.
    const other = await setUp.app(variant, { redis, prefix: app.prefix });
    cpu.first = await other.first.ask("readEach", { count });
    return { variant: nameOf(point), bytes, fit: Math.floor((budget - before) / bytes), cpu };
  });
}

/** Medians of short slices, by turns, because of whatever else the machine does meanwhile. */
async function costsOf(app, quick) {
  const slices = { get: [], update: [] };
  for (let slice = -1; slice < (quick ? 2 : 12); slice++) {
    for (const [operation, seen] of Object.entries(slices)) {
      const milliseconds = quick ? 100 : slice < 0 ? 2000 : 250;
      const { cpu } = await app.first.ask("operations", { operation, workers: 50, milliseconds });
      if (slice >= 0) seen.push(cpu); // the first is for V8
    }
  }
  return { get: median(slices.get), update: median(slices.update) };
}

/** Of the table with its indexes, as it is after the rows were written once. */
async function inPostgres(count) {
  return withSetUp(async (setUp) => {
    const postgres = await setUp.postgres();
    const app = await setUp.app("connect-pg-simple", { postgres });
    await app.first.ask("fill", { count });
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { rows } = await client.query("SELECT pg_total_relation_size('session') AS bytes");
    await client.end();
    return { variant: "connect-pg-simple", bytes: Number(rows[0].bytes) / count };
  });
}
