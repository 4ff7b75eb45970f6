// npm run loadtest: the reference case, measured. See docs/performance.md and docs/case-study.md.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SingleBar } from "cli-progress";
import { Option } from "commander";
import { buildLibrary } from "../../scripts/built.mjs";
import { commandLine, listOption, numberOption } from "../../scripts/command-line.mjs";
import { publishDocuments, resultsFiles } from "../documents.mjs";
import { machine } from "../machine.mjs";
import { Problem, runMain } from "../run-main.mjs";
import { namesOfStarted, substitutes } from "../servers.mjs";
import { csvFiles } from "./report/csv.mjs";
import { htmlReport } from "./report/html.mjs";
import { scenarios } from "./scenarios/index.mjs";

const values = commandLine(
  "npm run loadtest --",
  "Measures the reference case: docs/performance.md, docs/case-study.md.",
)
  .addOption(
    listOption(
      "--only <scenarios>",
      "these alone; the results of the others stay as they are",
      Object.keys(scenarios),
      Object.keys(scenarios),
    ),
  )
  .option("--quick", "everything, small: whether it works, not how fast it is", false)
  .addOption(numberOption("--seconds <n>", "the length of each login storm (default: 300, or 6 with --quick)"))
  .option("--out <folder>", "where the results are written (default: loadtest-results, with --quick its folder quick)")
  .addOption(
    new Option("--publish", "write the results to bench/results/, and the tables of the documents with them")
      .default(false)
      .conflicts(["quick", "out"]),
  )
  .parse()
  .opts();
const root = join(import.meta.dirname, "..", "..");
const usual = join("loadtest-results", values.quick ? "quick" : "");
const folder = values.publish ? join(root, "bench", "results") : (values.out ?? usual);
const file = values.publish ? resultsFiles.loadtest : join(folder, "results.json");
const page = join(values.publish ? join(root, "loadtest-results") : folder, "report.html");
const chosen = Object.entries(scenarios).filter(([name]) => values.only.includes(name));
const note = (text) => process.stderr.write(`${text}\n`);
let hasResults = false;

process.once("SIGINT", () => note(hasResults ? `\nStopped. What has been measured is in ${file}.` : "\nStopped."));
await runMain(main);

async function main() {
  for (const one of [folder, join(page, "..")]) makeFolder(one);
  const results = known();
  buildLibrary();
  for (const sentence of substitutes()) note(sentence);
  for (const [index, [name, scenario]] of chosen.entries()) {
    const title = `${index + 1} of ${chosen.length}  ${scenario.title}`;
    results[name] = await measured(scenario, title);
    // After each scenario, so that a long run that is interrupted has not been for nothing.
    writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
    hasResults = true;
  }
  for (const [name, text] of Object.entries(csvFiles(results))) writeFileSync(join(folder, name), text);
  writeFileSync(page, htmlReport(results));
  if (values.publish) publishDocuments();
  process.stdout.write(`results: ${file}\nreport:  ${page}\n`);
}

async function measured(scenario, title) {
  const bar = new SingleBar({ format: `{bar} {value}/{total}  ${title}: {what}`, noTTYOutput: false });
  bar.start(scenario.steps(values.quick), 0, { what: "starting" });
  const began = performance.now();
  let begun = 0;
  const step = (what) => {
    bar.update(begun++, { what });
    if (!process.stderr.isTTY) note(`${title}: ${what}`);
  };
  try {
    const on = await machine();
    namesOfStarted(); // those of the scenario before
    const result = await scenario.run({ quick: values.quick, seconds: values.seconds, step });
    bar.update(scenario.steps(values.quick), { what: `${Math.round((performance.now() - began) / 1000)} s` });
    return { title: scenario.title, machine: on, servers: namesOfStarted(), quick: values.quick, ...result };
  } finally {
    bar.stop();
  }
}

function makeFolder(path) {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new Problem(`The results cannot be written to ${path}: ${error.message}`);
  }
}

/** What an earlier run has left there. Nothing else is overwritten. */
function known() {
  if (!existsSync(file)) return {};
  try {
    const results = JSON.parse(readFileSync(file, "utf8"));
    for (const [name, { rows }] of Object.entries(results)) if (!scenarios[name] || !Array.isArray(rows)) throw null;
    return results;
  } catch {
    throw new Problem(`${file} is not of this command. Move it away, or choose another folder with --out.`);
  }
}
