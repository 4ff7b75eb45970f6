/** The package as a stranger gets it: packed, and installed into an empty folder. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onceARun } from "../support/once-a-run.js";

export const root = fileURLToPath(new URL("../../", import.meta.url));

interface Manifest {
  version: string;
  exports: Record<string, unknown>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  [field: string]: unknown;
}
export const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;

/** A package in the version that this project has, for `npm install`. */
export const own = (name: string) => `${name}@${manifest.devDependencies[name] ?? manifest.dependencies[name]}`;

export interface Failed extends Error {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Stranger {
  /** Everything lies in here. */
  readonly folder: string;
  readonly tarball: string;
  /** Installs the tarball and `packages` into a folder of this name that holds the consumers, and returns its path. */
  install(name: string, packages: string[], flags?: string[]): Promise<string>;
  /** The same for all tests of a run, none of which writes there: with what the small sites need. */
  installedForSites(): Promise<string>;
  /** And with nothing of what only `holdfast/auth` needs. */
  installedBare(): Promise<string>;
  remove(): void;
}

/** The package, packed once for all tests of a run, and a folder for the apps of a test file. */
export async function packedPackage(): Promise<Stranger> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-package-"));
  const shared = process.env["HOLDFAST_PACKED"] ?? folder;
  const tarball = join(await onceARun(shared, "packed", pack), `holdfast-${manifest.version}.tgz`);
  const install = async (into: string, packages: string[], flags: string[] = []) => {
    const quick = ["--no-audit", "--no-fund", "--prefer-offline"];
    await run("npm", ["install", ...quick, ...flags, tarball, ...packages], into);
    return into;
  };

  return {
    folder,
    tarball,
    install: (name, packages, flags) => install(appFolder(folder, name), packages, flags),
    installedForSites: async () => {
      const packages = [own("express"), "express4@npm:express@4", own("connect"), own("prom-client")];
      return appIn(await onceARun(shared, "sites", (place) => install(appFolder(place, "app"), packages)));
    },
    installedBare: async () =>
      appIn(
        await onceARun(shared, "bare", async (place) => {
          await install(appFolder(place, "app"), []);
          for (const name of ["passport", "passport-local", "@node-rs"])
            rmSync(join(appIn(place), "node_modules", name), { recursive: true });
        }),
      ),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const appIn = (place: string) => join(place, "app");

/** A folder with the consumers in it, in which nothing is installed yet. */
export function appFolder(folder: string, name: string, more: object = {}): string {
  const into = join(folder, name);
  mkdirSync(into);
  cpSync(join(root, "test/package/consumers"), into, { recursive: true });
  writeFileSync(join(into, "package.json"), JSON.stringify({ name: "stranger", private: true, ...more }));
  return into;
}

/** Packs a copy of the project, so that the package is built anew and no running app loses its dist/. */
async function pack(folder: string): Promise<void> {
  const copy = join(folder, "source");
  const left = new Set(["node_modules", ".git", "dist", ".build", "coverage"]);
  cpSync(root, copy, { recursive: true, filter: (path) => !left.has(basename(path)) });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  await run("npm", ["pack", "--silent", "--pack-destination", folder], copy);
}

/** Runs a program to its end; what it printed is in the error if it failed. */
export function run(
  program: string,
  args: string[],
  cwd: string,
  more: Record<string, string> = {},
): Promise<{ stdout: string; stderr: string }> {
  const ours = /^(VITEST|JEST_|NODE_ENV|NODE_OPTIONS|REDIS_|SESSION_|npm_(package|lifecycle)_)/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
  Object.assign(env, more);
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env, timeout: 240_000 }, (error, stdout, stderr) => {
      if (error) {
        const told = new Error(`${error.message}\n${stdout}${stderr}`);
        reject(Object.assign(told, { code: error.code, stdout, stderr }));
      } else resolve({ stdout, stderr });
    });
  });
}

/** The script of one of this project's tools. */
export function tool(name: string, file: string): string {
  return join(root, "node_modules", name, file);
}
