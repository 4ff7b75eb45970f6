/** All scenarios of `npm run loadtest` take their percentiles from one kind of histogram, which forgets nothing. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Latencies {
  histogram(): unknown;
  record(latencies: unknown, milliseconds: number): void;
  summary(latencies: unknown): Record<"mean" | "p50" | "p95" | "p99" | "p999" | "longest", number | null>;
}
const folder = new URL("../../bench/loadtest/", import.meta.url);
const { histogram, record, summary } = (await import(new URL("latencies.mjs", folder).href)) as Latencies;

function of(...milliseconds: number[]) {
  const latencies = histogram();
  for (const one of milliseconds) record(latencies, one);
  return summary(latencies);
}

test("the percentiles are those of a sorted list, to three digits", () => {
  const thousand = Array.from({ length: 1000 }, (_, n) => n + 1);
  const { mean, p50, p95, p99, p999, longest } = of(...thousand);
  const share = (found: number | null, wanted: number) => expect(Math.abs(found! / wanted - 1)).toBeLessThan(0.001);
  share(mean, 500.5);
  share(p50, 500);
  share(p95, 950);
  share(p99, 990);
  share(p999, 999);
  share(longest, 1000);
});

test("a wait of minutes counts as long as it was: half of the logins of a storm may take that", () => {
  const { p50, p95, longest } = of(20, 30, 40, 155_000, 156_000);
  expect(p50).toBeCloseTo(40, 0);
  expect(p95! / 156_000).toBeCloseTo(1, 2);
  expect(longest! / 156_000).toBeCloseTo(1, 2);
  expect(of(5e6).longest! / 3.6e6).toBeCloseTo(1, 2); // and one of more than an hour is at least not forgotten
});

test("nothing recorded is told as such", () => {
  expect(Object.values(of())).toEqual([null, null, null, null, null, null]);
});

test("no other file reckons percentiles", () => {
  const others = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".mjs") && name !== "latencies.mjs")
    .filter((name) =>
      /createHistogram|\.percentile\(|\* sorted\.length/.test(readFileSync(new URL(name, folder), "utf8")),
    );
  expect(others).toEqual([]);
});
