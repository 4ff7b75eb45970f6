// npm run loadtest: the reference case, measured. See docs/performance.md and docs/case-study.md.
//   --only=writes,logins   these scenarios; the results of the others stay as they are
//   --quick                everything, small, in two minutes: whether it works, not how fast it is
//   --seconds=300          the length of each login storm
//   --out=<folder>         where the results are written; loadtest-results/ unless told
//   --publish              writes them to bench/results/, and the tables of the documents with them
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { stopAll } from "../processes.mjs";
import { inWords, machine } from "./machine.mjs";
import { csvFiles } from "./report/csv.mjs";
import { htmlReport } from "./report/html.mjs";
import { publishDocuments, resultsFile } from "./report/documents.mjs";
import { scenarios } from "./scenarios/index.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    seconds: { type: "string" },
    out: { type: "string", default: "loadtest-results" },
    publish: { type: "boolean", default: false },
  },
});
const root = join(import.meta.dirname, "..", "..");
const folder = values.publish ? join(root, "bench", "results") : values.out;
const chosen = Object.entries(scenarios).filter(([name]) => !values.only || values.only.split(",").includes(name));
if (chosen.length === 0) {
  process.stderr.write(`No scenario is called ${values.only}. There are: ${Object.keys(scenarios).join(", ")}\n`);
  process.exit(2);
}
const file = values.publish ? resultsFile : join(folder, "results.json");

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
  if (values.publish) publishDocuments(results);
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
    const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
    const result = await scenario.run({ quick: values.quick, seconds, step });
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
