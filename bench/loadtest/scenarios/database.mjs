// A database against Redis: look-ups and updates at the store, and pages over HTTP, in many short slices by turns.
import { measurePage } from "../../measure.mjs";
import { startLoad } from "../../processes.mjs";
import { middleHalf, median } from "../../statistics.mjs";
import { withSetUp } from "../set-up.mjs";

export const title = "A database against Redis";
export const reference = "connect-pg-simple";

const variants = ["connect-pg-simple", "connect-redis", "json", "hash", "cookie-session"];
const workers = 50;
const operations = [
  { name: "look-up, one at a time", operation: "get", workers: 1 },
  { name: "look-up", operation: "get", workers },
  { name: "update, one at a time", operation: "update", workers: 1 },
  { name: "update", operation: "update", workers },
];
const pages = [
  { name: "page that reads", path: "/read" },
  { name: "page that writes", path: "/write" },
];

const slicesOf = (quick) => (quick ? 3 : 12);

export function steps(quick) {
  return slicesOf(quick);
}

export async function run({ quick, step }) {
  return withSetUp(async (setUp) => {
    const [redis, postgres] = [await setUp.redis(), await setUp.postgres()];
    const apps = [];
    for (const variant of variants) {
      const app = await setUp.app(variant, { redis, postgres });
      apps.push({ ...app, cookies: await setUp.visitors(app, workers) });
    }
    const load = startLoad();
    const measured = new Map(); // by what and variant, a figure for each slice
    try {
      for (let slice = -1; slice < slicesOf(quick); slice++) {
        if (slice >= 0) step(`slice ${slice + 1} of ${slicesOf(quick)}`);
        for (const app of slice % 2 ? apps.toReversed() : apps) {
          for (const [what, figures] of await measureSlice(app, load, quick)) {
            if (slice < 0) continue; // the first is for V8
            const key = `${what}\0${app.variant}`;
            measured.set(key, [...(measured.get(key) ?? []), figures]);
          }
        }
      }
    } finally {
      await load.stop();
    }
    return { workers, reference, rows: summarize(measured) };
  });
}

async function measureSlice(app, load, quick) {
  const milliseconds = quick ? 100 : 300;
  const rows = [];
  if (app.first.hasStore) {
    for (const { name, ...order } of operations) {
      rows.push([name, await app.first.ask("operations", { ...order, milliseconds })]);
    }
  }
  for (const { name, path } of pages) {
    // The visitor of a cookie-session would need each new cookie; its counter is not compared.
    const order = { app: app.first, load, path, cookies: app.cookies, count: quick ? 5 : 20 };
    rows.push([name, await measurePage(order)]);
  }
  return rows;
}

/** Ratios are taken within a slice. */
function summarize(measured) {
  return Array.from(measured, ([key, slices]) => {
    const [what, variant] = key.split("\0");
    const base = measured.get(`${what}\0${reference}`);
    const over = (figure) => ({ median: median(slices.map(figure)), middle: middleHalf(slices.map(figure)) });
    return {
      what,
      variant,
      rate: over(({ rate }) => rate),
      rateRatio: over(({ rate }, index) => rate / base[index].rate),
      cpu: over(({ cpu }) => cpu),
      ...(slices[0].mean !== undefined && { mean: over(({ mean }) => mean), p99: over(({ p99 }) => p99) }),
    };
  });
}
