// How a program is run on each runtime of scripts/matrix/cells.mjs. They come from npm, as packages that are the binary and
// run no install script; .build/ keeps them for the next time.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { installedNode } from "../installed-node.mjs";

/** @returns the program and its first arguments, to which the name of a file is added */
export function runtimeCommand({ name, major }) {
  if (name === "Bun") return [bun(), "--no-install"]; // which would fetch what is missing
  if (name === "Deno") return [deno(), "run", "--allow-all", "--quiet"];
  return [major ? nodeOf(major) : process.execPath];
}

export function nodeOf(major) {
  return process.versions.node.startsWith(`${major}.`) ? process.execPath : installedNode(major);
}

export function bun() {
  const arch = process.arch === "arm64" ? "aarch64" : process.arch;
  const system = process.platform === "win32" ? "windows" : process.platform;
  return binaryOf(`@oven/bun-${system}-${arch}`, join("bin", "bun"));
}

function deno() {
  const suffix = process.platform === "linux" ? "-glibc" : "";
  return binaryOf(`@deno/${process.platform}-${process.arch}${suffix}`, "deno");
}

/** A package manager, for instance: a script that Node.js runs. */
export function installedTool(spec, file) {
  const name = spec.replace(/(?<=.)@.*/, "");
  const folder = installed(spec.replaceAll("/", "+"), spec);
  return join(folder, "node_modules", file ?? name);
}

function binaryOf(name, file) {
  return join(installed(name.replaceAll("/", "+"), `${name}@latest`), "node_modules", name, file);
}

function installed(place, spec) {
  const folder = join(import.meta.dirname, "..", "..", ".build", "tools", place);
  if (!existsSync(join(folder, "node_modules", ".package-lock.json"))) {
    mkdirSync(folder, { recursive: true });
    const flags = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
    const { status } = spawnSync("npm", ["install", ...flags, spec], { stdio: "inherit" });
    if (status !== 0) throw new Error(`npm could not install ${spec}`);
  }
  return folder;
}
