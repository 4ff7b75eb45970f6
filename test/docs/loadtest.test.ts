/** The figures of docs/performance.md and docs/case-study.md are those of bench/results/loadtest.json. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Results = Record<string, { rows: Record<string, unknown>[] }>;
interface Documents {
  documents: string[];
  withTables(text: string, results: Results): string;
}
const root = new URL("../../", import.meta.url);
const { documents, withTables } = (await import(
  new URL("bench/loadtest/report/documents.mjs", root).href
)) as Documents;
const results = JSON.parse(readFileSync(new URL("bench/results/loadtest.json", root), "utf8")) as Results;
const text = (document: string) => readFileSync(new URL(document, root), "utf8");

test.each(documents)("%s has the figures of the results", (document) => {
  expect(withTables(text(document), results)).toBe(text(document));
});

test.each(documents)("%s would differ if a result did", (document) => {
  const others = structuredClone(results);
  for (const row of others.writes!.rows) row.reached = 12_345;
  expect(withTables(text(document), others)).toContain("12,345");
  expect(withTables(text(document), others)).not.toBe(text(document));
});

test("a table that has no results is an error, and not left as it was", () => {
  expect(() => withTables("<!-- loadtest:nothing -->\n<!-- end -->", results)).toThrow(/loadtest:nothing/);
});

test("no result is of a quick run", () => {
  expect(Object.values(results)).toEqual(
    Object.values(results).map((one) => expect.objectContaining({ ...one, quick: false })),
  );
});
