/** The pure parts of the console: amounts, the judgement, the points of the charts, searches, the steps of a migration. */
import { describe, expect, it } from "vitest";
import { bytes, milliseconds, number, percent, seconds } from "../../lib/console/views/amounts.js";
import { judge } from "../../lib/console/now/judgement.js";
import { gapAt, pointOf, seriesNames } from "../../lib/console/now/point.js";
import { axisTime } from "../../lib/console/client/axis-time.js";
import { placeOf, searchIn } from "../../lib/console/sessions/search.js";
import { headlineOf, stepsOf } from "../../lib/console/move/steps.js";
import { noCounts } from "../../lib/ops/pulse/counts.js";
import { sumOfPulses } from "../../lib/ops/pulse/sum-of-pulses.js";
import { hashOf } from "../../lib/ops/sessions/session-hash.js";
import type { Pulse, PulseCounts } from "holdfast/ops";

function pulseWith(counts: Partial<PulseCounts>, more: Partial<Pulse> = {}): Pulse {
  const all = { ...noCounts(), ...counts };
  return {
    id: "p1",
    name: "sessions",
    host: "web-1",
    pid: 7,
    version: "",
    started: 0,
    at: 1000,
    seconds: 1,
    counts: all,
    perSecond: all,
    total: all,
    redis: { isAvailable: true, inFlight: 0, outages: 0 },
    eventLoop: { delay: 1, utilization: 0.1 },
    memory: { rss: 1, heapUsed: 1 },
    ...more,
  };
}

const pulsesOf = (...processes: Pulse[]) => ({ processes, sum: sumOfPulses(processes) });
const verdictOf = (pulse: Pulse, memory?: { used: number; limit: number }) => {
  const sum = memory && { ...memory, fullest: { server: "r:1", ...memory } };
  const { verdict, sentences } = judge({ pulses: pulsesOf(pulse), memory: sum, at: 1_000_000, isFirst: false });
  return [verdict, ...sentences];
};

describe("amounts are as short as they can be read at a glance", () => {
  it.each([
    [number(1234567), "1,234,567"],
    [number(9.96), "10"],
    [number(0.04), "0"],
    [number(undefined), "–"],
    [number(Number.NaN), "–"],
    [bytes(1), "1 byte"],
    [bytes(999), "999 bytes"],
    [bytes(1000), "1 KB"],
    [bytes(1_500_000), "1.4 MB"],
    [milliseconds(0.44), "0.4 ms"],
    [milliseconds(2500), "2.5 s"],
    [percent(99.996), "99.99%"],
    [percent(100), "100%"],
    [percent(0.05), "0%"],
    [seconds(119), "119 s"],
    [seconds(120), "2 min"],
    [seconds(172_800), "2 d"],
  ])("%s", (shown, wanted) => expect(shown).toBe(wanted));
});

it.each([[1], [5], [30], [60], [300]])("times at an axis with %d seconds between them differ", (step) => {
  const texts = Array.from({ length: 6 }, (_, i) => axisTime(1_700_000_000 + i * step, step));
  expect(new Set(texts).size).toBe(6);
  expect(texts[0]!.length).toBe(step < 60 ? "00:00:00".length : "00:00".length);
});

describe("the judgement", () => {
  it("is content with a healthy site, and with a few cookies without a session", () => {
    expect(verdictOf(pulseWith({ requests: 100, found: 98, missing: 2 }), { used: 1, limit: 10 })).toEqual(["ok"]);
    expect(verdictOf(pulseWith({ requests: 10, found: 0, missing: 10 }))).toEqual(["ok"]); // too few to say
  });

  it.each([
    ["bad", pulseWith({}, { redis: { isAvailable: false, inFlight: 1, outages: 1 } }), "1 process cannot reach Redis."],
    ["bad", pulseWith({ failures: 2 }), "2 session operations failed just now."],
    ["bad", pulseWith({ requests: 100, found: 50, missing: 50 }), "50% of the cookies find no session"],
    ["warning", pulseWith({ requests: 100, found: 90, missing: 10 }), "10% of the cookies find no session."],
    ["warning", pulseWith({ refused: 1 }), "1 save refused"],
    ["warning", pulseWith({}, { find: { p50: 1, p95: 2, p99: 250 } }), "A session takes 250 ms to find"],
    ["warning", pulseWith({}, { eventLoop: { delay: 1, utilization: 0.95 } }), "busy for 95% of the time"],
    [
      "warning",
      pulseWith(
        {},
        {
          redis: {
            isAvailable: true,
            inFlight: 0,
            outages: 1,
            lastOutage: { at: 940_000, duration: 3000, reason: "silent" },
          },
        },
      ),
      "was without Redis for 3 s, 60 s ago",
    ],
  ] as const)("%s: what is wrong is said in a sentence", (verdict, pulse, sentence) => {
    const [told, first] = verdictOf(pulse);
    expect(told).toBe(verdict);
    expect(first).toContain(sentence);
  });

  it("memory: 75% of the limit is a warning, 95% is bad, as the doctor says, and without a limit nothing is said", () => {
    expect(verdictOf(pulseWith({}), { used: 74, limit: 100 })).toEqual(["ok"]);
    expect(verdictOf(pulseWith({}), { used: 75, limit: 100 })[0]).toBe("warning");
    expect(verdictOf(pulseWith({}), { used: 95, limit: 100 })[0]).toBe("bad");
    expect(verdictOf(pulseWith({}), { used: 95, limit: 0 })).toEqual(["ok"]);
  });

  it("no process at all is a warning, but not at the first look", () => {
    const seen = { pulses: pulsesOf(), memory: undefined, at: 0 };
    expect(judge({ ...seen, isFirst: true }).verdict).toBe("ok");
    expect(judge({ ...seen, isFirst: false }).verdict).toBe("warning");
  });
});

it("a point has a figure for each line, all together and by process; a gap has none", () => {
  const point = pointOf(5, pulsesOf(pulseWith({ requests: 4, found: 3 })), undefined);
  const at = (name: (typeof seriesNames)[number]) => seriesNames.indexOf(name);
  expect(point.all[at("requests")]).toBe(4);
  expect(point.each["p1"]![at("hitRatio")]).toBe(75);
  expect(point.all[at("findP99")]).toBeNull();
  expect(point.isOutage).toBe(false);
  const gap = gapAt(5);
  expect(gap.isOutage).toBe(true);
  expect(gap.all.every((figure) => figure === null)).toBe(true);
  expect(gap.all).toHaveLength(seriesNames.length);
});

describe("what is searched for", () => {
  it("comes from the address, without what makes no sense", () => {
    const search = (text: string) => searchIn(new URLSearchParams(text));
    expect(search("user=4%2F2&idle=60&larger=10")).toEqual({ user: "4/2", idle: 60, largerThan: 10 });
    expect(search("user=&idle=-1&larger=1e3")).toEqual({ user: undefined, idle: undefined, largerThan: undefined });
  });

  it("a key becomes a hash, with or without the prefix", () => {
    const find = (by: string, text: string) => placeOf({ by, text, prefix: "sess:" });
    expect(find("key", "sess:abc")).toBe(`sessions/${hashOf("abc")}`);
    expect(find("key", "abc")).toBe(`sessions/${hashOf("abc")}`);
    expect(find("hash", "8AE07A40")).toBe("sessions/8ae07a40");
    expect(find("hash", "../redis")).toBeUndefined();
    expect(find("user", "a&b=c")).toBe("sessions?user=a%26b%3Dc");
    expect(find("name", "x")).toBeUndefined();
  });
});

describe("the steps of a migration", () => {
  const off = { phase: "off", dial: 0, other: undefined, verified: undefined, version: 1 } as const;
  const next = (status: object, jobs = {}) =>
    stepsOf({ ...off, ...status }, jobs).find(({ state }) => state === "next")?.title;

  it.each([
    [{}, "Start"],
    [{ phase: "moving" }, "Backfill"],
    [{ phase: "moving", verified: 1, version: 1 }, "Dial to 10"],
    [{ phase: "moving", verified: 1, version: 3 }, "Verify"],
    [{ phase: "moving", dial: 0, other: 10, verified: 1 }, "Dial to 10"],
    [{ phase: "moving", dial: 10 }, "Dial to 50"],
    [{ phase: "moving", dial: 37 }, "Dial to 50"],
    [{ phase: "moving", dial: 100 }, "Finish"],
    [{ phase: "finished" }, undefined],
  ])("%j: next is %s", (status, title) => expect(next(status)).toBe(title));

  it("a backfill that has ended is ticked before the stores are compared", () => {
    const job = { slot: "backfill", id: "1", state: "done", sentence: "" } as const;
    expect(next({ phase: "moving" }, { backfill: job })).toBe("Verify");
  });

  it("the headline says where the dial is", () => {
    expect(headlineOf({ ...off, phase: "moving", dial: 10, other: 50 })).toBe("The dial turns from 10 to 50");
    expect(headlineOf({ ...off, phase: "moving", dial: 50 })).toBe("Redis answers for 50 of 100 sessions");
  });
});
