import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.js";
import { unitTests, unitTestsApart } from "./test/unit-tests.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Drills in which nobody measures what visitors notice, so that they may run side by side. */
const unmeasured = ["near-cache-servers", "rights", "sentinel-clients", "tls-acl", "migration/migration"].map(
  (name) => `test/drills/${name}.test.ts`,
);

const isUnit = (name: string) => name.startsWith("unit");

/** A group of test files. Groups run one after the other; most drills run alone, other files side by side. */
const group = (name: string, groupOrder: number, include: string[], exclude: string[] = [], maxWorkers = 2) => ({
  extends: true as const,
  test: {
    name,
    include,
    exclude: [...configDefaults.exclude, ...exclude, ...(isUnit(name) ? [] : unitTests)],
    sequence: { groupOrder },
    maxWorkers,
    // The packages that they need take most of their time to load; see test/support/no-servers.ts.
    isolate: name !== "unit",
    setupFiles: isUnit(name) ? ["test/support/no-servers.ts"] : [],
    globalSetup: name === "package" ? ["test/support/packed-once.mjs"] : [],
  },
});

export default defineConfig({
  resolve: {
    alias: [
      { find: /^holdfast$/, replacement: here("lib/index.ts") },
      { find: /^holdfast\/(\w+)$/, replacement: `${here("lib")}/$1/index.ts` },
      { find: /^\.\/redis-package\.cjs$/, replacement: here("test/support/redis-package.ts") },
      // scripts/matrix.mjs: the same tests on another version of the client.
      ...(process.env.HOLDFAST_TEST_CLIENT ? [{ find: /^redis$/, replacement: process.env.HOLDFAST_TEST_CLIENT }] : []),
    ],
  },
  test: {
    // Makes what the console sends to browsers, if it is not current.
    globalSetup: ["test/support/console-assets.mjs", "test/support/run-folder.mjs"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is polled may take its time on a busy machine; where time is what is tested, it is measured.
    expect: { poll: { timeout: 15_000 } },
    sequence: { sequencer: LongestFirst },
    maxWorkers: 2,
    coverage: {
      include: ["lib/**/*.ts"],
      exclude: ["lib/**/embedded.ts"],
      reporter: ["text-summary", "html", "json-summary"],
      reportOnFailure: true,
    },
    // Chromium, npm and the compiler take all the processor there is; tests that measure time do not run beside them.
    projects: [
      group("unit", 0, unitTests, unitTestsApart),
      group("unit, apart", 0, unitTestsApart),
      // Half of the time these wait: for deadlines, for lifetimes, for servers to start.
      group(
        "library",
        1,
        ["test/**/*.test.ts"],
        [
          "test/{drills,shop,package,migrate,cli}/**",
          "test/{console,sockets}/browser.test.ts",
          "test/console/move.test.ts",
        ],
        3,
      ),
      // A move waits most of its time, for processes to follow and for databases to start.
      group("moves", 2, ["test/{migrate,cli}/**/*.test.ts"], [], 4),
      group("drills", 3, ["test/drills/**/*.test.ts"], unmeasured, 1),
      group("drills, side by side", 4, unmeasured, [], 3),
      group("shop", 5, [
        "test/shop/**/*.test.ts",
        "test/console/{browser,move}.test.ts",
        "test/sockets/browser.test.ts",
      ]),
      group("package", 6, ["test/package/*.test.ts"]),
    ],
  },
});
