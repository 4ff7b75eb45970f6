/** package-lock.json serves everyone: behind any registry mirror, and without running a dependency's install script. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

interface LockedPackage {
  resolved?: string;
  hasInstallScript?: boolean;
}
const lock = readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8");
const { packages } = JSON.parse(lock) as { packages: Record<string, LockedPackage> };
const entries = Object.entries(packages);

it("names no host but the public registry", () => {
  const strange = entries.filter(([, { resolved }]) => resolved && !resolved.startsWith("https://registry.npmjs.org/"));
  expect(strange.map(([path]) => path)).toEqual([]);
});

it("holds no package with an install script; fsevents, on a Mac, does without its own", () => {
  const scripted = entries.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
  expect(scripted.filter((path) => !path.endsWith("node_modules/fsevents"))).toEqual([]);
});
