/** Prometheus itself says whether each alert fires in the situation that it names, and stays silent on a healthy site. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { findProgram } from "../support/programs.js";

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const promtool = findProgram("promtool");

it("each alert has a situation in which it must fire", () => {
  const rules = readFileSync(path("../../monitoring/alerts.yml"), "utf8");
  const situations = readFileSync(path("alerts.yml"), "utf8");
  const names = [...rules.matchAll(/alert: (\w+)/g)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !situations.includes(`alertname="${name}"`))).toEqual([]);
});

it.runIf(promtool)(
  "the alerts fire in their situations, and in no other",
  () => {
    expect(execFileSync(promtool!, ["test", "rules", path("alerts.yml")], { encoding: "utf8" })).toContain("SUCCESS");
  },
  30_000,
);
