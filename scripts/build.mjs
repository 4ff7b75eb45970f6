// Builds dist/ (the package) and .build/demo-app/ (the shop) from nothing, so that no stale file stays behind.
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Argument } from "commander";
import { beginPart, finishPart, isBuilt } from "./built.mjs";
import { commandLine } from "./command-line.mjs";
import { bundlePath, commonJsBundle, makeConsoleAssets } from "./console-assets.mjs";
import { haveTurn } from "./have-turn.mjs";
import { joinModules } from "./join-modules.mjs";

const root = join(import.meta.dirname, "..");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const parts = [
  { name: "lib", out: "dist", projects: ["tsconfig.build.json", "tsconfig.build.cjs.json"], finish: finishPackage },
  { name: "demo", out: ".build/demo-app", projects: ["demo-app/tsconfig.json"] },
];

const command = commandLine("npm run build --", "Builds dist/ and .build/demo-app/ from nothing.")
  .addArgument(new Argument("[part]", "this part alone").choices(parts.map(({ name }) => name)))
  .option("--if-changed", "only what is older than what it is made of", false)
  .parse();
const [only] = command.args;
await haveTurn(join(root, ".build", "turn"));
const wanted = parts.filter(({ name }) => !only || only === name);
const due = wanted.filter(({ name }) => !command.opts().ifChanged || !isBuilt(name));
if (due.length === 0) process.exit();
for (const { name } of due) beginPart(name);
await makeConsoleAssets();
const began = performance.timeOrigin + performance.now();
for (const { name, out, projects, finish } of due) {
  rmSync(join(root, out), { recursive: true, force: true });
  for (const project of projects) {
    const { status } = spawnSync(process.execPath, [tsc, "-p", project], { cwd: root, stdio: "inherit" });
    if (status !== 0) process.exit(1);
  }
  await finish?.();
  finishPart(name, began);
}

async function finishPackage() {
  const bundle = join("console", "assets", "bundle.js");
  copyFileSync(bundlePath, join(root, "dist", bundle));
  writeFileSync(join(root, "dist", "cjs", bundle), commonJsBundle());
  await joinModules(join(root, "dist"));
  await finishCommonJs();
}

/**
 * dist/cjs/ is the package once more for what cannot require() an ES module: Jest, and Node.js before 22.12 or with
 * --no-experimental-require-module. There `import` gets the same copy, through the .mjs files that are written here, so
 * that one process never has two. Everything else gets dist/: see `exports` in package.json, and docs/architecture.md.
 */
async function finishCommonJs() {
  const folder = join(root, "dist", "cjs");
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ type: "commonjs", sideEffects: false })}\n`);
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const entry of Object.values(exports)) {
    if (typeof entry === "string") continue;
    const names = Object.keys(await import(pathToFileURL(join(root, entry["module-sync"]))));
    const text = `import copy from "./index.js";\n\nexport const { ${names.join(", ")} } = copy;\n`;
    writeFileSync(join(root, entry.import), text);
  }
}
