// Whether what is built is younger than all that it is made of. No dependencies: it runs before they are there.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const always = ["lib", "tsconfig.json", "tsconfig.build.json", "package-lock.json", "scripts/build.mjs"];
const library = { files: ["dist/index.js", "dist/auth/index.js"], sources: [...always, "tsconfig.build.cjs.json"] };
const shop = { files: [".build/demo-app/main.js"], sources: [...always, "demo-app"] };

/** The package and the shop. */
export function isAllBuilt() {
  return [library, shop].every(isBuilt);
}

/** Builds the package if it must, for what measures it. */
export function buildLibrary() {
  if (isBuilt(library)) return;
  process.stderr.write("Compiling, which takes about half a minute ...\n");
  const build = [join(root, "scripts", "build.mjs"), "lib"];
  const { status } = spawnSync(process.execPath, build, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(1);
}

function isBuilt({ files, sources }) {
  const built = Math.min(...files.map((file) => changed(join(root, file))));
  return sources.every((source) => newest(join(root, source)) <= built);
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
