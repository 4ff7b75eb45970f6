/** docs/testing.md: its tests run as they stand there, without a Redis. Those of Jest: test/package/runners.test.ts. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { filesOfTheTestingPage } from "./support/testing-page.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** An app in which `holdfast` is installed, as it was built here; other packages are those of this project. */
const folder = join(root, ".build", `testing-page-${process.pid}`);

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of filesOfTheTestingPage()) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "vitest.config.js"), "export default {};\n");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  for (const part of ["package.json", "dist"])
    cpSync(join(root, part), join(folder, "node_modules/holdfast", part), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An address at which nothing listens: whoever asks a Redis fails. */
const elsewhere = { REDIS_URL: "redis://127.0.0.1:1" };

function run(...args: string[]): { status: number | null; output: string } {
  const ours = /^(VITEST|NODE_ENV|NODE_OPTIONS|SESSION_|NODE_TEST_)/;
  const inherited = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const env = { ...Object.fromEntries(inherited), ...elsewhere, NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: "utf8" });
  return { status, output: stdout + stderr };
}

it("has these files", () => {
  expect([...filesOfTheTestingPage().keys()]).toEqual(["app.js", "vitest.test.js", "jest.test.js", "node.test.js"]);
});

it("vitest runs its tests", () => {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const { status, output } = run(vitest, "run", "--root", folder, "vitest.test.js");
  expect(output).toMatch(/Tests {2}4 passed \(4\)/);
  expect(status).toBe(0);
});

it("node:test runs its test, and ends by itself", () => {
  const { status, output } = run("--test", "node.test.js");
  expect(output).toMatch(/pass 1\n/);
  expect(output).toMatch(/fail 0\n/);
  expect(status).toBe(0);
});
