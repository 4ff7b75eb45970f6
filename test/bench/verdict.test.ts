/** What the documents say about targets and claims is what the results say, whatever they are. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const bench = new URL("../../bench/", import.meta.url);
const load = (file: string): Promise<any> => import(new URL(file, bench).href);
const { verdict, updatesSentences } = await load("store/verdict.mjs");
const { backfillVerdict } = await load("backfill/tables.mjs");
const { claims, loadtestSentences } = await load("loadtest/report/claims.mjs");
const read = (name: string) => JSON.parse(readFileSync(new URL(`results/${name}.json`, bench), "utf8"));
const [store, backfill, loadtest] = ["store", "backfill", "loadtest"].map(read);
const plan = { site: { serverMemory: 2 ** 30 }, plan: { servers: 3, monthly: 150, before: 2000, savingPercent: 92.5 } };
const plans = { claimed: plan, larger: plan };

const spread = (median: number) => ({ median, middle: [median, median] });

/** All targets are met. */
function fast() {
  const results = structuredClone(store);
  const variants = ["json", "hash", "json+near", "hash+near"];
  for (const variant of variants) {
    const isNear = variant.endsWith("near");
    for (const [page, trips] of [
      ["read", isNear ? 0 : 1],
      ["write", isNear ? 1 : 2],
    ] as const) {
      const counts = { commands: trips, trips, bytesRatio: 0.01 };
      results.variants[page][variant] = { floorRatio: spread(0.5), rateRatio: spread(2), ...counts };
    }
    results.variants.updates[variant] = { rateRatio: spread(1.3) };
    results.overlap.rows[variant].commandsAtMost = 1.04;
  }
  const copied = structuredClone(backfill);
  for (const round of copied.copy.rounds) {
    Object.assign(round.copy, { rate: 1000 });
    Object.assign(round.pipe, { rate: 900 });
    Object.assign(round.backfill, { rate: 640, memory: { most: 149 * 2 ** 20 } });
  }
  return { results, copied };
}

test("all targets met", () => {
  const { results, copied } = fast();
  expect(verdict(results, copied)).toMatch(/^\*\*All \d+ targets are met\.\*\*$/);
  expect(backfillVerdict(copied.copy)).toContain("target for speed is met** (0.71, at least 0.7)");
});

test.each([
  ["an update", (all: any) => (all.results.variants.updates.json.rateRatio = spread(0.99)), "0.99 (target: ≥ 1)"],
  ["a read", (all: any) => (all.results.variants.read.hash.floorRatio = spread(1.61)), "1.61 (target: ≤ 1.6)"],
  ["overlapping saves", (all: any) => (all.results.overlap.rows.json.commandsAtMost = 3.5), "3.50 (target: ≤ 3)"],
  [
    "a backfill",
    (all: any) => all.copied.copy.rounds.forEach((one: any) => (one.backfill.rate = 600)),
    "0.67 (target: ≥ 0.7)",
  ],
  [
    "its memory",
    (all: any) => (all.copied.copy.rounds[0].backfill.memory.most = 150 * 2 ** 20),
    "150 MB (target: under 150 MB)",
  ],
])("%s that misses its target is said to", (_what, spoil, said) => {
  const all = fast();
  spoil(all);
  const [first, , ...missed] = verdict(all.results, all.copied).split("\n");
  expect(first).toMatch(/^\*\*Of (\d+) targets, \d+ are met\.\*\* Missed:$/);
  expect(missed).toEqual([expect.stringContaining(said)]);
});

test("what an update takes more than connect-redis is named, largest first; ours is one part", () => {
  const columns = [
    { name: "connect-redis", parts: { "connect-redis": 20, "client library": 60, "garbage collection": 20 } },
    {
      name: "json",
      parts: { "Holdfast: session": 30, "Holdfast: repository": 30, "client library": 70, "garbage collection": 21 },
    },
  ];
  expect(updatesSentences({ columns })).toBe(
    "- Holdfast, json: 151 µs, connect-redis 100. Of the difference, in µs: Holdfast +60; client library +10; connect-redis −20.",
  );
});

test("a claim that is reached needs no reason, and one that is not has one", () => {
  const sentences = (results: unknown) => loadtestSentences(results, plans).reasons as string;
  const good = structuredClone(loadtest);
  const row = (name: string) => good.writes.rows.find((one: any) => one.name === name);
  Object.assign(row("Holdfast, 2 processes"), { reached: 6000, success: 1 });
  Object.assign(row("Holdfast, store only"), { mean: 0.5 });
  for (const one of good.memory.rows) if (one.variant === "json") Object.assign(one, { fit: 120_000, bytes: 600 });
  for (const one of good.database.rows) {
    if (one.variant === "json") one.rate.median = 200_000;
    if (one.variant === good.database.reference && one.mean) one.mean.median = 30;
  }
  for (const one of good.logins.rows) {
    const isBefore = one.site === "connect-pg-simple";
    Object.assign(one, { loginSuccess: isBefore ? 0.5 : 1, requestSuccess: 1, serverErrors: 0 });
    one.login.p95 = 200;
  }
  expect(sentences(good)).toBe("");
  expect(claims(good, plans).rows.map((one: string[]) => one[3])).not.toContain("no");

  row("Holdfast, 2 processes").reached = 5000;
  expect(sentences(good)).toMatch(/^- \*\*writes a second over HTTP\*\*: the reference counts commands of Redis/);
  for (const one of good.memory.rows) if (one.variant === "json") one.fit = 80_000;
  expect(sentences(good)).toContain("100,000 sessions of 2.5 KB in 256 MB");
  expect(claims(good, plans).rows.find(([claim]: [string, ...string[]]) => claim.startsWith("100,000"))[3]).toBe(
    "yes, with `compress`",
  );
  for (const one of good.logins.rows) one.loginSuccess = 1;
  expect(claims(good, plans).rows.find(([claim]: [string, ...string[]]) => claim.startsWith("before:"))[3]).toBe(
    "not reproduced",
  );
  expect(sentences(good)).toContain("a healthy PostgreSQL");
});

test("how cost grows: a bend is explained where there is one", () => {
  const grows = (results: unknown) => loadtestSentences(results, plans).grows as string;
  const straight = structuredClone(loadtest);
  for (const one of straight.growth.rows) {
    if (one.by === "bytes of JSON") one.get.cpu = one.value / 100;
    if (one.by === "sessions") Object.assign(one, { get: { cpu: 20 }, update: { cpu: 100 } });
  }
  expect(grows(straight)).toContain("an update costs 1.00 times as much, and a look-up 1.00 times");
  expect(grows(straight)).not.toContain("40,000");
  for (const one of straight.growth.rows) if (one.value === 65_536) one.get.cpu *= 4;
  expect(grows(straight)).toContain("Between 16,384 and 65,536 bytes a look-up grows by far more than the size");
});
