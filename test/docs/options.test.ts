/** docs/options.md has a row for every option of `redisSession()`, and for no other. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { storeOptionNames } from "../../lib/express-session/index.js";

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("the table has every option once", () => {
  const [, own] = /const ownNames = Object\.keys\(\{([^]*?)\}/.exec(text("lib/http/options.ts"))!;
  const known = [...storeOptionNames, ...[...own!.matchAll(/(\w+): 0/g)].map(([, name]) => name!)];
  const cells = [...text("docs/options.md").matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell]) => cell!);
  const shown = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
  const oldNames = ["key"]; // of `name`
  expect(shown.toSorted()).toEqual([...new Set(known)].filter((name) => !oldNames.includes(name)).toSorted());
});
