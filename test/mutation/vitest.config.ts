/** The tests that `npm run mutate` runs: those that start no server. */
import { defineConfig } from "vitest/config";
import base from "../../vitest.config.js";
import { unitTests } from "../unit-tests.js";

export default defineConfig({
  ...(base.resolve && { resolve: base.resolve }),
  test: {
    include: [...unitTests, "test/auth/accounts/names.test.ts"],
    setupFiles: ["test/mutation/fixed-seed.ts"],
    testTimeout: 60_000,
  },
});
