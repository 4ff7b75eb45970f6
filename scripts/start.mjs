// `npm start`: installs what is missing, builds what has changed, and starts the shop. Needs nothing but Node.js and npm.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { isAllBuilt } from "./built.mjs";
import { endWithNpm } from "./end-with-npm.mjs";
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

endWithNpm();

if (!isInstalled()) {
  const remedy = "Check the connection to the npm registry and run npm start again.";
  await run({
    what: "Installing what is missing, which takes a minute or two",
    command: "npm",
    args: ["ci", "--no-audit", "--no-fund"],
    failed: `npm could not install everything. ${remedy}`,
  });
}
if (!isAllBuilt()) {
  const remedy = "The compiler says above where. After a git pull, npm ci may help.";
  await run({
    what: "Compiling, which takes about half a minute",
    command: process.execPath,
    args: ["scripts/build.mjs", "--if-changed"],
    failed: `The build failed. ${remedy}`,
  });
}

// In this very process, so that Ctrl-C and SIGTERM reach the shop without a go-between.
await import("../.build/demo-app/main.js");

/**
 * Runs a command, and shows that it is running; what it printed is shown only if it failed. It ends with this process,
 * which a signal ends at once.
 */
async function run({ what, command, args, failed }) {
  const began = Date.now();
  process.stdout.write(`${what} ...`);
  const dots = setInterval(() => process.stdout.isTTY && process.stdout.write("."), 1000);
  // In a group of its own, because npm and the compiler have children too.
  const hasGroups = process.platform !== "win32";
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    shell: command === "npm" && !hasGroups,
    detached: hasGroups,
  });
  const end = (signal) => {
    if (child.pid !== undefined) kill(hasGroups ? -child.pid : child.pid, signal);
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, end);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text));
  const [status] = await Promise.race([once(child, "close"), once(child, "error").then(() => [1])]);
  for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, end);
  clearInterval(dots);
  console.log(` ${Math.round((Date.now() - began) / 1000)} s`);
  if (status === 0) return;
  console.error(printed.trimEnd());
  console.error(failed);
  process.exit(1);
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}
