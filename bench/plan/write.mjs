// Makes lib/cli/plan/measured.ts and the generated parts of docs/plan.md from bench/results/plan.json, without measuring.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { publishDocuments } from "../documents.mjs";
import { mediansOf } from "./spread.mjs";
import { withTables } from "./tables.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
export const resultsFile = new URL("../results/plan.json", import.meta.url);
const page = `${root}docs/plan.md`;
const source = `${root}lib/cli/plan/measured.ts`;
const node = (...args) => execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" });

export function writeAll() {
  const results = JSON.parse(readFileSync(resultsFile, "utf8"));
  const head =
    "/** What a session was measured to cost: the medians of bench/results/plan.json, by `npm run bench:plan`. Generated. */";
  const imported = 'import type { Measured } from "./measurements.js";';
  const medians = JSON.stringify(measuredOf(results));
  writeFileSync(source, `${head}\n${imported}\n\nexport const measured: Measured = ${medians};\n`);
  node("node_modules/prettier/bin/prettier.cjs", "--write", source, fileURLToPath(resultsFile));
  node("scripts/build.mjs", "lib"); // the command computes with what was just written
  const shown = withTables(readFileSync(page, "utf8"), results);
  writeFileSync(
    page,
    shown.replaceAll(/(\$ npx holdfast (plan.*)\n)[^`]*/g, (_, line, args) => line + printed(args)),
  );
  node("node_modules/prettier/bin/prettier.cjs", "--write", page);
  publishDocuments(); // the case study shows the cost
}

/** What the command computes with, of what was measured. */
export function measuredOf({ machine, emptyServerBytes, sizes }) {
  return { machine, emptyServerBytes, sizes: mediansOf(sizes) };
}

function printed(args) {
  return node("dist/cli/holdfast.js", ...args.trim().split(" "));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeAll();
