// `npm start`: installs what is missing, builds what has changed, and starts the shop. Needs nothing but Node.js and npm.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isInstalled } from "./installed.mjs";

const root = join(import.meta.dirname, "..");
process.chdir(root);

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `This is Node.js ${process.versions.node}; the shop needs 20.19 or later. Install it from https://nodejs.org.`,
  );
  process.exit(1);
}

if (!isInstalled()) {
  const remedy = "Check the connection to the npm registry and run npm start again.";
  run(
    "Installing what is missing ...",
    "npm",
    ["ci", "--no-audit", "--no-fund"],
    `npm could not install everything. ${remedy}`,
  );
}
if (!isBuilt()) {
  const remedy = "The compiler says above where. After a git pull, npm ci may help.";
  run("Building ...", process.execPath, ["scripts/build.mjs"], `The build failed. ${remedy}`);
}

// In this very process, so that Ctrl-C and SIGTERM reach the shop without a go-between.
await import("../.build/demo-app/main.js");

/** Whether both builds are younger than everything they are made of. */
function isBuilt() {
  const sources = ["lib", "demo-app", "tsconfig.json", "tsconfig.build.json", "package-lock.json", "scripts/build.mjs"];
  const built = Math.min(changed("dist/index.js"), changed("dist/auth/index.js"), changed(".build/demo-app/main.js"));
  return sources.every((source) => newest(source) <= built);
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  // The folder's own time tells of files that were removed.
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function changed(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Runs a command quietly; what it printed is shown only if it failed. */
function run(what, command, args, sentence) {
  console.log(what);
  const shell = command === "npm" && process.platform === "win32";
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", shell, maxBuffer: 64 * 1024 * 1024 });
  if (status === 0) return;
  console.error(`${stdout ?? ""}${stderr ?? ""}`.trimEnd());
  console.error(sentence);
  process.exit(1);
}
