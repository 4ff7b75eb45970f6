/** docs/doctor.md has a section for each check, and for no other. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { checkIds } from "../../../lib/ops/doctor/finding.js";

const page = readFileSync(new URL("../../../docs/doctor.md", import.meta.url), "utf8");

it("every check has a section, in the order of the report", () => {
  const [, checks = ""] = page.split("\n## The checks\n");
  expect([...checks.matchAll(/^### (.+)$/gm)].map(([, name]) => name)).toEqual([...checkIds]);
});
