// npm run bench:store: what a session costs, with Holdfast and with others, side by side in one run. See docs/performance.md.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InvalidArgumentError, Option } from "commander";
import { buildLibrary } from "../scripts/built.mjs";
import { commandLine, existingFile, listOption, numberOption } from "../scripts/command-line.mjs";
import { installedNode } from "../scripts/installed-node.mjs";
import { publishDocuments, resultsFiles } from "./documents.mjs";
import { markdown } from "./loadtest/report/tables.mjs";
import { machine } from "./machine.mjs";
import { runMain } from "./run-main.mjs";
import { base, floor, otherBuild, reference } from "./store/comparison.mjs";
import * as growth from "./store/parts/growth.mjs";
import * as nodes from "./store/parts/nodes.mjs";
import * as overlap from "./store/parts/overlap.mjs";
import * as profile from "./store/parts/profile.mjs";
import * as profileUpdates from "./store/parts/profile-updates.mjs";
import * as all from "./store/parts/variants.mjs";
import { captionOf, storeTables } from "./store/tables.mjs";
import { variants } from "./variants.mjs";

const parts = { variants: all, growth, overlap, nodes, profile, "profile-updates": profileUpdates };
const names = variants.map(({ name }) => name).filter((name) => name !== otherBuild);
const usually = variants.filter(({ onRequest }) => !onRequest).map(({ name }) => name);
const always = [base, reference, floor];
const alone = ["quick", "only", "count", "size", "visitors", "distance"];

const command = commandLine(
  "npm run bench:store --",
  "What a session costs, with Holdfast and with others: docs/performance.md.",
)
  .addOption(
    listOption(
      "--parts <parts>",
      "what is measured (default: variants; nodes with --node; profile with --cpu-prof; all that can be with --publish)",
      Object.keys(parts),
    ),
  )
  .option("--quick", "fewer and shorter slices: whether it works, not what it costs", false)
  .option("--json", "print the results as JSON")
  .addOption(listOption("--only <variants>", `these variants, beside ${always.join(", ")}`, names))
  .addOption(
    new Option("--other <file>", `the dist/index.js of another build, as the variant "${otherBuild}"`).argParser(
      existingFile,
    ),
  )
  .addOption(
    new Option("--node <version>", "another Node.js for the part nodes: its major version, or its program").argParser(
      nodeOf,
    ),
  )
  .addOption(numberOption("--rounds <n>", "slices of each variant (default: 16, or 3 with --quick)", { from: 2 }))
  .addOption(numberOption("--slice <ms>", "the length of a slice, about (default: 250, or 60 with --quick)"))
  .addOption(numberOption("--count <n>", "so many requests of each visitor in half a slice instead", { from: 2 }))
  .addOption(numberOption("--size <bytes>", "the JSON of a session (default: 2.5 KB)", { from: 300 }))
  .addOption(numberOption("--visitors <n>", "at a time", { usual: 50 }))
  .addOption(numberOption("--distance <ms>", "to Redis", { from: 0, usual: 0 }))
  .option("--cpu-prof <folder>", "keep the CPU profiles of the part profile; see bench/profile.mjs")
  .addOption(
    new Option("--publish", "write the results to bench/results/, and the tables of the documents with them")
      .default(false)
      .conflicts(alone),
  )
  .parse();
const values = command.opts();
const chosenParts = values.parts ?? usualParts(values);
if (chosenParts.includes("nodes") && !values.node) command.error("error: the part nodes needs --node");

const say = (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);
const common = {
  rounds: values.rounds ?? (values.quick ? 3 : 16),
  slice: values.slice ?? (values.quick ? 60 : 250),
  warmUpRequests: values.quick ? 500 : 16_000,
  count: values.count,
  situation: { bytes: values.size, visitors: values.visitors, distance: values.distance },
  node: values.node,
  profiles: values.cpuProf,
  chosen,
  say,
};

await runMain(() => main().finally(() => say("")));

async function main() {
  buildLibrary();
  const estimates = chosenParts.map((name) => [name, parts[name].seconds(settingsOf(name))]);
  const sum = estimates.reduce((total, [, seconds]) => total + seconds, 0);
  note(`about ${inMinutes(sum)}: ${estimates.map(([name, seconds]) => `${name} ${inMinutes(seconds)}`).join(", ")}`);
  const results = values.publish ? known() : {};
  for (const name of chosenParts) {
    const begun = performance.now();
    results[name] = await measured(name);
    note(`${name} took ${inMinutes((performance.now() - begun) / 1000)}`);
    // After each part, so that a long run that is interrupted has not been for nothing.
    if (values.publish) publish(results);
  }
  if (values.publish) publishDocuments();
  else if (values.json) process.stdout.write(`${JSON.stringify(results, shortened, 2)}\n`);
  else print(results);
}

function usualParts({ publish, node, cpuProf, other }) {
  if (publish) {
    const usual = ["variants", "growth", "overlap", "profile-updates"];
    return [...usual, ...(node ? ["nodes"] : []), ...(other ? ["profile"] : [])];
  }
  if (cpuProf) return ["profile"];
  return [node ? "nodes" : "variants"];
}

/** The variants of a part, in their order. @param usual those that are measured unless told, beside those that always are */
function chosen(usual = usually) {
  const asked = [...always, ...(values.only ?? usual), ...(usual.includes(otherBuild) ? [otherBuild] : [])];
  const other = values.other && pathToFileURL(resolve(values.other)).href;
  return variants
    .filter(({ name }) => asked.includes(name) && (name !== otherBuild || other))
    .map(({ name, server }) => ({ name, server, at: { other } }));
}

async function measured(name) {
  const settings = settingsOf(name);
  const { rounds, slice, situation } = settings;
  const method = { rounds, slice, visitors: situation.visitors };
  const about = { machine: await machine(), quick: values.quick, method, ...(values.other && { builds: builds() }) };
  return { ...about, ...(await parts[name].run(settings)) };
}

/** There is not the time for as many slices in the longer parts. */
function settingsOf(part) {
  return { ...common, rounds: Math.ceil(common.rounds * (parts[part].share ?? 1)) };
}

function builds() {
  const commitOf = (folder) =>
    execFileSync("git", ["-C", folder, "rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  return { this: commitOf(import.meta.dirname), other: commitOf(dirname(resolve(values.other))) };
}

function known() {
  try {
    return JSON.parse(readFileSync(resultsFiles.store, "utf8"));
  } catch {
    return {};
  }
}

function publish(results) {
  const inOrder = Object.fromEntries(
    Object.keys(parts).flatMap((name) => (results[name] ? [[name, results[name]]] : [])),
  );
  mkdirSync(dirname(resultsFiles.store), { recursive: true });
  writeFileSync(resultsFiles.store, `${JSON.stringify(inOrder, shortened, 1)}\n`);
}

/** Four digits are more than a measurement has. */
function shortened(_key, value) {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}

function print(results) {
  const lines = Object.values(results).flatMap((part) => [
    captionOf(part),
    ...(part.notBuilt ?? []).map((name) => `${name}: not built yet`),
  ]);
  for (const table of storeTables(results)) lines.push(`## ${table.title}`, markdown(table));
  process.stdout.write(`${lines.join("\n\n")}\n`);
}

function note(text) {
  say("");
  process.stderr.write(`${text}\n`);
}

function inMinutes(seconds) {
  return seconds < 60 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`;
}

function nodeOf(text) {
  if (/^\d+$/.test(text)) return installedNode(text);
  try {
    return existingFile(text);
  } catch {
    throw new InvalidArgumentError("It must be a major version, such as 26, or the path of a program.");
  }
}
