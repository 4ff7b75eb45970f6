// A folder for what the tests of a run share: see once-a-run.ts.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

const builds = join(import.meta.dirname, "../../.build");

export default function setup() {
  if (process.env.HOLDFAST_TEST_RUN) return undefined; // vitest asks for each of its projects
  mkdirSync(builds, { recursive: true });
  const folder = mkdtempSync(join(builds, "tests-"));
  process.env.HOLDFAST_TEST_RUN = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
