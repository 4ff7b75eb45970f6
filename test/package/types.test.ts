/** The types, as a stranger meets them: what is exported, and that every program in the documents compiles. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf, pagesIn } from "../docs/support/pages.js";
import { publicTypes } from "./public-types.js";
import { own, packedPackage, root, run, type Failed, type Stranger } from "./stranger.js";
import { mistakes, rows } from "./typescript-page.js";

let stranger: Stranger;
/** As npm lays packages out: everybody finds everything. */
let flat: string;
/** As pnpm does: an app finds what it names itself, and express-session is not among it. */
let strict: string;

beforeAll(async () => {
  stranger = await packedPackage();
  const both = ["express", "redis", "@types/express", "@types/node", "typescript"];
  const more = ["express-session", "passport", "@types/passport", "prom-client", "@opentelemetry/api"];
  const named = ["@types/pg", "cors", "@types/cors", "cookies", "@types/cookies", "@types/connect-pg-simple"];
  const sockets = ["socket.io", "ws", "@types/ws", "express-ws", "@types/express-ws"];
  const others = ["passport-oauth2", "@types/passport-oauth2", "ioredis"];
  flat = await stranger.install("flat", [...both, ...more, ...sockets, ...others].map(own).concat(named));
  strict = await stranger.install("strict", both.map(own), ["--install-strategy=linked"]);
}, 300_000);

afterAll(() => stranger?.remove(), 120_000);

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
  const programs = ["README.md", ...pagesIn("docs")].flatMap(programsOf);

  it("are found", () => expect(programs.length).toBeGreaterThan(15));

  it("compile as TypeScript, as npm installs packages", async () => {
    for (const name of ["postgres-accounts.ts", "opentelemetry.ts"])
      copyFileSync(join(root, "examples", name), join(flat, "documents", name));
    await compile(flat, programs);
  });

  it("compile where only their own dependencies are found, as pnpm installs packages", async () => {
    const foreign =
      /from "(express-session|ioredis|pg|passport|cors|cookies|socket\.io|ws|express-ws|connect-[\w-]+|\.\/[\w-]+\.js)"/;
    const ownOnly = programs.filter(({ text }) => !foreign.test(text) && !/\b(passport|yourOldStore)\b/.test(text));
    await compile(strict, ownOnly);
  });
});

describe("docs/guides/typescript.md", () => {
  it("has a row for each mistake that is tried here", () => {
    expect(rows).toHaveLength(mistakes.length);
    for (const [index, { begins }] of mistakes.entries()) expect(rows[index]).toMatch(new RegExp(`^${begins}`));
  });

  it.each(mistakes)("$begins, and its remedy compiles", async ({ begins, files, remedy }) => {
    // Only there is express-session not found.
    const folder = begins === "TS2664" ? strict : flat;
    const said = await saidOf(folder, files);
    const row = rows.find((says) => says.startsWith(begins))!;
    expect(said).toContain(`error ${begins.split(":")[0]}`);
    const words = row.split(": ").slice(1).join(": ");
    if (words) expect(said.replaceAll(/\s+/g, " ")).toContain(words.slice(0, 60));
    expect(await saidOf(folder, remedy)).toBe("");
  });

  it("a property is optional, however it is declared", async () => {
    const views = `import express from "express"; import { redisSession } from "holdfast";
      express().use(redisSession()).get("/", (req) => { const views: number = req.session.views; return views; });`;
    const declared = `declare module "holdfast" { interface HoldfastSession { views: number } }\nexport {};`;
    expect(await saidOf(flat, { "app.mts": views, "session.mts": declared })).toContain("error TS2322");
  });
});

let folders = 0;
/** What the compiler says about these files as one program. */
async function saidOf(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  const where = join(folder, `page-${folders++}`);
  mkdirSync(where);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(where, name), text);
  writeFileSync(join(where, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*"] }));
  const tsc = join(folder, "node_modules/typescript/bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", where], folder).catch((error: Failed) => error);
  return stdout;
}

interface Program {
  name: string;
  text: string;
}

/**
 * Each block that is marked as js or ts; in a guide, one whose first line is its name can be imported. Those of other
 * frameworks run in test/docs/frameworks.test.ts and here as far as they are typed.
 */
function programsOf(page: string): Program[] {
  const isOfFramework = page.startsWith("docs/frameworks/");
  return blocksOf(page, "js", "ts")
    .filter(({ language, text }) => !isOfFramework || (language === "ts" && !text.includes('from "./')))
    .map(({ line, language, text }) => {
      const named = page.startsWith("docs/guides/") ? /^\/\/ ([\w-]+)\.ts\n/.exec(text)?.[1] : undefined;
      const name = named ? `${named}.ts` : `${page.replace(/\W/g, "-")}-${line}.${language}.mts`;
      return { name, text: `${text}\nexport {};\n` };
    });
}

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

/** A function's parameter has no type, which JavaScript cannot give it; nothing else is let pass there. */
const untyped = /^documents\/\S+\.js\.mts\(\d+,\d+\): error TS7006: .*$/;

async function compile(folder: string, programs: Program[]): Promise<void> {
  const where = join(folder, "documents");
  for (const { name, text } of programs) writeFileSync(join(where, name), text);
  writeFileSync(join(where, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*"] }));
  const tsc = join(folder, "node_modules/typescript/bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", where], folder).catch((error: Failed) => {
    if (!error.stdout) throw error; // it is the compiler that failed
    return error;
  });
  expect(stdout.split("\n").filter((line) => line !== "" && !untyped.test(line))).toEqual([]);
}
