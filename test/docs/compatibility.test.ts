/** docs/compatibility.md shows the last result of each cell of `npm run matrix`, failures included. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Row {
  columns: string[];
  passed: number;
  failed: number;
  skipped: number;
  broken: string[];
  on: string;
}
type Results = Record<string, Record<string, Row>>;
interface Kinds {
  kinds: Record<string, { cells: { name: string; columns: string[] }[] }>;
}
interface Report {
  testResults: { assertionResults: { ancestorTitles: string[]; title: string; status: string; meta: object }[] }[];
}

const scripts = new URL("../../scripts/matrix/", import.meta.url);
const load = (file: string): Promise<unknown> => import(new URL(file, scripts).href);
const { withTables } = (await load("tables.mjs")) as { withTables(text: string, results: Results): string };
const { cellResults, readResults, withResults } = (await load("results.mjs")) as {
  cellResults(report: Report, cells: { name: string; columns: string[] }[], more: object): Record<string, Row>;
  readResults(): Results;
  withResults(results: Results, kind: string, ran: Record<string, Row>): Results;
};
const { kinds } = (await load("cells.mjs")) as Kinds;
const page = readFileSync(new URL("../../docs/compatibility.md", import.meta.url), "utf8");
const results = readResults();

test("the page has the tables of the results", () => {
  // `npm run matrix -- --tables` writes them.
  expect(withTables(page, results)).toBe(page);
});

test("every cell of the list has run, and every result is of a cell", () => {
  const listed = Object.entries(kinds).map(([kind, { cells }]) => [kind, cells.map(({ name }) => name)]);
  const ran = Object.entries(results).map(([kind, rows]) => [kind, Object.keys(rows)]);
  expect(ran).toEqual(listed);
});

test("no two cells have one name", () => {
  const names = Object.values(kinds).flatMap(({ cells }) => cells.map(({ name }) => name));
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("a failure is shown in the first sentence, in the summary and in its row", () => {
  const others = structuredClone(results);
  const row = others["runtimes"]!["Express 5 on Bun"]!;
  Object.assign(row, { passed: 3, failed: 21, columns: ["Bun 9.9.9", "Express 5.3.0"] });
  const text = withTables(page, others);
  const rows = Object.values(others).flatMap((kind) => Object.values(kind));
  const broken = rows.filter(({ failed }) => failed > 0).length;
  expect(text).toContain(`**${rows.length - broken} of the ${rows.length} combinations below work.**`);
  expect(text).toMatch(/\| runtime +\| \*\*Bun\*\* +\| [^|]*9\.9\.9[^|]*\| \d+ +\| [1-9]\d* +\|/);
  expect(text).toMatch(/\| Bun 9\.9\.9 +\| Express 5\.3\.0 +\| 3 +\| \*\*21\*\* +\|/);
});

test("where something fails, the page says what", () => {
  const rows = Object.values(results).flatMap((kind) => Object.values(kind));
  const says = !page.includes("\n\nNothing that was tried.\n");
  expect(says).toBe(rows.some(({ failed }) => failed > 0));
});

test("a marker that asks for nothing that there is, is an error", () => {
  expect(() => withTables("<!-- matrix:planets -->\n<!-- end -->", results)).toThrow("matrix:planets");
});

const row: Row = { columns: ["Bun 1.0.0"], passed: 1, failed: 0, skipped: 0, broken: [], on: "2026-01-01" };

test("a cell that did not run keeps its last result, and the order is that of the list", () => {
  const [first, second] = kinds["bundlers"]!.cells.map(({ name }) => name) as [string, string];
  const before = { bundlers: { [second]: row } };
  const after = withResults(before, "bundlers", { [first]: { ...row, passed: 2 } });
  expect(Object.entries(after["bundlers"]!)).toEqual([
    [first, { ...row, passed: 2 }],
    [second, row],
  ]);
});

test("a cell counts its tests, has the versions that ran, and names what failed", () => {
  const result = (title: string, status: string, meta: object = {}) => ({
    ancestorTitles: ["", "Express 5 on Bun"],
    title,
    status,
    meta,
  });
  const cell = { name: "Express 5 on Bun", columns: ["Bun 1.0.0", "Express 5.0.0"] };
  const tests = [result("a", "passed", { cell }), result("b", "failed", { cell }), result("c", "skipped")];
  const asked = [{ name: cell.name, columns: ["Bun", "Express 5"] }];
  expect(cellResults({ testResults: [{ assertionResults: tests }] }, asked, { on: "2026-01-01" })).toEqual({
    [cell.name]: { columns: cell.columns, passed: 1, failed: 1, skipped: 1, broken: ["b"], on: "2026-01-01" },
  });
});

test("a cell that no test tells of has failed", () => {
  const asked = [{ name: "Express 5 on Bun", columns: ["Bun", "Express 5"] }];
  expect(cellResults({ testResults: [] }, asked, {})).toEqual({
    "Express 5 on Bun": { columns: ["Bun", "Express 5"], passed: 0, failed: 1, skipped: 0, broken: ["it did not run"] },
  });
});
