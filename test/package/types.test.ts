/** The types, as a stranger meets them: what is exported, and that every program in the documents compiles. */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publicTypes } from "./public-types.js";
import { own, packedPackage, root, run, type Failed, type Stranger } from "./stranger.js";

let stranger: Stranger;
/** As npm lays packages out: everybody finds everything. */
let flat: string;
/** As pnpm does: an app finds what it names itself, and express-session is not among it. */
let strict: string;

beforeAll(async () => {
  stranger = await packedPackage();
  const both = ["express", "redis", "@types/express", "@types/node", "typescript"];
  const more = ["express-session", "passport", "@types/passport", "prom-client", "@opentelemetry/api"];
  flat = await stranger.install("flat", [...both, ...more].map(own).concat("@types/pg"));
  strict = await stranger.install("strict", both.map(own), ["--install-strategy=linked"]);
}, 300_000);

afterAll(() => stranger?.remove());

describe("the declarations", () => {
  it("export every type that stands in a public signature", () => {
    expect(publicTypes(flat).forgotten).toEqual([]);
  });

  it("let every optional property be undefined, for exactOptionalPropertyTypes", () => {
    expect(publicTypes(flat).exact).toEqual([]);
  });
});

describe("options of which one excludes the other", () => {
  // Each mistake in the files is marked as one, so the compiler also reports those that it accepts.
  it.each([
    ["TypeScript", "options.mts", []],
    ["TypeScript with exactOptionalPropertyTypes", "options.mts", ["--exactOptionalPropertyTypes"]],
    ["JavaScript with JSDoc", "options.mjs", ["--allowJs", "--checkJs"]],
  ])("cannot be combined, and typical apps compile: %s", async (_, file, flags) => {
    const modern = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023", "--types", "node"];
    const tsc = join(flat, "node_modules/typescript/bin/tsc");
    const { stdout } = await run(process.execPath, [tsc, ...modern, "--skipLibCheck", ...flags, file], flat);
    expect(stdout).toBe("");
  });
});

describe("the programs in the documents", () => {
  const names = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  const pages = ["README.md", ...names.map((name) => `docs/${name}`)];
  const programs = pages.filter((page) => page.endsWith(".md")).flatMap(programsOf);

  it("are found", () => expect(programs.length).toBeGreaterThan(15));

  it("compile as TypeScript, as npm installs packages", async () => {
    for (const name of ["postgres-accounts.ts", "opentelemetry.ts"])
      copyFileSync(join(root, "examples", name), join(flat, "documents", name));
    await compile(flat, programs);
  });

  it("compile where only their own dependencies are found, as pnpm installs packages", async () => {
    const foreign = /from "(express-session|pg|passport|\.\/opentelemetry\.js)"/;
    const ownOnly = programs.filter(({ text }) => !foreign.test(text) && !/\b(passport|yourOldStore)\b/.test(text));
    await compile(strict, ownOnly);
  });
});

interface Program {
  name: string;
  text: string;
}

/** Each block that is marked as js or ts. Those of other frameworks run in test/docs/frameworks.test.ts and here as far as they are typed. */
function programsOf(page: string): Program[] {
  const text = readFileSync(join(root, page), "utf8");
  const isOfFramework = page.startsWith("docs/frameworks/");
  return [...text.matchAll(/^```(js|ts)\n(.*?)^```/gms)]
    .map((block) => {
      const [, language, program] = block;
      const line = text.slice(0, block.index).split("\n").length;
      return { name: `${page.replace(/\W/g, "-")}-${line}.${language}.mts`, text: `${program}\nexport {};\n` };
    })
    .filter(({ name, text }) => !isOfFramework || (name.endsWith(".ts.mts") && !text.includes('from "./')));
}

/** A function's parameter has no type, which JavaScript cannot give it; nothing else is let pass there. */
const untyped = /^documents\/\S+\.js\.mts\(\d+,\d+\): error TS7006: .*$/;

async function compile(folder: string, programs: Program[]): Promise<void> {
  const where = join(folder, "documents");
  for (const { name, text } of programs) writeFileSync(join(where, name), text);
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    experimentalDecorators: true,
    skipLibCheck: true,
    noEmit: true,
  };
  writeFileSync(join(where, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*"] }));
  const tsc = join(folder, "node_modules/typescript/bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", where], folder).catch((error: Failed) => {
    if (!error.stdout) throw error; // it is the compiler that failed
    return error;
  });
  expect(stdout.split("\n").filter((line) => line !== "" && !untyped.test(line))).toEqual([]);
}
