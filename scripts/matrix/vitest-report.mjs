// Runs vitest, and returns its report.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** @param node the program that runs it */
export function vitestReport(node, args, env) {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-matrix-"));
  try {
    const file = join(folder, "report.json");
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const { stdout, stderr } = spawnSync(node, [vitest, "run", "--reporter=json", `--outputFile=${file}`, ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    if (!existsSync(file)) throw new Error(`vitest made no report\n${stdout}${stderr}`);
    return JSON.parse(readFileSync(file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
