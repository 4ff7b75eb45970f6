/** A typical app compiles under each TypeScript, in the module modes that people have, and its mistakes do not. */
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";
import { cellsOf, cellTests, isMatrix, once, type Cell } from "./cells.js";
import { own, packedPackage, run, type Failed, type Stranger } from "./stranger.js";

interface TypeScriptCell extends Cell {
  version: string;
  module: string;
  resolution: string;
  file: string;
  /** The checks of `npm test`. */
  inTests?: string[];
}

let stranger: Stranger | undefined;
afterAll(() => stranger?.remove(), 300_000);

const compilers: Record<string, string> = {
  "7": own("typescript"),
  "6": "typescript6@npm:typescript@6",
  "5": "typescript5@npm:typescript@5",
};
const cells = cellsOf<TypeScriptCell>("typescript");
const typed = once(async () => {
  stranger = await packedPackage();
  const versions = new Set(cells.map(({ version }) => version));
  const libraries = ["express", "@types/express", "@types/connect", "@types/node"].map(own);
  return stranger.install("typed", [...libraries, ...[...versions].map((version) => compilers[version]!)]);
});

const always = ["--noEmit", "--strict", "--target", "es2023", "--types", "node", "--noUncheckedIndexedAccess"];

/** What is passed beside the modes of the cell. */
const checks: Record<string, string[]> = {
  strict: ["--exactOptionalPropertyTypes", "--skipLibCheck"],
  "skipLibCheck: false": ["--exactOptionalPropertyTypes"],
  "exactOptionalPropertyTypes: false": ["--skipLibCheck"],
  verbatimModuleSyntax: ["--skipLibCheck", "--verbatimModuleSyntax"],
};

for (const cell of cells) {
  const names = isMatrix ? Object.keys(checks) : cell.inTests!;
  cellTests(cell, names, async () => {
    const folder = await typed();
    const name = compilers[cell.version]!.startsWith("typescript@") ? "typescript" : `typescript${cell.version}`;
    const compiler = join(folder, "node_modules", name);
    const outcomes: Record<string, string> = {};
    for (const check of names) outcomes[check] = await compile(folder, compiler, cell, check);
    const { version } = JSON.parse(readFileSync(join(compiler, "package.json"), "utf8")) as { version: string };
    return { columns: [`TypeScript ${version}`, ...cell.columns.slice(1)], outcomes };
  });
}

async function compile(folder: string, compiler: string, cell: TypeScriptCell, check: string): Promise<string> {
  const { module, resolution, file } = cell;
  // Under verbatimModuleSyntax, what is CommonJS says `import x = require()`.
  const isRequired = check === "verbatimModuleSyntax" && (file.endsWith(".cts") || module === "commonjs");
  const [source, copy] = isRequired ? ["required.cts", `required${/\.\w+$/.exec(file)![0]}`] : ["app.mts", file];
  if (source !== copy) copyFileSync(join(folder, source), join(folder, copy));
  const modes = ["--module", module, "--moduleResolution", resolution, "--esModuleInterop"];
  const args = [join(compiler, "bin", "tsc"), ...always, ...modes, ...checks[check]!, copy];
  const { stdout } = await run(process.execPath, args, folder).catch((error: Failed) => {
    if (!error.stdout) throw error; // it is the compiler that failed
    return error;
  });
  return stdout || "kept";
}
