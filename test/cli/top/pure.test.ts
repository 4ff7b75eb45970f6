/** What `holdfast top` shows, without Redis and without a terminal: numbers, columns, the sum, the fit. */
import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { byImportance, columns, sorted, type ColumnName } from "../../../lib/cli/top/columns.js";
import { bytes, count, milliseconds, percent, rate } from "../../../lib/cli/top/figures.js";
import { inJson } from "../../../lib/cli/top/in-json.js";
import { page, problemPage, unlimited, type PageOptions } from "../../../lib/cli/top/page.js";
import { sumOfMemory, type RedisMemory } from "../../../lib/ops/redis-memory.js";
import { cut, cutLine, span, textOf, widthOf } from "../../../lib/cli/top/spans.js";
import type { Shown } from "../../../lib/cli/top/view.js";
import type { Pulse } from "../../../lib/ops/index.js";
import { pulseOf, pulsesOf } from "./pulses.js";

const MB = 1024 ** 2;
const noMemory: RedisMemory = { servers: [{ server: "a:1", used: 5 * MB, limit: 0 }], silent: [] };

function shownOf(processes: Pulse[], some: Partial<Shown> = {}, memory = noMemory): Shown {
  const view = { at: Date.UTC(2026, 0, 2, 3, 4, 5, 678), address: "redis://a:1", key: "{k}", memory };
  return { view: { ...view, pulses: pulsesOf(...processes) }, hadProcesses: processes.length > 0, ...some };
}

function texts(shown: Shown, options: Partial<PageOptions> = {}): string[] {
  return page(shown, { ...unlimited, sort: "requests", ...options }).map((line) => textOf(line, false));
}

describe("numbers", () => {
  it.each([
    [
      rate,
      [0, 0.001, 0.02, 0.5, 9.94, 9.96, 812.4, 12_345],
      ["0", "0.01", "0.02", "0.5", "9.9", "10", "812", "12,345"],
    ],
    [milliseconds, [0, 0.31, 0.999, 4.25, 99.96, 1234], ["0.00", "0.31", "1.0", "4.3", "100", "1,234"]],
    [count, [0, 999.6, 1_234_567], ["0", "1,000", "1,234,567"]],
    [percent, [0, 0.29, 0.5004, 0.99999, 1], ["0.0%", "29.0%", "50.0%", "99.9%", "100%"]],
    [bytes, [0, 1023, 1.5 * MB], ["0 B", "1,023 B", "1.5 MB"]],
  ])("%o", (format: (value: number | undefined) => string, values, expected) => {
    expect(values.map((value) => format(value))).toEqual(expected);
    for (const strange of [undefined, Number.NaN, "\u001b[2J" as never, null as never])
      expect(format(strange)).toBe("-");
  });
});

describe("text", () => {
  it("is cut to a width, of which some characters take two", () => {
    expect(["", "abc", "abcd", "日本", "日本語"].map((text) => cut(text, 3))).toEqual(["", "abc", "ab…", "日…", "日…"]);
    expect([cut("abc", 1), cut("abc", 0)]).toEqual(["…", ""]);
  });

  it("is cut across the pieces of a line, where blanks at the end do not count", () => {
    const line = [span("abc"), span("def", "bad"), span("   ")];
    const cutTo = (width: number) => textOf(cutLine(line, width), false);
    expect([6, 5, 3, 2, 0].map(cutTo)).toEqual(["abcdef", "abcd…", "ab…", "a…", ""]);
  });

  it("has colors only if it may", () => {
    const line = [span("a"), span("b", "bad"), span(" ", "warning")];
    expect([textOf(line, true), textOf(line, false)]).toEqual(["a\u001b[31mb\u001b[39m ", "ab "]);
  });
});

describe("processes", () => {
  const heading = (width: number) => texts(shownOf([pulseOf()]), { width }).find((line) => line.includes("HOST"))!;

  it("are shown with all columns if there is room", () => {
    const lastOutage = { at: 2_000_000 - 180_000, duration: 12_000, reason: "silent" } as const;
    const one = pulseOf({
      name: "shop",
      host: "web-7",
      pid: 42,
      counts: { requests: 4062, saves: 476, failures: 1 },
      find: { p50: 0.31, p95: 0.9, p99: 1.2 },
      save: { p50: 0.41, p95: 1, p99: 12.3 },
      redis: { isAvailable: false, inFlight: 0, outages: 1, lastOutage },
    });
    const [titles, row] = texts(shownOf([one])).slice(-2);
    expect(titles!.split(/ {2,}/)).toEqual(Object.values(columns).map(({ title }) => title));
    expect(row!.split(/ {2,}/)).toEqual(
      ["shop", "web-7", "42", "1.4.2", "812", "95", "0.31/1.2", "0.41/12.3", "0.2"].concat([
        "1.3 ms",
        "12%",
        "100 MB",
        "no",
        "12 s, 3 min ago",
      ]),
    );
  });

  it("lose the least important columns first", () => {
    expect(byImportance.toSorted()).toEqual(Object.keys(columns).toSorted());
    let before = Object.keys(columns).length;
    for (let width = 160; width >= 5; width--) {
      const titles = heading(width).split(/ {2,}/);
      const kept = byImportance.slice(0, titles.length).map((name) => columns[name].title);
      expect(new Set(titles)).toEqual(new Set(kept));
      expect(titles.length).toBeLessThanOrEqual(before);
      before = titles.length;
    }
    expect(before).toBe(1);
    expect(heading(80)).toMatch(/^HOST +PID +REQ\/S +SAVE\/S +FIND p50\/p99 +SAVE p50\/p99 +LOOP +REDIS$/);
  });

  it.each<[ColumnName, Partial<Parameters<typeof pulseOf>[0]>, Partial<Parameters<typeof pulseOf>[0]>]>([
    ["requests", { counts: { requests: 50 } }, { counts: { requests: 40 } }],
    ["saves", { counts: { saves: 50 } }, { counts: { saves: 40, requests: 99 } }],
    ["failures", { counts: { failures: 1 } }, { counts: { requests: 99 } }],
    ["find", { find: { p50: 1, p95: 2, p99: 30 } }, { find: { p50: 9, p95: 9, p99: 9 } }],
    ["save", { save: { p50: 1, p95: 2, p99: 30 } }, {}],
    ["delay", { eventLoop: { delay: 9, utilization: 0 } }, { eventLoop: { delay: Number.NaN, utilization: 1 } }],
    ["loop", { eventLoop: { delay: 0, utilization: 0.9 } }, { eventLoop: { delay: 9, utilization: 0.8 } }],
    ["rss", { memory: { rss: 9, heapUsed: 0 } }, { memory: { rss: 8, heapUsed: 9 } }],
    ["redis", { redis: { isAvailable: false, inFlight: 0, outages: 0 } }, { counts: { requests: 99 } }],
    ["outage", { redis: lastOutageAt(9) }, { redis: lastOutageAt(8) }],
    ["name", { name: "a" }, { name: "b", counts: { requests: 99 } }],
    ["host", { host: "a" }, { host: "b", counts: { requests: 99 } }],
    ["version", { version: "1" }, { version: "2", counts: { requests: 99 } }],
    ["pid", { pid: 9 }, { pid: 10, counts: { requests: 99 } }],
  ])("sorted by %s", (by, first, second) => {
    const [a, b] = [pulseOf(first), pulseOf(second)];
    expect(sorted([b, a], by)).toEqual([a, b]);
    expect(sorted([a, b], by)).toEqual([a, b]);
  });

  it("that are equal keep their order from one view to the next", () => {
    const all = [{ host: "b" }, { host: "a" }, { host: "a", pid: 1 }, { host: "a", pid: 1 }].map(pulseOf);
    expect(sorted(all, "requests")).toEqual([all[2], all[3], all[1], all[0]]);
    expect(sorted(all.toReversed(), "requests")).toEqual([all[2], all[3], all[1], all[0]]);
    const busy = pulseOf({ host: "z", counts: { requests: 1 } });
    expect(sorted([...all, busy], "redis")[0]).toBe(busy);
  });
});

function lastOutageAt(at: number): Pulse["redis"] {
  return { isAvailable: true, inFlight: 0, outages: 1, lastOutage: { at, duration: 1, reason: "silent" } };
}

describe("the sum", () => {
  it("of all processes, in events per second and in all", () => {
    const a = pulseOf({
      counts: { requests: 100, found: 90, saves: 10, merged: 2, nearCacheHits: 45, nearCacheMisses: 55 },
      total: { merged: 1200, gone: 3 },
      find: { p50: 1, p95: 2, p99: 3 },
    });
    const b = pulseOf({
      version: "1.4.1",
      counts: { requests: 100, found: 100, saves: 2, failures: 1, gone: 1 },
      save: { p50: 4, p95: 5, p99: 6 },
      redis: { isAvailable: false, inFlight: 0, outages: 1 },
    });
    expect(texts(shownOf([a, b, pulseOf({ version: "" })])).slice(0, 9)).toEqual([
      "holdfast top  2026-01-02T03:04:05Z  Redis at redis://a:1",
      "processes  3                     1 without Redis       1.4.2 in 1, 1.4.1 in 1, no version in 1",
      "requests   40/s                  found 95.0%           near cache 45.0%",
      "find       p50 1.0 ms            p99 3.0 ms",
      "save       2.4/s                 p50 4.0 ms            p99 6.0 ms",
      "conflicts  merged 0.4/s (1,200)  gone 0.2/s (4)",
      "errors     refused 0/s (0)       failures 0.2/s (1)",
      "memory     5 MB, no maxmemory",
      "",
    ]);
  });

  it("without traffic has no ratios and no times", () => {
    const [, processes, requests, find] = texts(shownOf([pulseOf()]));
    expect([processes, requests, find]).toEqual([
      "processes  1                     all with Redis        version 1.4.2",
      "requests   0/s                   near cache not asked",
      "find       none within the last interval",
    ]);
  });

  it("takes more lines where they are shorter", () => {
    const lines = texts(shownOf([pulseOf()]), { width: 40 });
    expect(lines.slice(1, 4)).toEqual(["processes  1", "           all with Redis", "           version 1.4.2"]);
  });
});

describe("memory", () => {
  const gb = (used: number, limit: number, server = "a:1") => ({
    server,
    used: used * 1024 * MB,
    limit: limit * 1024 * MB,
  });
  it.each<[string, Partial<RedisMemory>]>([
    ["1 GB of 4 GB, 25%", { servers: [gb(1, 4)] }],
    ["1 GB, no maxmemory", { servers: [gb(1, 0)] }],
    ["3 GB of 8 GB, 37% in 2 primaries fullest b:2, 50%", { servers: [gb(1, 4), gb(2, 4, "b:2")] }],
    ["4 GB, no maxmemory in 2 primaries fullest a:1, 90%", { servers: [gb(0.9, 1), gb(3.1, 0, "b:2")] }],
    ["3 GB, no maxmemory in 2 primaries fullest b:2, 2 GB", { servers: [gb(1, 0), gb(2, 0, "b:2")] }],
    [
      "1 GB of 2 GB, 50% in 1 of 2 primaries: no answer to INFO fullest a:1, 50%",
      { servers: [gb(1, 2)], silent: ["silent"] },
    ],
    ["not known: this Redis user may not run INFO", { servers: [], silent: ["refused"] }],
    ["not known: INFO was answered with an error", { servers: [], silent: ["failed"] }],
  ])("%s", (expected, some) => {
    const shown = shownOf([], {}, { servers: [], silent: [], ...some });
    expect(texts(shown)[1]!.replaceAll(/ +/g, " ")).toBe(`memory ${expected}`);
  });

  it("of no server is not known, and that of several is added up", () => {
    expect(sumOfMemory([])).toBeUndefined();
    expect(sumOfMemory([gb(1, 2), gb(3, 4, "b:2")])).toEqual({
      ...gb(4, 6),
      server: undefined,
      fullest: gb(3, 4, "b:2"),
    });
  });
});

describe("a view", () => {
  const problem = { code: "SESSION_STORE_UNAVAILABLE", message: "Redis did not answer.", age: 12.34 };

  it("that could not be replaced stays, marked with its age and the reason", () => {
    const shown = shownOf([pulseOf()], { problem });
    const [title, mark, ...rest] = texts(shown);
    expect(mark).toBe("Old, read 12 s ago: Redis did not answer.");
    expect([title, ...rest]).toEqual(texts(shownOf(shown.view.pulses.processes as Pulse[])));
    expect(texts(shown, { width: 20 }).slice(1, 4)).toEqual(["Old, read 12 s ago:", "Redis did not", "answer."]);
    expect(problemPage(shown).map((line) => textOf(line, false))).toEqual([expect.any(String), mark]);
  });

  it("without processes says what to do, and once there were some, what has happened", () => {
    const first = texts(shownOf([])).join("\n");
    expect(first).toContain("No process calls pulse(), at least none with this Redis and the key {k}.");
    expect(first).toContain('import { pulse } from "holdfast/ops";\n  pulse(sessions);');
    const later = texts(shownOf([], { hadProcesses: true })).join("\n");
    expect(later).toContain("No process has sent a pulse lately");
    expect(later).not.toContain("import");
  });

  it("counts the lines that do not fit", () => {
    const shown = shownOf(Array.from({ length: 20 }, () => pulseOf()));
    const whole = texts(shown);
    expect(whole).toHaveLength(30);
    expect(texts(shown, { height: 30 })).toEqual(whole);
    expect(texts(shown, { height: 24 })).toEqual([...whole.slice(0, 23), "… 7 more"]);
    expect(texts(shown, { height: 5 })).toEqual([...whole.slice(0, 4), "… 26 more lines"]);
    expect(texts(shown, { height: 1 })).toEqual(["… 30 more lines"]);
  });

  it("fits every size, whatever it is made of, and never has a control character", () => {
    const anything = fc.string({ unit: "binary", maxLength: 30 });
    const strange = fc.oneof(fc.double(), anything as never as fc.Arbitrary<number>);
    const process = fc
      .record({ name: anything, host: anything, version: anything, delay: strange, rss: strange })
      .map(({ delay, rss, ...names }) =>
        pulseOf({ ...names, eventLoop: { delay, utilization: rss }, memory: { rss, heapUsed: delay } }),
      );
    const size = fc.record({ width: fc.integer({ min: 1, max: 200 }), height: fc.integer({ min: 1, max: 60 }) });
    const old = fc.option(
      anything.map((message) => ({ ...problem, message })),
      { nil: undefined },
    );
    const sort = fc.constantFrom(...byImportance);
    fc.assert(
      fc.property(fc.array(process, { maxLength: 12 }), size, old, sort, (processes, { width, height }, old, sort) => {
        const lines = page(shownOf(processes, { problem: old }), { width, height, sort, hint: "q quits" });
        expect(lines.length).toBeLessThanOrEqual(height);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        for (const line of lines) expect(textOf(line, false)).not.toMatch(/[\p{C}\u2028\u2029]/u);
      }),
    );
  });

  it("keeps names in their columns, also wide ones", () => {
    const rows = texts(shownOf([pulseOf({ name: "日本語の店" }), pulseOf({ name: "x".repeat(40) })])).slice(-3);
    const places = rows.map((row) => stringWidth(/^.*? {2}/.exec(row)![0].trimEnd()));
    expect(places).toEqual([4, 10, 20]);
    const hosts = rows.map((row) => stringWidth(row.slice(0, Math.max(row.indexOf("HOST"), row.indexOf("web-1")))));
    expect(hosts).toEqual([22, 22, 22]);
  });
});

describe("--json", () => {
  it("has the pulses, the ratios and the memory", () => {
    const a = pulseOf({ counts: { requests: 10, found: 9 } });
    const b = pulseOf({ counts: { requests: 10, found: 10, nearCacheHits: 1, nearCacheMisses: 3 } });
    const memory = { servers: [{ server: "a:1", used: 1, limit: 2 }], silent: ["silent" as const] };
    const { view, ...rest } = shownOf([a, b], {}, memory);
    expect(inJson({ view, ...rest }, "pid")).toEqual({
      at: view.at,
      sum: { ...view.pulses.sum, foundRatio: 0.95, nearCacheRatio: 0.25 },
      memory: { used: 1, limit: 2, fullest: memory.servers[0], servers: 1, silent: 1 },
      processes: [a, b],
    });
  });

  it("has null for what is not known", () => {
    const none = inJson(shownOf([], {}, { servers: [], silent: ["refused"] }), "requests");
    expect(none).toMatchObject({ sum: { foundRatio: null, nearCacheRatio: null }, memory: null, processes: [] });
  });

  it("has nothing but the error while nothing can be read", () => {
    const problem = { code: "SESSION_STORE_UNAVAILABLE", message: "Redis did not answer.", age: 12.34 };
    expect(inJson(shownOf([pulseOf()], { problem }), "requests")).toEqual({
      at: expect.any(Number),
      age: 12.3,
      error: { code: problem.code, message: problem.message },
    });
  });
});
