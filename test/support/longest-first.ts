/** The order of the test files: the longest first, so that at the end nobody waits for one that began late. */
import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** More than about twenty seconds each. vitest itself learns it only on a machine that has run them before. */
const longest = [
  "test/cli/migrate.test.ts",
  "test/package/bundlers.test.ts",
  "test/package/runtimes.test.ts",
  "test/migrate/migrating-store.test.ts",
  "test/shop/story.test.ts",
  "test/package/docs-site.test.ts",
  "test/package/frameworks.test.ts",
  "test/cli/migrate-in-trouble.test.ts",
  "test/package/package.test.ts",
  "test/migrate/backfill-verify.test.ts",
  "test/promises/no-update-is-lost.test.ts",
  "test/cli/encrypted.test.ts",
  "test/cli/operators.test.ts",
  "test/shop/legacy.test.ts",
  "test/cli/sessions.test.ts",
  "test/cli/sessions-places.test.ts",
  "test/shop/browser.test.ts",
  "test/shop/take-away.test.ts",
  "test/package/types.test.ts",
  "test/cli/modules.test.ts",
  "test/package/store-benchmark.test.ts",
  "test/console/browser.test.ts",
  "test/cli/top/places.test.ts",
  "test/migrate/lost-and-late.test.ts",
  "test/migrate/believes-nothing.test.ts",
  "test/auth/ended.test.ts",
  "test/migrate/turning.test.ts",
  "test/redis/subscription.test.ts",
  "test/auth/throttle.test.ts",
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.indexOf(relative(this.ctx.config.root, moduleId));
      return place === -1 ? longest.length : place;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
