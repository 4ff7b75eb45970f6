/** The import rules of .oxlintrc.json: each forbidden import is seen to fail, each allowed one to pass. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

interface Diagnostic {
  code: string;
  filename: string;
}

/** What oxlint reports for these files. */
function lint(files: Record<string, string>): Diagnostic[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { stdout } = spawnSync(process.execPath, [oxlint, "--format=json"], { cwd: folder, encoding: "utf8" });
  return (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics;
}

const codesOf = (diagnostics: Diagnostic[]) => diagnostics.map(({ code }) => code);

/** Each import in a file of its own, which oxlint looks at all at once. */
function importing(cases: [from: string, to: string][], textOf: (to: string) => string) {
  const named = cases.map(([from, to], n) => ({ from, to, file: from.replace(/\ba\.ts$/, `a${n}.ts`) }));
  let found: Diagnostic[] | undefined;
  return named.map(({ from, to, file }) => ({
    from,
    to,
    codes: () => {
      found ??= lint(Object.fromEntries(named.map((one) => [one.file, textOf(one.to)])));
      return codesOf(found.filter(({ filename }) => filename === file));
    },
  }));
}

const restricted = "eslint(no-restricted-imports)";
const cycle = "import(no-cycle)";

describe("imports run downwards only", () => {
  const upwards: [from: string, to: string][] = [
    ["lib/errors/a.ts", "../redis/index.js"],
    ["lib/errors/a.ts", "../signals/index.js"],
    ["lib/signals/a.ts", "../options/index.js"],
    ["lib/options/a.ts", "../session/index.js"],
    ["lib/session/a.ts", "../redis/index.js"],
    ["lib/session/merge/a.ts", "../../repository/index.js"],
    ["lib/redis/a.ts", "../session/index.js"],
    ["lib/redis/a.ts", "../repository/index.js"],
    ["lib/redis/a.ts", "./clients/ioredis.js"],
    ["lib/redis/guard/a.ts", "../clients/node-redis.js"],
    ["lib/redis/clients/a.ts", "../guard/guard.js"],
    ["lib/redis/clients/a.ts", "../script.js"],
    ["lib/repository/a.ts", "../http/index.js"],
    ["lib/repository/scripts/a.ts", "../../express-session/index.js"],
    ["lib/express-session/a.ts", "../http/index.js"],
    ["lib/http/a.ts", "../auth/index.js"],
    ["lib/http/cookie/a.ts", "../../migrate/index.js"],
    ["lib/auth/a.ts", "../migrate/index.js"],
    ["lib/auth/logins/a.ts", "../../migrate/index.js"],
    ["lib/auth/events.ts", "./logins/logins.js"],
    ["lib/auth/passwords/a.ts", "../accounts/names.js"],
    ["lib/auth/accounts/a.ts", "../request/visitor.js"],
    ["lib/auth/accounts/contract/a.ts", "../../logins/logins.js"],
    ["lib/auth/request/a.ts", "../throttle/throttle.js"],
    ["lib/auth/throttle/a.ts", "../logins/logins.js"],
    ["lib/auth/logins/a.ts", "../actions/results.js"],
    ["lib/auth/actions/a.ts", "../http/safe-path.js"],
    ["lib/auth/http/a.ts", "../local-auth.js"],
    ["lib/auth/http/a.ts", "../index.js"],
    ["lib/migrate/a.ts", "../cli/index.js"],
    ["lib/migrate/a.ts", "../auth/index.js"],
    ["lib/migrate/a.ts", "../ops/index.js"],
    ["lib/ops/a.ts", "../cli/index.js"],
    ["lib/ops/a.ts", "../console/index.js"],
    ["lib/console/a.ts", "../cli/index.js"],
    ["lib/ops/a.ts", "../index.js"],
    ["lib/testing/a.ts", "../migrate/index.js"],
    ["lib/testing/memory/a.ts", "../../index.js"],
    ["lib/http/a.ts", "../testing/index.js"],
    ["lib/cli/a.ts", "../testing/index.js"],
    ["lib/migrate/state/a.ts", "../engine/mirror.js"],
    ["lib/migrate/state/a.ts", "../../auth/index.js"],
    ["lib/migrate/sources/a.ts", "../engine/mirror.js"],
    ["lib/migrate/sources/databases/a.ts", "../../steps/move.js"],
    ["lib/migrate/engine/a.ts", "../sources/source.js"],
    ["lib/migrate/engine/a.ts", "../steps/move.js"],
    ["lib/migrate/steps/a.ts", "../index.js"],
    ["lib/http/a.ts", "../index.js"],
    ["lib/index.ts", "./auth/index.js"],
    ["lib/session/a.ts", "../../test/support/servers/free-port.js"],
    ["lib/session/a.ts", "holdfast"],
    ["demo-app/a.ts", "../lib/index.js"],
    ["demo-app/views/a.ts", "../../lib/session/index.js"],
    ["demo-app/a.ts", "../dist/index.js"],
  ];
  const threeImports = (to: string) =>
    [
      `import { x } from "${to}";`,
      `import type { X } from "${to}";`,
      `export type { X as Z } from "${to}";`,
      `export type Y = X | typeof x;`,
    ].join("\n");
  it.each(importing(upwards, threeImports))("$from may import neither values nor types from $to", ({ codes }) => {
    expect(codes().filter((code) => code === restricted)).toHaveLength(3);
  });

  it("a type cannot be imported in the middle of an expression, where the rules would not see it", () => {
    const found = lint({ "lib/redis/a.ts": `export type Y = import("../session/index.js").X;\n` });
    expect(codesOf(found)).toEqual(["typescript(consistent-type-imports)"]);
  });

  const downwards: [from: string, to: string][] = [
    ["lib/redis/a.ts", "../errors/index.js"],
    ["lib/redis/guard/a.ts", "../clients/index.js"],
    ["lib/redis/clients/a.ts", "../commands.js"],
    ["lib/session/a.ts", "../options/index.js"],
    ["lib/repository/a.ts", "../session/index.js"],
    ["lib/repository/a.ts", "./scripts/embedded.js"],
    ["lib/express-session/a.ts", "../repository/index.js"],
    ["lib/http/a.ts", "../express-session/index.js"],
    ["lib/auth/a.ts", "../http/index.js"],
    ["lib/auth/a.ts", "./http/handlers.js"],
    ["lib/auth/throttle/a.ts", "../../http/index.js"],
    ["lib/auth/accounts/contract/a.ts", "../names.js"],
    ["lib/auth/accounts/a.ts", "../passwords/hash-forms.js"],
    ["lib/auth/logins/a.ts", "../events.js"],
    ["lib/auth/http/a.ts", "../actions/results.js"],
    ["lib/index.ts", "./http/index.js"],
    ["lib/migrate/engine/a.ts", "../state/dial.js"],
    ["lib/migrate/steps/a.ts", "../sources/source.js"],
    ["lib/ops/a.ts", "../migrate/index.js"],
    ["lib/testing/a.ts", "../auth/logins/logins.js"],
    ["lib/console/a.ts", "../ops/index.js"],
    ["lib/cli/a.ts", "../migrate/index.js"],
    ["demo-app/a.ts", "holdfast"],
    ["demo-app/a.ts", "holdfast/auth"],
  ];
  const oneImport = (to: string) => `import type { X } from "${to}";\nexport type Y = X;\n`;
  it.each(importing(downwards, oneImport))("$from may import $to", ({ codes }) => {
    expect(codes()).toEqual([]);
  });

  it("the rules name every module of lib, and no module that does not exist", () => {
    const config = readFileSync(join(root, ".oxlintrc.json"), "utf8");
    const entries = readdirSync(join(root, "lib"), { withFileTypes: true });
    const rooms = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const ruled = [...config.matchAll(/"lib\/([\w-]+)\/\*\*"/g)].map(([, room]) => room!);
    const forbidden = [...config.matchAll(/\(\.\*\/\)\?\(([\w|-]+)\)\//g)].flatMap(([, names]) => names!.split("|"));
    expect([...new Set(ruled)].sort()).toEqual(rooms.sort());
    expect(forbidden.filter((room) => !rooms.includes(room))).toEqual([]);
    expect(entries.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual(["index.ts"]);
  });

  it("the rules name every folder of lib/auth, and no folder that does not exist", () => {
    const config = readFileSync(join(root, ".oxlintrc.json"), "utf8");
    const entries = readdirSync(join(root, "lib/auth"), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const ruled = [...config.matchAll(/"lib\/auth\/([\w-]+)\/\*"/g)].map(([, folder]) => folder!);
    const forbidden = [...config.matchAll(/\(([\w|-]+)\|auth-options\|local-auth\)/g)].flatMap(([, names]) =>
      names!.split("|"),
    );
    expect(ruled.sort()).toEqual(folders.sort());
    expect(forbidden.length).toBeGreaterThan(ruled.length);
    expect(forbidden.filter((folder) => !folders.includes(folder))).toEqual([]);
  });

  it("the rules name every folder of lib/migrate, and no folder that does not exist", () => {
    const config = readFileSync(join(root, ".oxlintrc.json"), "utf8");
    const entries = readdirSync(join(root, "lib/migrate"), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const ruled = [...config.matchAll(/"lib\/migrate\/([\w-]+)\/\*\*"/g)].map(([, folder]) => folder!);
    expect(ruled.sort()).toEqual(folders.sort());
  });

  it.each(["docs/architecture.md", "CONTRIBUTING.md"])("%s names no module that does not exist", (page) => {
    const named = [...readFileSync(join(root, page), "utf8").matchAll(/\blib\/([\w-]+)\b(?!\.)/g)].map(
      ([, name]) => name!,
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !existsSync(join(root, "lib", name)))).toEqual([]);
  });
});

describe("no cycles", () => {
  it("finds a cycle of two files", () => {
    const found = lint({
      "lib/session/a.ts": `import { b } from "./b.js";\nexport const a = (): unknown => b;\n`,
      "lib/session/b.ts": `import { a } from "./a.js";\nexport const b = (): unknown => a;\n`,
    });
    expect(codesOf(found)).toEqual([cycle, cycle]);
  });

  it("finds a cycle of type imports and re-exports", () => {
    const found = lint({
      "lib/session/a.ts": `import type { B } from "./b.js";\nexport type A = { b?: B };\n`,
      "lib/session/b.ts": `import { type A } from "./c.js";\nexport type B = { a?: A };\n`,
      "lib/session/c.ts": `export type { A } from "./a.js";\n`,
    });
    expect(codesOf(found)).toEqual([cycle, cycle, cycle]);
  });
});
