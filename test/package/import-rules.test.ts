/** The import rules of .oxlintrc.json: each forbidden import is seen to fail, each allowed one to pass. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const oxlint = join(dirname(createRequire(import.meta.url).resolve("oxlint/package.json")), "bin", "oxlint");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-imports-"));
  const config = readFileSync(join(root, ".oxlintrc.json"), "utf8").replace('"typeAware": true', '"typeAware": false');
  writeFileSync(join(folder, ".oxlintrc.json"), config);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The codes that oxlint reports for these files. */
function lint(files: Record<string, string>): string[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { stdout } = spawnSync(process.execPath, [oxlint, "--format=json"], { cwd: folder, encoding: "utf8" });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string }[] };
  return diagnostics.map(({ code }) => code);
}

const restricted = "eslint(no-restricted-imports)";
const cycle = "import(no-cycle)";

describe("imports run downwards only", () => {
  const upwards: [from: string, to: string][] = [
    ["lib/errors/a.ts", "../redis/index.js"],
    ["lib/redis/a.ts", "../store/index.js"],
    ["lib/store/a.ts", "../middleware/index.js"],
    ["lib/store/scripts/a.ts", "../../middleware/index.js"],
    ["lib/middleware/a.ts", "../auth/index.js"],
    ["lib/auth/a.ts", "../migrate/index.js"],
    ["lib/migrate/a.ts", "../cli/index.js"],
    ["lib/ops/a.ts", "../auth/index.js"],
    ["lib/middleware/a.ts", "../index.js"],
    ["lib/index.ts", "./auth/index.js"],
    ["lib/store/a.ts", "../../test/support/free-port.js"],
    ["lib/store/a.ts", "holdfast"],
    ["demo-app/a.ts", "../lib/index.js"],
    ["demo-app/views/a.ts", "../../lib/store/index.js"],
    ["demo-app/a.ts", "../dist/index.js"],
  ];
  it.each(upwards)("%s may import neither values nor types from %s", (from, to) => {
    const lines = [
      `import { x } from "${to}";`,
      `import type { X } from "${to}";`,
      `export type { X as Z } from "${to}";`,
      `export type Y = X | typeof x;`,
    ];
    expect(lint({ [from]: lines.join("\n") }).filter((code) => code === restricted)).toHaveLength(3);
  });

  it("a type cannot be imported in the middle of an expression, where the rules would not see it", () => {
    const found = lint({ "lib/redis/a.ts": `export type Y = import("../store/index.js").X;\n` });
    expect(found).toEqual(["typescript(consistent-type-imports)"]);
  });

  it.each([
    ["lib/redis/a.ts", "../errors/index.js"],
    ["lib/store/a.ts", "../redis/index.js"],
    ["lib/store/a.ts", "./scripts/embedded.js"],
    ["lib/middleware/a.ts", "../store/index.js"],
    ["lib/auth/a.ts", "../middleware/index.js"],
    ["lib/index.ts", "./middleware/index.js"],
    ["lib/cli/a.ts", "../migrate/index.js"],
    ["demo-app/a.ts", "holdfast"],
    ["demo-app/a.ts", "holdfast/auth"],
  ])("%s may import %s", (from, to) => {
    expect(lint({ [from]: `import type { X } from "${to}";\nexport type Y = X;\n` })).toEqual([]);
  });

  it("knows every room of lib", () => {
    const config = readFileSync(join(root, ".oxlintrc.json"), "utf8");
    const entries = readdirSync(join(root, "lib"), { withFileTypes: true });
    for (const room of entries.filter((entry) => entry.isDirectory()))
      expect(config).toContain(`"lib/${room.name}/**"`);
    expect(entries.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual(["index.ts"]);
  });
});

describe("no cycles", () => {
  it("finds a cycle of two files", () => {
    const found = lint({
      "lib/store/a.ts": `import { b } from "./b.js";\nexport const a = (): unknown => b;\n`,
      "lib/store/b.ts": `import { a } from "./a.js";\nexport const b = (): unknown => a;\n`,
    });
    expect(found).toEqual([cycle, cycle]);
  });

  it("finds a cycle of type imports and re-exports", () => {
    const found = lint({
      "lib/store/a.ts": `import type { B } from "./b.js";\nexport type A = { b?: B };\n`,
      "lib/store/b.ts": `import { type A } from "./c.js";\nexport type B = { a?: A };\n`,
      "lib/store/c.ts": `export type { A } from "./a.js";\n`,
    });
    expect(found).toEqual([cycle, cycle, cycle]);
  });
});
