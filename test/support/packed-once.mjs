// For the project `package`: a folder where the first test that needs the package packs it, for all others of this run.
// scripts/matrix.mjs brings one for all its runs.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export default function setup() {
  if (process.env.HOLDFAST_PACKED) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "holdfast-packed-"));
  process.env.HOLDFAST_PACKED = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
