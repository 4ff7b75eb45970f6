// Builds dist/ (the package) and .build/demo-app/ (the shop) from nothing, so that no stale file stays behind.
// `node scripts/build.mjs lib` builds the package alone.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const parts = [
  { name: "lib", out: "dist", project: "tsconfig.build.json" },
  { name: "demo", out: ".build/demo-app", project: "demo-app/tsconfig.json" },
];

const only = process.argv[2];
for (const { name, out, project } of parts) {
  if (only && only !== name) continue;
  rmSync(join(root, out), { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [tsc, "-p", project], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
