/** `npm run bench:store`: what a session costs is computed slice by slice, and held against the targets. */
import { expect, test } from "vitest";

interface Spread {
  median: number;
  middle: [number, number];
}
interface Row {
  cost: Spread;
  costRatio: Spread;
  floorRatio?: Spread;
  rateRatio: Spread;
}
type Slices = Record<string, { cpu: number; rate: number }>;
type Names = Record<"base" | "reference" | "floor", string>;

const bench = new URL("../../bench/", import.meta.url);
const load = (file: string): Promise<unknown> => import(new URL(file, bench).href);
const { summarizePages } = (await load("statistics.mjs")) as {
  summarizePages(rounds: Slices[], names: string[], roles: Names): Record<string, Row>;
};
const { compare } = (await load("store/targets.mjs")) as {
  compare(results: unknown): Record<"variant" | "page" | "figure" | "target" | "reached", unknown>[];
};
const { storeTables } = (await load("store/tables.mjs")) as {
  storeTables(results: unknown): { id: string; rows: string[][] }[];
};

const roles = { base: "no sessions", reference: "connect-redis", floor: "floor" };

/** One slice of each, on a machine that is so many times slower than usual. */
function round(slowness: number, json = 140): Slices {
  const slice = (cpu: number) => ({ cpu: cpu * slowness, rate: 1e6 / (cpu * slowness) });
  return { "no sessions": slice(100), "connect-redis": slice(200), floor: slice(120), json: slice(json) };
}
const summary = (rounds: Slices[]) => summarizePages(rounds, Object.keys(rounds[0]!), roles);

test("a machine that gets slower from slice to slice changes no ratio", () => {
  const { json } = summary([1, 1.3, 2, 1.1, 1.7].map((slowness) => round(slowness)));
  expect(json!.costRatio.median).toBeCloseTo(0.4);
  expect(json!.floorRatio!.median).toBeCloseTo(2);
  expect(json!.rateRatio.median).toBeCloseTo(200 / 140);
  for (const ratio of [json!.costRatio, json!.floorRatio!]) expect(ratio.middle[1] - ratio.middle[0]).toBeCloseTo(0);
  expect(json!.cost.middle[1] - json!.cost.middle[0]).toBeGreaterThan(10);
});

test("the middle half has the slices between the quarters, and an outlier moves neither it nor the median", () => {
  const calm = summary([130, 135, 140, 145, 150].map((cpu) => round(1, cpu))).json!;
  expect(calm.costRatio.median).toBeCloseTo(0.4);
  expect(calm.costRatio.middle[0]).toBeCloseTo(0.325);
  expect(calm.costRatio.middle[1]).toBeCloseTo(0.475);
  const torn = summary([130, 135, 140, 145, 900].map((cpu) => round(1, cpu))).json!;
  expect(torn.costRatio.median).toBeCloseTo(0.4);
});

test.each([100, 90])("a slice in which the floor cost nothing is left out: %s", (cpu) => {
  const without = { ...round(1), floor: { cpu, rate: 1 } };
  expect(summary([round(1), without, without, without, round(1)]).json!.floorRatio!.median).toBeCloseTo(2);
});

test("a target is met up to its limit, and missed beyond it", () => {
  const measured = (floorRatio: number, rateRatio: number) => ({
    read: { json: { floorRatio: of(floorRatio), rateRatio: of(rateRatio), commands: 1.01 } },
    updates: { json: { rateRatio: of(rateRatio) } },
  });
  const of = (median: number) => ({ median, middle: [median - 0.1, median + 0.1] });
  const reached = (results: unknown) => compare(results).map((row) => [row.page, row.figure, row.target, row.reached]);
  expect(reached(measured(1.4, 1.6))).toEqual([
    ["read", "floorRatio", "≤ 1.4", true],
    ["read", "rateRatio", "≥ 1.6", true],
    ["read", "commands", "≤ 1.02", true],
    ["updates", "rateRatio", "≥ 1", true],
  ]);
  expect(reached(measured(1.41, 0.99)).map(([, , , met]) => met)).toEqual([false, false, true, false]);
});

test("the table of the targets says what was missed, with the middle half", () => {
  const of = (median: number) => ({ median, middle: [median - 0.1, median + 0.1] });
  const result = {
    read: { json: { floorRatio: of(1.5) } },
    write: { json: { floorRatio: of(1.5) } },
    updates: {},
  };
  const { rows } = storeTables({ variants: result }).find(({ id }) => id === "targets")!;
  expect(rows).toEqual([
    ["Holdfast, json", "reading", "CPU of a session, to the floor", "≤ 1.4", "1.50", "1.40 – 1.60", "**missed**"],
    ["Holdfast, json", "writing", "CPU of a session, to the floor", "≤ 1.8", "1.50", "1.40 – 1.60", "met"],
  ]);
});
