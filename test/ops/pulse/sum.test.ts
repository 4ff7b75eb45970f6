/** The sum of several processes: counts are added, percentiles are those of the slowest. */
import { expect, it } from "vitest";
import { noCounts } from "../../../lib/ops/pulse/counts.js";
import { sumOfPulses } from "../../../lib/ops/pulse/sum-of-pulses.js";
import type { Pulse } from "holdfast/ops";

const one: Pulse = {
  id: "a",
  name: "sessions",
  host: "h",
  pid: 1,
  version: "",
  started: 1,
  at: 2,
  seconds: 5,
  counts: { ...noCounts(), saves: 10 },
  perSecond: { ...noCounts(), saves: 2 },
  total: { ...noCounts(), saves: 100 },
  find: { p50: 1, p95: 20, p99: 30 },
  redis: { isAvailable: true, inFlight: 2, outages: 0 },
  eventLoop: { delay: 3, utilization: 0.5 },
  memory: { rss: 100, heapUsed: 50 },
};

it("adds up what can be added", () => {
  const other: Pulse = {
    ...one,
    find: { p50: 2, p95: 10, p99: 40 },
    save: { p50: 5, p95: 6, p99: 7 },
    redis: { isAvailable: false, inFlight: 1, outages: 1 },
    eventLoop: { delay: 1, utilization: 0.9 },
  };
  expect(sumOfPulses([one, other])).toEqual({
    processes: 2,
    withoutRedis: 1,
    counts: { ...noCounts(), saves: 20 },
    perSecond: { ...noCounts(), saves: 4 },
    total: { ...noCounts(), saves: 200 },
    find: { p50: 2, p95: 20, p99: 40 },
    save: { p50: 5, p95: 6, p99: 7 },
    inFlight: 3,
    eventLoop: { delay: 3, utilization: 0.9 },
    memory: { rss: 200, heapUsed: 100 },
  });
});

it("of no process is nothing", () => {
  expect(sumOfPulses([])).toMatchObject({ processes: 0, inFlight: 0, counts: noCounts() });
  expect("find" in sumOfPulses([])).toBe(false);
});
