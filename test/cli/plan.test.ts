/** `holdfast plan`: the capacity, the cost, what it prints; docs/plan.md and the figures are those that were measured. */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { measured } from "../../lib/cli/plan/measured.js";
import { costOf, interpolate, type LayoutName, type Measured } from "../../lib/cli/plan/measurements.js";
import { planPage } from "../../lib/cli/plan/page.js";
import { planOf, type Plan, type Site } from "../../lib/cli/plan/plan.js";
import { run } from "../../lib/cli/program.js";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Round numbers: a session of 1,000 bytes takes 1,100; a read 10 µs of Redis, a write 30; the size doubles each. */
function figures(bytes: number) {
  const k = bytes / 1000;
  const at = (value: number) => value * k;
  const command = (redis: number, app: number, bytesIn: number, bytesOut: number) => ({
    redisMicroseconds: at(redis),
    appMicroseconds: at(app),
    bytesIn: at(bytesIn),
    bytesOut: at(bytesOut),
  });
  const layout = {
    memoryBytes: 1100 * k,
    read: command(10, 50, 100, 1000),
    write: { ...command(30, 80, 2000, 5), bytesReplicated: at(1000) },
    nearHit: { appMicroseconds: at(20) },
    nearWrite: { ...command(40, 90, 2000, 5), bytesReplicated: at(1000) },
  };
  return { bytes, json: layout, hash: { ...layout, memoryBytes: 2000 * k } };
}

const round: Measured = {
  machine: { processor: "Any", cores: 2, node: "20.0.0", redis: "Redis 7.0", date: "2026-01-01" },
  emptyServerBytes: 1e6,
  sizes: [figures(1000), figures(2000), figures(4000)],
};

const site: Site = {
  sessions: 100_000,
  pageViews: 10_000,
  writes: 50,
  sessionBytes: 1000,
  layout: "json",
  nearCache: 0,
  replicas: 1,
  headroom: 50,
  serverMemory: 1e9,
  network: 1000,
  serverPrice: 50,
  databaseServers: 10,
  databasePrice: 200,
  corePrice: 0,
};

describe("the capacity and the cost", () => {
  it.each<[what: string, some: Partial<Site>, expected: Partial<Plan>]>([
    ["each page view reads, and half of them write", {}, { reads: 10_000, writes: 5000 }],
    ["10,000 × 10 µs + 5,000 × 30 µs", {}, { redisCores: 0.25, limit: "processor", primaries: 1, servers: 2 }],
    ["an exact fit needs no further server", { pageViews: 20_000 }, { redisCores: 0.5, primaries: 1 }],
    ["a little more does", { pageViews: 20_001 }, { primaries: 2, servers: 4, limit: "processor" }],
    ["with all of a core, half of it", { pageViews: 20_001, headroom: 0 }, { primaries: 1 }],
    ["10,000 × 50 µs + 5,000 × 80 µs", {}, { appCores: 0.9 }],
    ["the overhead counts", {}, { memoryBytes: 110e6 }],
    ["the layout hash has its own", { layout: "hash" }, { memoryBytes: 200e6 }],
    ["110 MB in (100 MB × 50 % − 1 MB)", { serverMemory: 100e6 }, { primaries: 3, servers: 6, limit: "memory" }],
    ["10,000 × 100 + 5,000 × 2,000 bytes in", {}, { networkIn: 88 }],
    ["10,000 × 1,000 + 5,000 × 1,005 bytes out", {}, { networkOut: 120.2 }],
    ["without replicas nothing is sent to them", { replicas: 0 }, { networkOut: 80.2, servers: 1 }],
    ["what goes out decides", { network: 100 }, { primaries: 3, limit: "network" }],
    ["what comes in decides", { network: 100, writes: 100, replicas: 0 }, { networkIn: 168, primaries: 4 }],
    ["the near cache answers reads; its writes cost more", { nearCache: 80 }, { reads: 2000, redisCores: 0.22 }],
    ["2,000 × 50 + 8,000 × 20 + 5,000 × 90 µs", { nearCache: 80 }, { appCores: 0.71, ignoresNearCache: false }],
    [
      "a cluster has no near cache",
      { nearCache: 80, serverMemory: 100e6 },
      { primaries: 3, reads: 10_000, redisCores: 0.25, ignoresNearCache: true },
    ],
    ["2 × 50 beside 10 × 200", {}, { monthly: 100, before: 2000, saving: 1900, savingPercent: 95 }],
    ["the app's processors count if they have a price", { corePrice: 100 }, { monthly: 190, saving: 1810 }],
    ["it may cost more", { databaseServers: 1, databasePrice: 80 }, { saving: -20, savingPercent: -25 }],
    ["nothing was replaced", { databaseServers: 0 }, { before: 0, saving: -100, savingPercent: undefined }],
  ])("%s", (_, some, expected) => {
    const plan = planOf({ ...site, ...some }, round);
    const found = Object.fromEntries(Object.keys(expected).map((name) => [name, rounded(plan[name as keyof Plan])]));
    expect(found).toEqual(expected);
  });

  it("refuses more primaries than a Redis Cluster has slots, and no fewer", () => {
    const room = site.serverMemory / 2 - round.emptyServerBytes;
    const filling = (primaries: number) => () =>
      planOf({ ...site, pageViews: 0, sessions: (primaries * room) / 1100 }, round);
    expect(filling(16_384)().primaries).toBe(16_384);
    expect(filling(16_385)).toThrow(expect.objectContaining({ message: expect.stringContaining("16,385 primaries") }));
  });

  it("refuses a server that an empty Redis fills", () => {
    const refused = { code: "HOLDFAST_OPTION_INVALID", message: expect.stringContaining("--server-memory") };
    expect(() => planOf({ ...site, serverMemory: 2e6 }, round)).toThrow(expect.objectContaining(refused));
  });
});

function rounded(value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(9)) : value;
}

describe("a session's cost", () => {
  it.each([
    [10, 100],
    [15, 150],
    [20, 200],
    [30, 250],
    [40, 300],
    [50, 350],
    [5, 50],
  ])("at %d lies on a straight line, or beyond the last two sizes", (x, y) => {
    const points = [
      [10, 100],
      [20, 200],
      [40, 300],
    ] as const;
    expect(interpolate(points, x)).toBe(y);
  });

  it("says if the size is beyond what was measured, and is never negative", () => {
    const beyond = (bytes: number) => costOf(round, bytes, "json", false).isExtrapolated;
    expect([999, 1000, 4000, 4001].map(beyond)).toEqual([true, false, false, true]);
    const steep = { ...round, sizes: [figures(1000), { ...figures(1001), json: figures(9000).json }] };
    expect(costOf(steep, 1, "json", false).memoryBytes).toBe(0);
  });
});

describe("the page", () => {
  it("shows the arithmetic of each line", () => {
    const some = { ...site, nearCache: 80, corePrice: 100 };
    expect(planPage(some, planOf(some, round), round)).toEqual([
      "Measured    Redis 7.0 on Any, 2026-01-01; figures and their spread: docs/plan.md",
      "Operations  10,000 page views/s × 20 % that read in Redis = 2,000 reads/s; × 50 % that write = 5,000 writes/s; together 7,000 operations/s",
      "Processor   2,000 reads/s × 10 µs + 5,000 writes/s × 40 µs = 0.22 cores of Redis; at 50 % of a core for each primary: 1 primary",
      "Memory      100,000 sessions × 1,100 bytes (1,000 of JSON, layout json) = 110 MB; at 50 % of 1,000 MB, less 1 MB of an empty Redis, for each primary: 499 MB, 1 primary",
      "Network     in: 2,000 × 100 + 5,000 × 2,000 bytes = 81.6 Mbit/s; out: 2,000 × 1,000 + 5,000 × (5 + 1 × 1,000 to replicas) bytes = 56.2 Mbit/s; at 50 % of 1,000 Mbit/s for each primary: 1 primary",
      "Limit       the processor of Redis would be reached first; one primary is enough",
      "Servers     1 primary × (1 + 1 replica) = 2 Redis servers",
      "App         2,000 reads/s × 50 µs + 8,000 from the near cache × 20 µs + 5,000 writes/s × 90 µs = 0.71 cores of the app's processes, for sessions alone",
      "Cost        2 Redis servers × 50 + 0.71 cores × 100 = 171 a month",
      "Before      10 database servers × 200 = 2,000 a month",
      "Saving      2,000 − 171 = 1,829 a month, 91.5 %",
    ]);
  });

  it("says with a minus what it costs more than before", () => {
    const some = { ...site, databaseServers: 1, databasePrice: 80 };
    expect(planPage(some, planOf(some, round), round).at(-1)).toBe("Saving      80 − 100 = −20 a month, −25 %");
  });

  it("compares with nothing if no database is replaced", () => {
    const some = { ...site, databaseServers: 0 };
    expect(planPage(some, planOf(some, round), round).at(-1)).toBe("Cost        2 Redis servers × 50 = 100 a month");
  });

  it("says what decides, what is ignored and what is an estimate", () => {
    const some = { ...site, nearCache: 80, serverMemory: 100e6, sessionBytes: 500 };
    const page = planPage(some, planOf(some, round), round).join("\n");
    for (const line of [
      "10,000 page views/s × 100 % that read in Redis",
      "\n            --near-cache is ignored: what it costs with more than one primary was not measured\n",
      "\n            500 bytes is outside of what was measured (1,000 to 4,000): an estimate\n",
      "\nLimit       memory decides how many primaries are needed\n",
      "2 primaries × (1 + 1 replica) = 4 Redis servers, as a Redis Cluster",
    ])
      expect(page).toContain(line);
  });
});

/** What a command line prints, and how it ends. */
async function typed(line: string) {
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    vi.spyOn(process[name], "write").mockImplementation((piece) => (text[name] += String(piece)) !== "");
  await run(["node", "holdfast", ...line.split(" ")]);
  const code = process.exitCode;
  vi.restoreAllMocks();
  return { code, ...text };
}

describe("the command", () => {
  it("prints one object with --json", async () => {
    const { code, stdout, stderr } = await typed("plan --json --replicas 0 --session-bytes 1kb --layout hash");
    const { plan, site: asked, ...rest } = JSON.parse(stdout);
    expect({ code, stderr, ...rest }).toEqual({
      code: 0,
      stderr: "",
      command: "plan",
      ok: true,
      machine: measured.machine,
    });
    expect(asked).toMatchObject({
      replicas: 0,
      sessionBytes: 1000,
      layout: "hash",
      pageViews: 6000,
      serverMemory: 2 ** 28,
    });
    expect(plan.servers).toBe(plan.primaries);
  });

  it("takes large numbers as people write them", async () => {
    const { stdout } = await typed("plan --json --page-views 1,000,000 --sessions 20_000_000");
    expect(JSON.parse(stdout).site).toMatchObject({ pageViews: 1_000_000, sessions: 20_000_000 });
  });

  it.each([
    [
      "--sessions 1.5",
      "USAGE",
      '--sessions is "1.5", but must be a whole number, from 1 to 1000000000000. See --help.',
    ],
    ["--page-views 0", "USAGE", "--page-views"],
    ["--page-views 1,5", "USAGE", '--page-views is "1,5"'],
    ["--page-views 1,0000", "USAGE", "--page-views"],
    ["--writes 101", "USAGE", '--writes is "101", but must be a number from 0 to 100.'],
    ["--near-cache -1", "USAGE", "--near-cache"],
    ["--headroom 100", "USAGE", "a number from 0 to 99"],
    ["--session-bytes many", "USAGE", "a size, such as"],
    ["--session-bytes 0", "USAGE", "from one byte"],
    ["--layout text", "USAGE", "--layout"],
    ["--server-price 1e3", "USAGE", "an amount of money"],
    ["--fast", "USAGE", "Unknown option '--fast'"],
    ["--server-memory 1mb", "HOLDFAST_OPTION_INVALID", "Raise --server-memory"],
    ["--session-bytes 600mib", "HOLDFAST_OPTION_INVALID", "so not one fits. Raise --server-memory"],
    ["--sessions 100000000000", "HOLDFAST_OPTION_INVALID", "a Redis Cluster can have at most 16,384"],
  ])("refuses %s", async (options, expected, said) => {
    const { code, stdout, stderr } = await typed(`plan ${options} --json`);
    const { ok, error } = JSON.parse(stdout);
    expect({ code, ok, error }).toMatchObject({ code: 2, ok: false, error: { code: expected } });
    expect(error.message).toContain(said);
    expect(stderr).toBe(`${error.message}\n`);
  });
});

describe("what was measured", () => {
  it("is what the command computes with: the medians, and nothing else", async () => {
    const write: string = new URL("../../bench/plan/write.mjs", import.meta.url).href; // has no types
    const { measuredOf } = await import(write);
    const results = JSON.parse(read("bench/results/plan.json"));
    expect(measured).toEqual(measuredOf(results));
    expect(measured.sizes[1]!.json.read.redisMicroseconds).toBe(results.sizes[1].json.read.redisMicroseconds.median);
    expect(JSON.stringify(measured)).not.toMatch(/median|low|high/);
  });

  it.each<LayoutName>(["json", "hash"])(
    "%s: a session takes more than its JSON, and more if it is larger",
    (layout) => {
      const takes = measured.sizes.map((size) => size[layout].memoryBytes);
      expect(takes).toEqual(takes.toSorted((a, b) => a - b));
      for (const size of measured.sizes) expect(size[layout].memoryBytes).toBeGreaterThan(size.bytes);
    },
  );
});

describe("docs/plan.md", () => {
  const page = read("docs/plan.md");

  it("has the tables of what was measured: npm run bench:plan writes them", async () => {
    const tables: string = new URL("../../bench/plan/tables.mjs", import.meta.url).href; // has no types
    const { withTables } = await import(tables);
    expect(plain(page)).toBe(plain(withTables(page, JSON.parse(read("bench/results/plan.json")))));
  });

  const shown = [...page.matchAll(/\$ npx holdfast (plan.*)\n([^`]*)```/g)].map(([, line, output]) => [line!, output!]);
  it("shows what commands print", () => expect(shown.length).toBeGreaterThan(2));
  it.each(shown)("holdfast %s prints what stands there", async (line, output) => {
    expect(await typed(line)).toEqual({ code: 0, stdout: output, stderr: "" });
  });

  it("is right about the claim: 256 MiB hold slightly fewer than 100,000 sessions, and 1 GiB saves 1,850", () => {
    const [, json] = measured.sizes.map((size) => size.json.memoryBytes);
    const most = (2 ** 28 - measured.emptyServerBytes) / json!;
    expect(most).toBeGreaterThan(95_000);
    expect(most).toBeLessThan(100_000);
    const [usual, larger] = shown.map(([, output]) => output!);
    expect(usual).toContain("\nLimit       memory decides");
    expect(larger).toMatch(/= 1,850 a month, 92.5 %\n$/);
  });

  it("is right about a million page views: the processor decides, and reading a hash costs more of it", () => {
    const [json, hash] = shown.slice(2).map(([, output]) => output!);
    const coresOf = (output: string) => Number(/ = ([\d.]+) cores of Redis/.exec(output)![1]);
    for (const output of [json!, hash!]) expect(output).toContain("\nLimit       the processor of Redis decides");
    expect(coresOf(hash!)).toBeGreaterThan(coresOf(json!));
  });

  it("lists each option with its default", async () => {
    const { stdout: help } = await typed("plan --help");
    const options = [...help.matchAll(/^ {2}(--[\w-]+)[^(]*(?:\([^)]*default: "?([\w.]+)"?\))?/gm)];
    const inHelp = options.map(([, name]) => name).filter((name) => name !== "--json");
    const inPage = [...page.matchAll(/^\| `(--[\w-]+) <\w+>` *\| `([\w.]+)`/gm)];
    expect(inPage.map(([, name]) => name)).toEqual(inHelp);
    for (const [, name, usual] of inPage) expect(help).toMatch(new RegExp(`${name} [^]*?default:\\s+"?${usual}"?\\)`));
  });
});

/** Without the padding of tables. */
function plain(text: string): string {
  return text
    .replaceAll(/ *\| */g, "|")
    .replaceAll(/-{3,}/g, "---")
    .replaceAll(/\s+/g, " ");
}
