/** The packed package as each package manager lays it out: what it needs is found, and nothing else has to be. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";
import { useRedis } from "../support/servers/use-redis.js";
import { cellsOf, cellTests, isMatrix, once, type Cell } from "./cells.js";
import { ends, prefixed, promises, trySite } from "./small-sites.js";
import { appFolder, manifest, packedPackage, root, run, type Failed, type Stranger } from "./stranger.js";

interface ManagerCell extends Cell {
  tool: string;
  arrangement: string;
  /** Where npm has it from, and its script; npm itself is there, and Bun is a binary. */
  package?: string;
  binary?: string;
}

const scripts = new URL("../../scripts/matrix/", import.meta.url);
const { bun, installedTool } = (await import(new URL("runtime-command.mjs", scripts).href)) as {
  bun(): string;
  installedTool(spec: string, file: string): string;
};

const redis = useRedis();
let stranger: Stranger | undefined;
afterAll(() => stranger?.remove(), 300_000);
const packed = once(async () => (stranger = await packedPackage()));

const formats = { "ES module": "mjs", CommonJS: "cjs" };
const typed = "TypeScript finds the types";
const allTyped = "TypeScript finds the types of all packages (skipLibCheck: false)";
const named = Object.keys(formats).flatMap((format) => [...promises, ends].map((check) => `${format}: ${check}`));

for (const cell of cellsOf<ManagerCell>("managers")) {
  const isPnp = cell.arrangement === "Plug'n'Play"; // TypeScript would have to be patched by Yarn
  const types = isPnp ? [] : isMatrix ? [typed, allTyped] : [typed];
  cellTests(cell, [...named, ...types], async () => {
    const { folder, tarball } = await packed();
    const versions = { ...manifest.dependencies, ...manifest.devDependencies };
    const wanted = ["express", "@types/express", "@types/node", "typescript"];
    const dependencies = Object.fromEntries(wanted.map((name) => [name, versions[name]]));
    const into = appFolder(folder, cell.name.replace(/\W+/g, "-"), {
      dependencies: { holdfast: `file:${tarball}`, ...dependencies },
      ...(cell.tool.startsWith("Yarn") && { resolutions: ofOtherPlatforms() }),
    });
    const manager = managerOf(cell);
    writeSettings(into, cell);
    const env = await registryOf();
    await run(manager[0]!, [...manager.slice(1), ...flagsOf(cell)], into, env);
    const outcomes: Record<string, string> = {};
    for (const [format, extension] of Object.entries(formats)) {
      const command = isPnp ? [...manager, "node"] : [process.execPath];
      const told = await trySite([...command, `express.${extension}`], promises, into, redis.url);
      Object.assign(outcomes, prefixed(format, told));
    }
    if (!isPnp) outcomes[typed] = await compile(into, ["--skipLibCheck"]);
    if (types.includes(allTyped)) outcomes[allTyped] = await compile(into, []);
    const { stdout } = await run(manager[0]!, [...manager.slice(1), "--version"], into, env);
    return { columns: [`${cell.tool.split(" ")[0]} ${stdout.trim()}`, cell.arrangement], outcomes };
  });
}

function managerOf({ tool, package: spec, binary }: ManagerCell): string[] {
  if (tool === "Bun") return [bun()];
  return spec ? [process.execPath, installedTool(spec, binary!)] : ["npm"];
}

function flagsOf({ tool, arrangement }: ManagerCell): string[] {
  const always = ["install", "--ignore-scripts"];
  if (tool === "npm")
    return [...always, "--no-audit", "--no-fund", "--prefer-offline", ...(arrangement === "linked" ? linked : [])];
  if (tool === "pnpm") return [...always, ...(arrangement === "hoisted" ? ["--node-linker=hoisted"] : [])];
  if (tool === "Bun") return [...always, `--linker=${arrangement === "flat" ? "hoisted" : "isolated"}`];
  return tool === "Yarn 1" ? [...always, "--no-lockfile"] : ["install"];
}

const linked = ["--install-strategy=linked"];

function writeSettings(into: string, { tool, arrangement }: ManagerCell): void {
  mkdirSync(join(into, "nothing"));
  writeFileSync(join(into, "nothing", "package.json"), JSON.stringify({ name: "nothing", version: "0.0.0" }));
  if (tool !== "Yarn") return;
  const linker = arrangement === "flat" ? "node-modules" : "pnp";
  const settings = [
    `nodeLinker: ${linker}`,
    "enableScripts: false",
    "enableTelemetry: false",
    "enableGlobalCache: false",
  ];
  writeFileSync(join(into, ".yarnrc.yml"), `${settings.join("\n")}\n`);
  writeFileSync(join(into, "yarn.lock"), ""); // so that no folder above counts as the project
}

/**
 * Yarn asks for the builds for all platforms, even those that it does not install; a mirror of the registry may have
 * only some of them. What is not installed here is replaced by nothing.
 */
function ofOtherPlatforms(): Record<string, string> {
  const installed = (name: string) => join(root, "node_modules", name);
  const builds = ["@node-rs/argon2", "@node-rs/bcrypt", "typescript"].flatMap((name) => {
    const { optionalDependencies = {} } = JSON.parse(readFileSync(join(installed(name), "package.json"), "utf8")) as {
      optionalDependencies?: Record<string, string>;
    };
    return Object.keys(optionalDependencies).filter((build) => !existsSync(installed(build)));
  });
  return Object.fromEntries(builds.map((build) => [build, "file:./nothing"]));
}

/** Each manager has its own name for what npm is set up with. */
const registryOf = once(async () => {
  const registry = (await run("npm", ["config", "get", "registry"], ".")).stdout.trim();
  return {
    npm_config_registry: registry,
    YARN_REGISTRY: registry,
    YARN_NPM_REGISTRY_SERVER: registry,
    YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
    BUN_CONFIG_REGISTRY: registry,
  };
});

async function compile(into: string, more: string[]): Promise<string> {
  const source = readFileSync(join(into, "own-types.mts"), "utf8");
  writeFileSync(join(into, "own-types.cts"), source);
  const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023", "--types", "node"];
  const tsc = join("node_modules", "typescript", "bin", "tsc");
  const { stdout } = await run(
    process.execPath,
    [tsc, ...flags, ...more, "own-types.mts", "own-types.cts"],
    into,
  ).catch((error: Failed) => error);
  return stdout || "kept";
}
