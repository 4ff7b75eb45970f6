// `npm run mutate`: Stryker on the pure files, and a table of its results in CONTRIBUTING.md. `-- --force` reuses nothing.
// A run of some files only (`-- lib/session/takes-away.ts`) lists their survivors and leaves the table alone.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import config from "../test/mutation/stryker.config.mjs";
import { commandLine } from "./command-line.mjs";

const root = join(import.meta.dirname, "..");
const page = join(root, "CONTRIBUTING.md");
const command = commandLine("npm run mutate --", "Mutation tests of the pure files, and the table in CONTRIBUTING.md.")
  .argument("[files...]", "these files alone; the table stays as it is")
  .option("--force", "try every mutant again", false)
  .parse();
// Not before it is known that it is needed: it takes a second to load.
const { Stryker } = await import("@stryker-mutator/core");
process.chdir(root);
const isWhole = command.args.length === 0;
await new Stryker({ ...config, ...command.opts(), ...(!isWhole && { mutate: command.args }) }).runMutationTest();
if (isWhole) writeTable();

/** Between the two marks of the page; what kinds of mutants survive is said above it, by hand. */
function writeTable() {
  const report = JSON.parse(readFileSync(join(root, config.jsonReporter.fileName), "utf8"));
  const files = Object.entries(report.files)
    .map(([file, { mutants }]) => ({ file, room: file.split("/").slice(0, 2).join("/"), ...countOf(mutants) }))
    .sort((one, other) => one.file.localeCompare(other.file));
  const rows = [["**all**", files]];
  for (const room of new Set(files.map((one) => one.room))) {
    const members = files.filter((one) => one.room === room);
    rows.push([`**${room}**`, members]);
    for (const member of members) rows.push([`\`${member.file}\``, [member]]);
  }
  const head = ["file", "mutants", "killed", "of those reached"];
  const cells = rows.map(([name, members]) => [name, ...cellsOf(members)]);
  const table = [head, ["---", "--:", "--:", "--:"], ...cells].map((row) => `| ${row.join(" | ")} |`).join("\n");
  const [before, rest] = readFileSync(page, "utf8").split("<!-- mutation -->");
  const after = rest.split("<!-- end of mutation -->")[1];
  const text = `On ${new Date().toISOString().slice(0, 10)}, commit ${commit()}:\n\n${table}`;
  writeFileSync(page, `${before}<!-- mutation -->\n\n${text}\n\n<!-- end of mutation -->${after}`);
  const prettier = join(root, "node_modules", "prettier", "bin", "prettier.cjs");
  spawnSync(process.execPath, [prettier, "--write", page]);
}

/** A mutant that makes a test run forever is killed as well. Mutants of constants are not tried. */
function countOf(mutants) {
  const count = (...kinds) => mutants.filter(({ status }) => kinds.includes(status)).length;
  return { killed: count("Killed", "Timeout"), survived: count("Survived"), unreached: count("NoCoverage") };
}

function cellsOf(files) {
  const sum = (name) => files.reduce((total, file) => total + file[name], 0);
  const [killed, reached] = [sum("killed"), sum("killed") + sum("survived")];
  const share = (of) => (of === 0 ? "" : `${((100 * killed) / of).toFixed(1)}%`);
  return [reached + sum("unreached"), share(reached + sum("unreached")), share(reached)];
}

function commit() {
  const git = (...args) => spawnSync("git", args, { encoding: "utf8" }).stdout.trim();
  const isChanged = git("status", "--porcelain", "--", "lib", "test") !== "";
  return `${git("rev-parse", "--short", "HEAD")}${isChanged ? " and changes" : ""}`;
}
