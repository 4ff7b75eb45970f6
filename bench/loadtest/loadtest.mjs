// npm run loadtest: the reference case, measured. See docs/performance.md and docs/case-study.md.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SingleBar } from "cli-progress";
import { Option } from "commander";
import { commandLine, listOption, numberOption } from "../../scripts/command-line.mjs";
import { stopAll } from "../processes.mjs";
import { inWords, machine } from "../machine.mjs";
import { csvFiles } from "./report/csv.mjs";
import { htmlReport } from "./report/html.mjs";
import { publishDocuments, resultsFiles } from "../documents.mjs";
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
  .option("--out <folder>", "where the results are written", "loadtest-results")
  .addOption(
    new Option("--publish", "write the results to bench/results/, and the tables of the documents with them")
      .default(false)
      .conflicts(["quick", "out"]),
  )
  .parse()
  .opts();
const root = join(import.meta.dirname, "..", "..");
const folder = values.publish ? join(root, "bench", "results") : values.out;
const chosen = Object.entries(scenarios).filter(([name]) => values.only.includes(name));
const file = values.publish ? resultsFiles.loadtest : join(folder, "results.json");

try {
  await main();
} finally {
  await stopAll();
}

async function main() {
  mkdirSync(folder, { recursive: true });
  const results = known();
  for (const [name, scenario] of chosen) {
    results[name] = await measured(name, scenario);
    // After each scenario, so that a long run that is interrupted has not been for nothing.
    writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
  }
  for (const [name, text] of Object.entries(csvFiles(results))) writeFileSync(join(folder, name), text);
  const page = join(values.publish ? join(root, "loadtest-results") : folder, "report.html");
  mkdirSync(join(page, ".."), { recursive: true });
  writeFileSync(page, htmlReport(results));
  if (values.publish) publishDocuments();
  process.stdout.write(`${inWords(machine())}\n\nresults: ${file}\nreport:  ${page}\n`);
}

async function measured(name, scenario) {
  const bar = new SingleBar({ format: `{bar} {value}/{total}  ${scenario.title}: {what}`, noTTYOutput: false });
  bar.start(scenario.steps(values.quick), 0, { what: "starting" });
  let begun = 0;
  const step = (what) => {
    bar.update(begun++, { what });
    if (!process.stderr.isTTY) process.stderr.write(`${scenario.title}: ${what}\n`);
  };
  try {
    const result = await scenario.run({ quick: values.quick, seconds: values.seconds, step });
    bar.update(scenario.steps(values.quick), { what: "done" });
    return { title: scenario.title, machine: machine(), quick: values.quick, ...result };
  } finally {
    bar.stop();
  }
}

function known() {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}
