// scripts/matrix/results.json: the last result of each cell. A cell that does not run keeps it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kinds } from "./cells.mjs";

export const resultsFile = join(import.meta.dirname, "results.json");

export function readResults() {
  return JSON.parse(readFileSync(resultsFile, "utf8"));
}

export function writeResults(results) {
  writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
}

/**
 * The results with these put in, by kind and name of cell, in the order of the list. Pure.
 *
 * @param ran `{ columns, passed, failed, skipped, broken, node, on }` by name of cell
 */
export function withResults(results, kind, ran) {
  const all = { ...results[kind], ...ran };
  const listed = kinds[kind].cells.map(({ name }) => name).filter((name) => name in all);
  const others = Object.keys(all).filter((name) => !listed.includes(name));
  const entries = [...listed, ...others].map((name) => [name, all[name]]);
  const merged = { ...results, [kind]: Object.fromEntries(entries) };
  return Object.fromEntries(Object.keys(kinds).flatMap((name) => (merged[name] ? [[name, merged[name]]] : [])));
}

/**
 * What became of each cell, out of vitest's JSON report. Pure.
 *
 * @param cells those that were asked for: one of which no test tells anything has failed
 */
export function cellResults(report, cells, more) {
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  return Object.fromEntries(
    cells.map(({ name, columns }) => {
      const own = tests.filter(({ ancestorTitles }) => ancestorTitles.includes(name));
      const passed = own.filter(({ status }) => status === "passed").length;
      const failures = own.filter(({ status }) => status === "failed").map(({ title }) => title);
      const broken = own.length > 0 ? failures : ["it did not run"];
      const counts = { passed, failed: broken.length, skipped: own.length - passed - failures.length };
      const versions = own.map(({ meta }) => meta?.cell?.columns).filter(Boolean);
      return [name, { columns: versions.at(-1) ?? columns, ...counts, broken, ...more }];
    }),
  );
}
