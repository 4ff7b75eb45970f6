// `npm run matrix`: "does it work with X", tried and written down. The list is scripts/matrix/cells.mjs, the results are in
// scripts/matrix/results.json, and docs/compatibility.md shows them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { commandLine, listOption } from "./command-line.mjs";
import { clients, kinds, nodes, servers, serversOf, suiteCell } from "./matrix/cells.mjs";
import { cellResults, readResults, withResults, writeResults } from "./matrix/results.mjs";
import { core, runSuite } from "./matrix/suite.mjs";
import { withTables } from "./matrix/tables.mjs";
import { vitestReport } from "./matrix/vitest-report.mjs";

const root = join(import.meta.dirname, "..");
const page = join(root, "docs", "compatibility.md");
const names = (list) => list.map(({ name }) => name);
const command = commandLine(
  "npm run matrix --",
  "Tries the package with everything that it is said to work with, for docs/compatibility.md.",
)
  .argument("[files...]", `for the kind "suite": test files or folders (default: ${core.join(", ")})`)
  .addOption(listOption("--kind <names>", `of ${Object.keys(kinds).join(", ")} (default: all)`, Object.keys(kinds)))
  .addOption(
    new Option("--only <text>", "cells with this in their names, such as `Bun`; may be given again").argParser(
      (text, before) => [...(before ?? []), text],
    ),
  )
  .addOption(
    new Option("--node <majors>", 'for the kind "suite": versions of Node.js, or `this`').argParser((text) => {
      const chosen = text.split(",");
      if (chosen.every((one) => /^(\d+|this)$/.test(one))) return chosen;
      throw new InvalidArgumentError("Each must be a major version, such as 22, or `this`.");
    }),
  )
  .addOption(listOption("--client <names>", `likewise: of ${names(clients).join(", ")}`, names(clients)))
  .addOption(listOption("--server <names>", `likewise: of ${names(servers).join(", ")}`, names(servers)))
  .option("--tables", "only writes docs/compatibility.md from the results that are there")
  .parse();
const options = command.opts();
const [files] = command.processedArgs;

const chosen = (options.tables ? [] : chosenKinds()).map((kind) => [
  kind,
  (kind === "suite" ? suiteCells() : kinds[kind].cells).filter(isChosen),
]);
if (!options.tables && chosen.every(([, cells]) => cells.length === 0))
  command.error(
    `error: there is no such cell with ${options.only.map((text) => `"${text}"`).join(" or ")} in its name.`,
    { exitCode: 2 },
  );

let isBroken = false;
const packed = mkdtempSync(join(tmpdir(), "holdfast-packed-"));
try {
  for (const [kind, cells] of chosen) {
    if (kind === "suite")
      for (const cell of cells) keep(kind, { [cell.name]: { ...runSuite(cell, files), ...dated() } });
    else if (cells.length > 0) keep(kind, runCells(kinds[kind].test, cells));
  }
} finally {
  rmSync(packed, { recursive: true, force: true });
}
writeFileSync(page, withTables(readFileSync(page, "utf8"), readResults()));
process.exitCode = isBroken ? 1 : 0;

/** What only the suite understands means the suite. */
function chosenKinds() {
  const isSuite = options.node || options.client || options.server || files.length > 0;
  return options.kind ?? (isSuite ? ["suite"] : Object.keys(kinds));
}

/** On versions of Node.js that are named, any client; else each on those that the list has for it. */
function suiteCells() {
  const majors = (options.node ?? nodes).map((one) => (one === "this" ? process.versions.node.split(".")[0] : one));
  const chosen = (list, wanted) => list.filter(({ name }) => !wanted || wanted.includes(name));
  return majors.flatMap((major) =>
    chosen(clients, options.client)
      .filter(({ majors: listed = nodes }) => options.node || listed.includes(major))
      .flatMap((client) => chosen(serversOf(client), options.server).map((server) => suiteCell(major, client, server))),
  );
}

function isChosen({ name }) {
  return !options.only || options.only.some((text) => name.toLowerCase().includes(text.toLowerCase()));
}

function runCells(test, cells) {
  const env = { HOLDFAST_MATRIX: names(cells).join("\n"), HOLDFAST_PACKED: packed };
  const report = vitestReport(process.execPath, ["--project=package", test], env);
  for (const { name, message } of report.testResults) if (message) console.error(`  ${name}: ${message}`);
  return cellResults(report, cells, dated());
}

/** Written after each, so that a run that is ended has not been for nothing. */
function keep(kind, ran) {
  for (const [name, { passed, failed, broken }] of Object.entries(ran)) {
    console.log(`${name}: ${passed} passed, ${failed} failed`);
    for (const test of broken) console.log(`  failed: ${test}`);
    if (failed > 0) isBroken = true;
  }
  writeResults(withResults(readResults(), kind, ran));
}

function dated() {
  return { node: process.versions.node, on: new Date().toISOString().slice(0, 10) };
}
