// Whether node_modules holds what package-lock.json asks for. No dependencies: it runs before they are there.
import { readFileSync } from "node:fs";

/** Whether node_modules holds what package-lock.json names; packages for other platforms are left out. */
export function isInstalled() {
  const wanted = packagesIn("package-lock.json");
  const present = packagesIn("node_modules/.package-lock.json");
  if (!present) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === "" || (present[path] ? present[path].version === version : optional),
  );
}

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), "utf8")).packages;
  } catch {
    return undefined;
  }
}
