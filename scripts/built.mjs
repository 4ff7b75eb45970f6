// Whether what is built is younger than all that it is made of. No dependencies: it runs before they are there.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const always = ["lib", "tsconfig.json", "tsconfig.build.json", "package-lock.json", "scripts/build.mjs"];
const parts = {
  lib: {
    files: ["dist/index.js", "dist/auth/index.js", "dist/cjs/index.js", "dist/cli/holdfast.js"],
    sources: [...always, "tsconfig.build.cjs.json"],
  },
  demo: { files: [".build/demo-app/main.js"], sources: [...always, "demo-app"] },
};

/** The package and the shop. */
export function isAllBuilt() {
  return Object.keys(parts).every(isBuilt);
}

/** Builds the package if it must, for what measures it. */
export function buildLibrary() {
  if (!isBuilt("lib")) build("lib");
}

/** Builds the package and the shop if it must. */
export function buildAll() {
  if (!isAllBuilt()) build();
}

function build(...only) {
  process.stderr.write("Compiling, which takes about half a minute ...\n");
  const args = [join(root, "scripts", "build.mjs"), ...only, "--if-changed"];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(1);
}

/** Whether a build of this part came to its end, after the last change. */
export function isBuilt(part) {
  const { files, sources } = parts[part];
  const built = changed(stampOf(part));
  if (!files.every((file) => existsSync(join(root, file)))) return false;
  return sources.every((source) => newest(join(root, source)) <= built);
}

/** A build that begins: what it makes counts only once it is complete. */
export function beginPart(part) {
  rmSync(stampOf(part), { force: true });
}

/** @param began milliseconds: what was changed later is not in it */
export function finishPart(part, began) {
  const stamp = stampOf(part);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, "");
  utimesSync(stamp, began / 1000, began / 1000);
}

function stampOf(part) {
  return join(root, ".build", `${part}.built`);
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
