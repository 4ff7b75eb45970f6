/**
 * The figures of the benchmarks in the documents are those of bench/results/loadtest.json, store.json, backfill.json,
 * proof.json and sessions.json, and of `holdfast plan`.
 */
import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { run } from "../../lib/cli/program.js";

type Parts = Record<string, { quick?: boolean; rows: Record<string, unknown>[]; rounds: Record<string, object>[] }>;
type Counts = Record<string, Record<"updates" | "lost" | "logouts" | "revived", number>>;
interface ManySessions {
  count: number;
  rows: { name: string; bytes?: number; longest: number }[];
}
type Results = Record<"loadtest" | "store" | "backfill", Parts> & {
  proof: { counts: Counts };
  sessions: Record<"json" | "hash", ManySessions>;
};
interface Documents {
  documents: string[];
  withTables(text: string, results: Results, plans: Record<string, unknown>): string;
}
const root = new URL("../../", import.meta.url);
const load = (file: string): Promise<unknown> => import(new URL(`bench/${file}`, root).href);
const { documents, withTables } = (await load("documents.mjs")) as Documents;
const { planLines } = (await load("loadtest/report/claims.mjs")) as { planLines: Record<string, string> };
const text = (document: string) => readFileSync(new URL(document, root), "utf8");
const parts = (name: string) => JSON.parse(text(`bench/results/${name}.json`)) as Parts;
const proof = JSON.parse(text("bench/results/proof.json")) as Results["proof"];
const sessions = JSON.parse(text("bench/results/sessions.json")) as Results["sessions"];
const results: Results = {
  loadtest: parts("loadtest"),
  store: parts("store"),
  backfill: parts("backfill"),
  proof,
  sessions,
};

const plans: Record<string, any> = {};
for (const [name, line] of Object.entries(planLines)) plans[name] = await planned(line);

/** What `holdfast plan` prints with --json, as the sources are now. */
async function planned(line: string): Promise<unknown> {
  let printed = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((piece) => (printed += String(piece)) !== "");
  await run(["node", "holdfast", ...line.split(" "), "--json"]);
  write.mockRestore();
  return JSON.parse(printed);
}

test.each(documents)("%s has the figures of the results", (document) => {
  expect(withTables(text(document), results, plans)).toBe(text(document));
});

test.each(documents)("%s would differ if a result did", (document) => {
  const others = structuredClone(results);
  for (const row of [...others.loadtest.writes!.rows, ...others.loadtest.memory!.rows])
    Object.assign(row, { reached: 12_345, bytes: 12_345 });
  Object.assign(others.proof.counts["connect-redis"]!, { lost: 12_345 });
  const { variants } = others.store as Record<string, any>;
  variants.read["json, encrypted"].cost.median = 12_345;
  others.sessions.json.count = 12_345;
  expect(withTables(text(document), others, plans)).toContain("12,345");
  expect(withTables(text(document), others, plans)).not.toBe(text(document));
});

test("what a session costs would differ if a result did", () => {
  const others = structuredClone(results);
  const { growth, nodes, profile, variants } = others.store as Record<string, any>;
  const measured = { median: 12.345, middle: [12.3, 12.4] };
  variants.read.json.floorRatio = measured;
  growth.rows[0].write.json.costRatio = measured;
  nodes.rows[0].read.hash.floorRatio = measured;
  profile.write[0].parts.Express = 12_345.6;
  const page = withTables(text("docs/performance.md"), others, plans);
  // Among what is missed, the variants and the targets; among the sizes; among the versions of Node.js.
  expect(page.match(/12\.3[45]/g)).toHaveLength(5);
  expect(page).toMatch(/^\| Holdfast, json +\| reading .*\| 12\.3[45] .*\*\*missed\*\* \|$/m);
  expect(page).toContain("12345.6");
});

test("the figures of the backfill would differ if its results did", () => {
  const others = structuredClone(results);
  for (const { backfill } of others.backfill["copy"]!.rounds) Object.assign(backfill!, { rate: 12_345 });
  expect(withTables(text("docs/performance.md"), others, plans)).toMatch(/^\| `backfill` +\| 12,345 +\|/m);
});

test("the claim about the cost is held against `holdfast plan`", () => {
  const [row] = /^\| cost a month .*$/m.exec(text("docs/case-study.md"))!;
  for (const name of ["claimed", "larger"]) {
    const { servers, monthly, savingPercent } = plans[name].plan;
    expect(row).toContain(`for ${monthly} instead of 2,000: ${savingPercent} % less`);
    expect(row).toContain(`${servers} of `);
  }
  const dearer = structuredClone(plans);
  for (const one of Object.values(dearer)) Object.assign(one.plan, { servers: 4, monthly: 200, savingPercent: 90 });
  const [without] = /^\| cost a month .*$/m.exec(withTables(text("docs/case-study.md"), results, dearer))!;
  expect(without).toMatch(/200 instead of 2,000: 90 % less .*\| no +\|/);
  expect(row).toMatch(/\| yes +\|/);
});

test.each(["loadtest", "store", "backfill", "proof"])(
  "a table of %s that has no results is an error, and not left as it was",
  (name) => {
    const asked = `<!-- ${name}:nothing -->`;
    expect(() => withTables(`${asked}\n<!-- end -->`, results, plans)).toThrow(`${name}:nothing`);
  },
);

test("what the first pages show would differ if a result did", () => {
  const others = structuredClone(results);
  const { read } = others.store["variants"] as unknown as { read: Record<string, { trips: number; cost: object }> };
  Object.assign(others.proof.counts["Holdfast"]!, { lost: 23, revived: 45 });
  Object.assign(read["json"]!, { trips: 67, cost: { median: 89.1 } });
  const rows = withTables(text("docs/index.md"), others, plans)
    .match(/^\| .* \|$/gm)!
    .slice(2);
  expect(rows.map((row) => row.split("|").at(-2)!.trim())).toEqual(["23", "45", "67", "89 µs"]);
});

test.each([
  ["docs/performance.md", []],
  ["docs/case-study.md", ["92.5 %"]], // what the reference claims
])("%s has no figure that could change with the results outside of what is made from them", (document, claimed) => {
  const typed = text(document)
    .replaceAll(/<!-- [\w:-]+ -->\n[^]*?<!-- end -->/g, "")
    .replaceAll(/^```[^]*?^```/gm, "");
  expect(typed.match(/\d[\d.,]* ?(?:µs|%|times\b)/g) ?? []).toEqual(claimed);
  expect(typed).not.toMatch(/\b(?:is|are) (?:not )?(?:reached|met|missed)\b/);
});

test("no result is of a quick run", () => {
  const { proof: _, sessions: __, ...measured } = results; // which have no quick form
  const each = Object.values(measured).flatMap((one) => Object.entries(one));
  expect(each.filter(([, { quick }]) => quick !== false)).toEqual([]);
});

test("with a million sessions, the command stays within its limits, or the page says where it does not", () => {
  const withPing = (longest: number) => {
    const others = structuredClone(results);
    for (const layout of Object.values(others.sessions))
      for (const row of layout.rows) Object.assign(row, { longest: 1, bytes: row.bytes && 2 ** 20 });
    others.sessions.hash.rows.find(({ name }) => name === "show")!.longest = longest;
    return withTables(text("docs/sessions.md"), others, plans);
  };
  expect(sessions.json.count).toBe(1_000_000);
  expect(withPing(19)).toContain("The target for the longest PING is met (at most 19 ms, under 20 ms).");
  expect(withPing(19)).toContain("The target for the memory is met");
  expect(withPing(21)).toContain("The target for the longest PING (under 20 ms) is missed: `show` with `hash` 21 ms.");
});
