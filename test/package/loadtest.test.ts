/** `npm run loadtest`, as a newcomer types it, in its short form. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const run = promisify(execFile);
const command = new URL("../../bench/loadtest/loadtest.mjs", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "holdfast-loadtest-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("results, CSV and one report that loads nothing; no update of ours is lost", async () => {
  const { stdout } = await run(process.execPath, [command, "--quick", "--only=visitors", `--out=${folder}`]);
  expect(stdout).toContain(join(folder, "report.html"));
  const { visitors } = JSON.parse(readFileSync(join(folder, "results.json"), "utf8")) as {
    visitors: { rows: { variant: string; failed: number; lost: number; p95: number }[] };
  };
  expect(visitors.rows).toHaveLength(8);
  for (const row of visitors.rows.filter(({ variant }) => /json|hash/.test(variant))) {
    expect(row).toMatchObject({ failed: 0, lost: 0, p95: expect.any(Number) });
  }
  expect(readFileSync(join(folder, "figures.csv"), "utf8")).toMatch(/^visitors,"?one visitor, 100 pages/m);
  const report = readFileSync(join(folder, "report.html"), "utf8");
  expect(report).toContain("50 visitors at once");
  expect(report).not.toMatch(/(?:src|href)="(?!#)/);
});
