import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import { unitTests } from "./test/unit-tests.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A group of test files. Groups run one after the other; drills run alone, the files of other groups side by side. */
const group = (name: string, groupOrder: number, include: string[], exclude: string[] = [], maxWorkers = 2) => ({
  extends: true as const,
  test: {
    name,
    include,
    exclude: [...configDefaults.exclude, ...exclude, ...(name === "unit" ? [] : unitTests)],
    sequence: { groupOrder },
    maxWorkers,
    setupFiles: name === "unit" ? ["test/support/no-servers.ts"] : [],
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
    globalSetup: ["test/support/console-assets.mjs"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    coverage: {
      include: ["lib/**/*.ts"],
      exclude: ["lib/**/embedded.ts"],
      reporter: ["text-summary", "html", "json-summary"],
      reportOnFailure: true,
    },
    // Chromium, npm and the compiler take all the processor there is; tests that measure time do not run beside them.
    projects: [
      group("unit", 0, unitTests),
      // Half of the time these wait: for deadlines, for lifetimes, for servers to start.
      group(
        "library",
        1,
        ["test/**/*.test.ts"],
        ["test/{drills,shop,package,migrate,cli}/**", "test/{console,sockets}/browser.test.ts"],
        3,
      ),
      // A move waits most of its time, for processes to follow and for databases to start.
      group("moves", 2, ["test/{migrate,cli}/**/*.test.ts"], [], 4),
      group("drills", 3, ["test/drills/**/*.test.ts"], [], 1),
      group("shop", 4, [
        "test/shop/**/*.test.ts",
        "test/console/{browser,move}.test.ts",
        "test/sockets/browser.test.ts",
      ]),
      group("package", 5, ["test/package/*.test.ts"]),
    ],
  },
});
