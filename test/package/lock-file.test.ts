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

/** They do without it: fsevents is for Macs, esbuild's binary is a package of its own, protobufjs only prints a warning. */
const doesWithout = /node_modules\/(fsevents|esbuild|protobufjs)$/;

it("holds no package that needs an install script", () => {
  const scripted = entries.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
  expect(scripted.filter((path) => !doesWithout.test(path))).toEqual([]);
});
