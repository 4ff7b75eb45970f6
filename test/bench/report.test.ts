/** The report of `npm run loadtest`: what it draws, from the results that are kept and from odd ones. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Row = Record<string, any>;
type Results = Record<string, { rows: Row[]; [name: string]: unknown }>;
interface Chart {
  title: string;
  unit: string;
  x: { names?: string[]; values?: number[] };
  y: { isLogarithmic: boolean };
  lines: { name: string; family: string; values: (number | null)[] }[];
}
interface Bars {
  title: string;
  says?: string;
  rows: { name: string; value: number; text: string; family: string }[];
}

const report = new URL("../../bench/loadtest/report/", import.meta.url);
const load = (file: string): Promise<any> => import(new URL(file, report).href);
const { chartsOf } = (await load("charts.mjs")) as { chartsOf(name: string, result: unknown): Chart[] };
const { barsOf } = (await load("bars.mjs")) as { barsOf(name: string, result: unknown): Bars[] };
const { glanceOf } = (await load("glance.mjs")) as { glanceOf(results: unknown): Bars[] };
const { familyOf } = (await load("families.mjs")) as { familyOf(name: string): string };
const { htmlReport } = (await load("html.mjs")) as { htmlReport(results: unknown): string };
const published = JSON.parse(
  readFileSync(new URL("../../bench/results/loadtest.json", import.meta.url), "utf8"),
) as Results;

test("a store has one color, by whatever name a scenario calls it", () => {
  expect(["Holdfast, 2 processes", "json", "Holdfast", "Holdfast, json, compressed"].map(familyOf)).toEqual(
    Array(4).fill("ours"),
  );
  expect(["Holdfast hash, 2 processes", "hash", "hash, compressed"].map(familyOf)).toEqual(Array(3).fill("hash"));
  expect(["connect-redis, store only", "connect-pg-simple", "cookie-session"].map(familyOf)).toEqual([
    "theirs",
    "database",
    "other",
  ]);
});

test("each run over time has its rate, its latency and its memory; a failure is drawn when there is one", () => {
  const writes = published["writes"]!;
  const titles = (result: unknown) => chartsOf("writes", result).map(({ title }) => title);
  expect(titles(writes).join()).toMatch(/^Answered.*p99.*Memory.*percentile$/);
  const failing = structuredClone(writes);
  failing.rows[0]!["timeline"][3].failed = 5;
  expect(titles(failing)).toContain("Failed, second by second");
  const [rate] = chartsOf("writes", writes);
  expect(rate!.lines.at(-1)).toMatchObject({ name: "wanted", values: expect.arrayContaining([6000]) });
  for (const { x, lines } of chartsOf("writes", writes))
    for (const { values } of lines) expect(values).toHaveLength((x.values ?? x.names)!.length);
});

test("the memory of a Redis that nobody uses is not drawn", () => {
  const memory = chartsOf("logins", published["logins"]).find(({ title }) => title.startsWith("Memory"))!;
  expect(memory.lines.length).toBeGreaterThan(0);
  expect(memory.lines.map(({ family }) => family)).not.toContain("database");
});

test("percentiles are compared within a crowd, and within a storm", () => {
  const titles = (name: string) => chartsOf(name, published[name]).map(({ title }) => title);
  const crowds = new Set(published["visitors"]!.rows.map(({ crowd }) => crowd));
  expect(titles("visitors")).toHaveLength(crowds.size);
  const storms = new Set(published["logins"]!.rows.map(({ storm }) => storm));
  expect(titles("logins").filter((title) => title.includes("percentile"))).toHaveLength(storms.size);
  expect(titles("database")).toEqual([]);
});

test("growth is drawn once for each thing that grows", () => {
  const charts = chartsOf("growth", published["growth"]);
  expect(charts.map(({ title }) => title.split(":")[0])).toEqual([
    "By sessions",
    "By bytes of JSON",
    "By processes",
    "By primaries of a cluster",
  ]);
  expect(charts[1]!.y.isLogarithmic).toBe(true);
});

test("at a glance: before and after, with how many times", () => {
  const results = structuredClone(published);
  const row = (name: string) => results["writes"]!.rows.find((one) => one["name"] === name)!;
  Object.assign(row("Holdfast, 2 processes"), { reached: 6000, lost: 0 });
  Object.assign(row("connect-redis, 2 processes"), { lost: 70 });
  Object.assign(row("connect-pg-simple, 2 processes"), { reached: 1500, lost: 90 });
  const [answered, lost] = glanceOf(results);
  expect(answered!.rows.map(({ name }) => name)).toEqual(["connect-pg-simple", "connect-redis", "Holdfast"]);
  expect(answered!.says).toBe("Holdfast: 4.0 times as many as with connect-pg-simple.");
  expect(lost!.says).toBe("Holdfast lost none. A store that overwrites the whole session lost up to 90.");
  Object.assign(row("Holdfast, 2 processes"), { lost: 3 });
  expect(glanceOf(results)[1]!.says).toContain("Holdfast lost 3.");
});

test("nothing that was measured makes a bar without a length or a line without a number", () => {
  const results = structuredClone(published);
  // No rate was held; nobody logged in; nothing was answered in a second.
  for (const row of results["writes"]!.rows) row["highest"] = 0;
  for (const row of results["logins"]!.rows) row["login"] = { p50: null, p95: null, p99: null, longest: null };
  for (const row of results["writes"]!.rows)
    row["timeline"][0] = { second: 0, sent: 0, answered: 0, failed: 0, p99: null };
  const html = htmlReport(results).replaceAll(/<script>[^]*?<\/script>/g, "");
  expect(/NaN|undefined|Infinity/.exec(html)?.[0]).toBeUndefined();
  expect(
    barsOf("writes", results["writes"])
      .at(-1)!
      .rows.map(({ text }) => text),
  ).toContain("none");
  for (const name of Object.keys(results))
    expect(htmlReport({ [name]: results[name] }).includes(`<section id="${name}">`)).toBe(true);
});

test("the names of a result cannot be markup", () => {
  const results = structuredClone(published);
  results["writes"]!.rows[0]!["name"] = "</script><script>alert(1)</script>";
  expect(htmlReport(results).includes("<script>alert(1)")).toBe(false);
});
