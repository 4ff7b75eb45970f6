// `npm test`: installs what is missing, runs every check, and says what could not run here.
// `npm test -- <arguments>` passes the arguments on to vitest. Needs nothing but Node.js.
// `npm run drills`: the drills alone, which break servers and measure what visitors notice, so they want a quiet machine.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { isInstalled } from "./installed.mjs";

const root = join(import.meta.dirname, "..");
const inCI = process.env.CI === "true" || process.env.CI === "1";
const [first, ...rest] = process.argv.slice(2);
const isDrills = first === "--drills";
const given = isDrills ? rest : process.argv.slice(2);

const programs = [
  { name: "redis-server", commands: ["redis-server"], used: "tests against a real Redis" },
  { name: "chromium", commands: ["chromium", "chromium-browser"], used: "the shop in a real browser", inDrills: false },
  { name: "docker-compose", commands: ["docker-compose"], used: "the check of docker-compose.yml", inDrills: false },
].filter(({ inDrills }) => !isDrills || inDrills !== false);
const missing = programs.filter(({ commands }) => !commands.some(isOnPath));

if (inCI && missing.length > 0) {
  console.error(
    `Missing here: ${names(missing)}. With CI=true nothing is left out. Install: ${installCommand(missing)}`,
  );
  process.exit(1);
}

if (!isInstalled()) await step("install", "npm", ["ci", "--no-audit", "--no-fund"], { needed: true });

/** Two rows of checks, side by side; most of them use one processor. */
const checks = [
  [
    ["types", bin("typescript", "tsc"), ["-p", "tsconfig.json"]],
    ["types of the console's script", bin("typescript", "tsc"), ["-p", "lib/console/client"]],
    // Before lint, which knows the types: those that the shop sees are the built ones.
    ["build", "scripts/build.mjs", []],
    ["API report", "scripts/api.mjs", ["--check"]],
    ["lint, import rules", bin("oxlint", "oxlint"), []],
  ],
  [
    ["format", bin("prettier", "prettier"), ["--check", "--log-level=warn", "."]],
    ["unused code", bin("knip", "knip"), ["--no-progress"]],
    ["spelling", bin("cspell", "cspell"), ["lint", "--no-progress"]],
    ["Lua in sync", "scripts/embed-lua.mjs", ["--check"]],
  ],
];
const which = isDrills ? ["--project", "drills*"] : given.length === 0 ? ["--project", "!drills*"] : [];
const steps = [
  ...(isDrills ? [] : (await Promise.all(checks.map(inTurn))).flat()),
  await step("vitest", bin("vitest", "vitest"), ["run", ...which, ...given], { shown: true }),
];

for (const { name, used } of missing) console.log(`NOT RUN   ${used}: ${name} is not installed`);
if (missing.length > 0) console.log(`          to run them: ${installCommand(missing)}`);

const failed = steps.filter(({ ok }) => !ok);
console.log(failed.length > 0 ? `FAILED: ${names(failed)}` : "All checks passed.");
process.exitCode = failed.length > 0 ? 1 : 0;

async function inTurn(row) {
  const results = [];
  for (const [name, command, args] of row) results.push(await step(name, command, args));
  return results;
}

/** Runs one command and prints its result and time; its output only if it failed, unless it is to be `shown`. */
async function step(name, command, args, { shown = false, needed = false } = {}) {
  const started = Date.now();
  const script = /\.m?js$|\/bin\//.test(command);
  const child = spawn(script ? process.execPath : command, script ? [command, ...args] : args, {
    cwd: root,
    stdio: shown ? "inherit" : ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text) => (output += text));
  const ok = await once(child, "close").then(
    ([code]) => code === 0,
    (error) => {
      output += `${error.message}\n`;
      return false;
    },
  );
  if (!ok) console.error(output);
  console.log(`${ok ? "ok    " : "FAILED"} ${name.padEnd(20)} ${((Date.now() - started) / 1000).toFixed(1)} s`);
  if (needed && !ok) process.exit(1);
  return { name, ok };
}

/** The script behind a package's command; a folder on PATH is not relied on. */
function bin(packageName, command) {
  const folder = join(root, "node_modules", packageName);
  const entry = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).bin;
  return join(folder, typeof entry === "string" ? entry : entry[command]);
}

function isOnPath(command) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function names(list) {
  return list.map(({ name }) => name).join(", ");
}

function installCommand(list) {
  return `sudo apt-get install -y ${list.map(({ name }) => name).join(" ")}`;
}
