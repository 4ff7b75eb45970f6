// How much memory a session takes, and so how many of 2.5 KB fit into 256 MB.
import { sampleSession } from "../../session.mjs";
import { withSetUp } from "../set-up.mjs";
import { median } from "../../statistics.mjs";

export const title = "100,000 sessions of 2.5 KB in 256 MB";

const variants = ["connect-redis", "json", "hash", "json, compressed", "hash, compressed"];
const budget = 256 * 2 ** 20;

export function steps() {
  return variants.length + 1;
}

export async function run({ quick, step }) {
  const count = quick ? 2000 : 20_000;
  const rows = [];
  for (const variant of variants) {
    step(variant);
    const row = await inRedis(variant, count, quick);
    if (row) rows.push(row);
  }
  step("connect-pg-simple");
  rows.push(await inPostgres(count));
  const jsonBytes = median(Array.from({ length: 100 }, (_, n) => Buffer.byteLength(JSON.stringify(sampleSession(n)))));
  return { count, budget, jsonBytes, rows };
}

async function inRedis(variant, count, quick) {
  return withSetUp(async (setUp) => {
    const redis = await setUp.redis({ log: false });
    const app = await setUp.app(variant, { redis });
    if (!app) return undefined;
    const before = await redis.memory();
    await app.first.ask("fill", { count });
    const bytes = ((await redis.memory()) - before) / count;
    const costs = {};
    for (const operation of ["get", "update"]) {
      await app.first.ask("operations", { operation, workers: 50, milliseconds: quick ? 200 : 2000 });
      costs[operation] = (
        await app.first.ask("operations", { operation, workers: 50, milliseconds: quick ? 200 : 3000 })
      ).cpu;
    }
    return { variant, bytes, fit: Math.floor((budget - before) / bytes), cpu: costs };
  });
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
