/** The package in the bundle of each bundler: the app runs, and keeps its promises. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { useRedis } from "../support/servers/use-redis.js";
import { cellsOf, cellTests, isMatrix, once, type Cell } from "./cells.js";
import { ends, promises, trySite } from "./small-sites.js";
import { own, packedPackage, run, type Stranger } from "./stranger.js";

interface BundlerCell extends Cell {
  tool: string;
  format: "esm" | "cjs";
  package: string;
}

const redis = useRedis();
let stranger: Stranger | undefined;
let folder: string;
afterAll(() => stranger?.remove(), 300_000);

const cells = cellsOf<BundlerCell>("bundlers");
const plugins = ["@rollup/plugin-node-resolve@16", "@rollup/plugin-commonjs@29", "@rollup/plugin-json@6"];
const tools = once(async () => {
  stranger = await packedPackage();
  const packages = [...new Set(cells.map((cell) => cell.package)), ...plugins, own("prom-client")];
  return stranger.install("tools", packages, ["--ignore-scripts"]);
});

const node = (...args: string[]) => run(process.execPath, args, folder, { REDIS_URL: redis.url });

const hashes = "an app that hashes a password runs";

for (const cell of cells) {
  cellTests(cell, [...promises, ends, hashes], async () => {
    folder = await tools();
    const { tool, format } = cell;
    await node(`bundle/${tool}.mjs`, format, "sessions", "auth");
    const bundled = (name: string) => `bundle/${name}.${tool}.${format === "cjs" ? "cjs" : "mjs"}`;
    const outcomes = await trySite([process.execPath, bundled("sessions")], promises, folder, redis.url);
    const { stdout } = await node(bundled("auth"));
    const { version } = JSON.parse(readFileSync(join(folder, "node_modules", tool, "package.json"), "utf8")) as {
      version: string;
    };
    const [name, ...others] = cell.columns;
    return {
      columns: [`${name} ${version}`, ...others],
      outcomes: { ...outcomes, [hashes]: stdout === "true\n" ? "kept" : stdout },
    };
  });
}

describe.skipIf(isMatrix)("esbuild", () => {
  /** The options are those of docs/compatibility.md. */
  const bundle = async (name: string, format: string, ...flags: string[]) => {
    folder = await tools();
    const out = `bundle/${name}.${format}.${format === "cjs" ? "cjs" : "mjs"}`;
    const options = ["--bundle", "--platform=node", "--log-level=warning", `--format=${format}`];
    // What is CommonJS inside needs require() in an ES module.
    const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
    const more = format === "esm" ? [`--banner:js=${banner}`] : [];
    await node(
      "node_modules/esbuild/bin/esbuild",
      `bundle/${name}.mjs`,
      ...options,
      ...more,
      ...flags,
      `--outfile=${out}`,
    );
    return out;
  };

  it.each(["cjs", "esm"])("bundles an app with sessions as %s, minified, and it keeps its promises", async (format) => {
    const file = await bundle("sessions", format, "--minify");
    const told = await trySite([process.execPath, file], promises, folder, redis.url);
    expect(told).toEqual(Object.fromEntries([...promises, ends].map((check) => [check, "kept"])));
  });

  const kinds = ["cjs", "esm"].flatMap((format) => [
    [format, "--minify"],
    [format, "--conditions=require"],
  ]);
  it.each(kinds)("bundles an app with passwords as %s %s, and it runs", async (format, ...flags) => {
    const { stdout } = await node(await bundle("auth", format!, ...flags));
    expect(JSON.parse(stdout)).toBe(true);
  });

  it.each(["cjs", "esm"])("an app that begins logins by itself runs as %s without the native parts", async (format) => {
    const { stdout } = await node(await alone(await bundle("own-check", format)));
    const missing = (name: string) => expect.stringMatching(`^HOLDFAST_HASHING_MISSING .* npm i @node-rs/${name}\\.$`);
    const told = { hashed: missing("argon2"), checked: missing("bcrypt") };
    expect(JSON.parse(stdout)).toEqual([
      { visitor: null, ...told },
      { visitor: "1", ...told },
    ]);
  });

  it.each(["cjs", "esm"])("metrics() in a bundle with prom-client inside counts, as %s", async (format) => {
    const { stdout } = await node(await alone(await bundle("metrics", format)));
    expect(stdout).toContain('holdfast_sessions_missing_total{store="sessions"} 1\n');
    expect(stdout).toContain("HOLDFAST_PROM_CLIENT_MISSING"); // without the option
  });

  it("the console in a bundle has its script and its styles with it", async () => {
    const { stdout } = await node(await alone(await bundle("console", "esm", "--minify")));
    expect(JSON.parse(stdout)).toEqual([true, 200, 200]);
  });

  /** A copy of a bundle that stands where nothing is installed. */
  const alone = async (file: string) => {
    const place = mkdtempSync(join(tmpdir(), "holdfast-bundle-"));
    onTestFinished(() => rmSync(place, { recursive: true }));
    copyFileSync(join(folder, file), join(place, basename(file)));
    return join(place, basename(file));
  };

  it("takes nothing along for `safePath` but itself", async () => {
    const out = await bundle("path", "esm");
    expect(JSON.parse((await node(out)).stdout)).toBe("/");
    expect(readFileSync(join(folder, out), "utf8")).not.toMatch(/@node-rs|passport|ioredis|zxcvbn/);
  });
});
