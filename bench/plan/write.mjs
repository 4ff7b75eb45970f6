// Makes lib/cli/plan/measured.ts and the generated parts of docs/plan.md from bench/results/plan.json, without measuring.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { withTables } from "./tables.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
export const resultsFile = new URL("../results/plan.json", import.meta.url);
const page = `${root}docs/plan.md`;
const source = `${root}lib/cli/plan/measured.ts`;
const node = (...args) => execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" });

export function writeAll() {
  const text = readFileSync(resultsFile, "utf8");
  const head =
    "/** What a session was measured to cost: bench/results/plan.json, as `npm run bench:plan` wrote it. Generated. */";
  const imported = 'import type { Measured } from "./measurements.js";';
  writeFileSync(source, `${head}\n${imported}\n\nexport const measured: Measured = ${text.trim()};\n`);
  node("node_modules/prettier/bin/prettier.cjs", "--write", source, fileURLToPath(resultsFile));
  node("scripts/build.mjs", "lib"); // the command computes with what was just written
  const shown = withTables(readFileSync(page, "utf8"), JSON.parse(text));
  writeFileSync(
    page,
    shown.replaceAll(/(\$ npx holdfast (plan.*)\n)[^`]*/g, (_, line, args) => line + printed(args)),
  );
  node("node_modules/prettier/bin/prettier.cjs", "--write", page);
}

function printed(args) {
  return node("dist/cli/holdfast.js", ...args.trim().split(" "));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeAll();
