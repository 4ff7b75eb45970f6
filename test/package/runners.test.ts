/** The package under test runners, which load it their own way: it works, and a run ends by itself. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript5";
import { afterAll, describe, expect, it } from "vitest";
import { filesOfTheTestingPage } from "../docs/support/testing-page.js";
import { useRedis } from "../support/servers/use-redis.js";
import { cellsOf, cellTests, isMatrix, once, type Cell } from "./cells.js";
import { own, packedPackage, run, type Failed, type Stranger } from "./stranger.js";

interface RunnerCell extends Cell {
  package: "jest29" | "jest" | "ts-jest";
  format: "esm" | "cjs";
}

const redis = useRedis();
let stranger: Stranger | undefined;
afterAll(() => stranger?.remove(), 300_000);

const tools = once(async () => {
  stranger = await packedPackage();
  const packages = ["jest29@npm:jest@29", "jest@30", "ts-jest@29", "@types/jest@30", "typescript@5"];
  return stranger.install("runners", [...packages, ...["express", "supertest"].map(own)], ["--ignore-scripts"]);
});

const passes = "a test file that uses sessions, passwords and types passes";
const ends = "the run ends by itself";

/** What is run, and what it says when all is well. */
function runOf({ package: name, format }: RunnerCell): { args: string[]; summary: string } {
  const jest = `node_modules/${name === "ts-jest" ? "jest" : name}/bin/jest.js`;
  if (name === "ts-jest") {
    const tsconfig = { module: "commonjs", moduleResolution: "node10", esModuleInterop: true, strict: true };
    const transform = JSON.stringify({ "\\.ts$": ["ts-jest", { tsconfig: { ...tsconfig, types: ["jest"] } }] });
    return {
      args: [jest, "--rootDir", "jest", "--transform", transform, "typed.test.ts"],
      summary: "1 passed, 1 total",
    };
  }
  const summary = "5 passed, 5 total";
  if (format === "cjs") return { args: [jest, "--rootDir", "jest", "page.test.js"], summary };
  const modules = ["--testMatch", "**/page.test.mjs"];
  return { args: ["--experimental-vm-modules", jest, "--rootDir", "jest", ...modules], summary };
}

for (const cell of cellsOf<RunnerCell>("runners")) {
  cellTests(cell, [passes, ends], async () => {
    const folder = await tools();
    const { args, summary } = runOf(cell);
    const { stderr } = await run(process.execPath, args, folder, { REDIS_URL: redis.url }).catch(
      (error: Failed) => error,
    );
    const { version } = JSON.parse(
      readFileSync(join(folder, "node_modules", cell.package, "package.json"), "utf8"),
    ) as {
      version: string;
    };
    return {
      columns: [`${cell.columns[0]!.split(" ")[0]} ${version}`, ...cell.columns.slice(1)],
      outcomes: {
        [passes]: stderr.includes(summary) ? "kept" : stderr,
        [ends]: stderr.includes("did not exit") ? stderr : "kept",
      },
    };
  });
}

describe.skipIf(isMatrix)("the test of docs/testing.md under Jest", () => {
  const files = filesOfTheTestingPage();
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
  const toCommonJs = (text: string) => ts.transpileModule(text, { compilerOptions }).outputText;

  /** Runs the app and the test of the page in a folder of their own. */
  async function runPage(type: "commonjs" | "module", texts: { app: string; test: string }, ...command: string[]) {
    const folder = await tools();
    const name = `page-${type}`;
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "package.json"), JSON.stringify({ type }));
    writeFileSync(join(folder, name, "app.js"), texts.app);
    writeFileSync(join(folder, name, "jest.test.js"), texts.test);
    return run(process.execPath, [...command, "--rootDir", name], folder, { REDIS_URL: redis.url });
  }

  it.each(["jest29", "jest"])("%s runs it, as CommonJS, and ends by itself", { timeout: 300_000 }, async (jest) => {
    const texts = { app: toCommonJs(files.get("app.js")!), test: files.get("jest.test.js")! };
    const { stderr } = await runPage("commonjs", texts, `node_modules/${jest}/bin/jest.js`);
    expect(stderr).toContain("1 passed, 1 total");
    expect(stderr).not.toContain("did not exit");
  });

  it("Jest finds no handle that was left open", { timeout: 300_000 }, async () => {
    const texts = { app: toCommonJs(files.get("app.js")!), test: files.get("jest.test.js")! };
    const { stderr } = await runPage("commonjs", texts, "node_modules/jest/bin/jest.js", "--detectOpenHandles");
    expect(stderr).toContain("1 passed, 1 total");
    expect(stderr).not.toMatch(/open handle/i);
  });

  it("Jest runs it as an ES module", { timeout: 300_000 }, async () => {
    const test = files
      .get("jest.test.js")!
      .replace(/^const (\w+|\{[^}]+\}) = require\(("[^"]+")\);$/gm, "import $1 from $2;");
    const texts = { app: files.get("app.js")!, test: `import { jest } from "@jest/globals";\n${test}` };
    const { stderr } = await runPage("module", texts, "--experimental-vm-modules", "node_modules/jest/bin/jest.js");
    expect(stderr).toContain("1 passed, 1 total");
  });
});
