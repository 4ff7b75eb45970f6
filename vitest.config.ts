import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A group of test files. Groups run one after the other; the files of a group run two at a time, drills alone. */
const group = (name: string, groupOrder: number, include: string[], exclude: string[] = [], maxWorkers = 2) => ({
  extends: true as const,
  test: { name, include, exclude: [...configDefaults.exclude, ...exclude], sequence: { groupOrder }, maxWorkers },
});

export default defineConfig({
  resolve: {
    alias: [
      { find: /^holdfast$/, replacement: here("lib/index.ts") },
      { find: /^holdfast\/(\w+)$/, replacement: `${here("lib")}/$1/index.ts` },
    ],
  },
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    // Chromium, npm and the compiler take all the processor there is; tests that measure time do not run beside them.
    projects: [
      group("library", 0, ["test/**/*.test.ts"], ["test/drills/**", "test/shop/**", "test/package/**"]),
      group("drills", 1, ["test/drills/**/*.test.ts"], [], 1),
      group("shop", 2, ["test/shop/**/*.test.ts"]),
      group("package", 3, ["test/package/**/*.test.ts"]),
    ],
  },
});
