/** The packed package on each runtime, under each framework: small sites that try its promises on themselves. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startRedis } from "../support/servers/redis-server.js";
import { useRedis } from "../support/servers/use-redis.js";
import { cellsOf, cellTests, isMatrix, once, type Cell } from "./cells.js";
import { ends, logins, prefixed, promises, promisesOfTheStore, trySite } from "./small-sites.js";
import { packedPackage, run, type Stranger } from "./stranger.js";

interface Site {
  name: string;
  program: string;
  /** The package whose version is told. */
  installed?: string;
}
interface Runtime {
  name: string;
  major?: string;
}
interface RuntimeCell extends Cell {
  runtime: Runtime;
  site: Site;
}

const scripts = new URL("../../scripts/matrix/", import.meta.url);
const { sites } = (await import(new URL("cells.mjs", scripts).href)) as { sites: Site[] };
const { runtimeCommand } = (await import(new URL("runtime-command.mjs", scripts).href)) as {
  runtimeCommand(runtime: Runtime): string[];
};

const redis = useRedis();
let stranger: Stranger | undefined;
afterAll(() => stranger?.remove(), 300_000);
const packed = once(async () => (stranger = await packedPackage()));
const crowded = once(async () => (await packed()).installedForSites());

/** `npm test` takes the Node.js that it runs on, whichever that is. */
const here = sites.map((site) => ({
  name: `${site.name} on this Node.js`,
  columns: ["this Node.js", site.name],
  runtime: { name: "this Node.js" },
  site,
}));
const formats = { "ES module": "mjs", CommonJS: "cjs" };

for (const cell of isMatrix ? cellsOf<RuntimeCell>("runtimes") : here) {
  const { runtime, site } = cell;
  const checks = site.program === "logins" ? logins : promises;
  const named = Object.keys(formats).flatMap((format) => [...checks, ends].map((check) => `${format}: ${check}`));
  cellTests(cell, named, async () => {
    const folder = await crowded();
    const command = runtimeCommand(runtime);
    const outcomes: Record<string, string> = {};
    for (const [format, extension] of Object.entries(formats)) {
      const told = await trySite([...command, `${site.program}.${extension}`], checks, folder, redis.url);
      Object.assign(outcomes, prefixed(format, told));
    }
    return { columns: [await versionOf(runtime, command), siteVersion(folder, site)], outcomes };
  });
}

async function versionOf({ name }: Runtime, [program]: string[]): Promise<string> {
  const { stdout } = await run(program!, ["--version"], ".");
  return `${name.split(" ")[0]} ${/\d+\.\d+\.\d+\S*/.exec(stdout)![0]}`;
}

/** "Express 5.3.0"; what comes with the runtime or with the package has no version of its own. */
function siteVersion(folder: string, { name, installed }: Site): string {
  return installed ? `${name.split(" ")[0]} ${installedVersion(folder, installed)}` : name;
}

function installedVersion(where: string, name: string): string {
  const file = join(where, "node_modules", name, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

describe.skipIf(isMatrix)("an app of a stranger", () => {
  const kept = (checks: string[]) => Object.fromEntries([...checks, ends].map((check) => [check, "kept"]));

  it("that configures express-session itself keeps what the store promises", async () => {
    const command = [process.execPath, "express-session.cjs"];
    const told = await trySite(command, promisesOfTheStore, await crowded(), redis.url);
    expect(told).toEqual(kept(promisesOfTheStore));
  });

  it.each(["express.mjs", "express.cjs"])("%s works where require() takes no ES modules", async (app) => {
    const command = [process.execPath, "--no-experimental-require-module", app];
    expect(await trySite(command, promises, await crowded(), redis.url)).toEqual(kept(promises));
  });

  it("has the Express it says it has", async () => {
    const majorOf = (name: string, folder: string) => installedVersion(folder, name).split(".")[0];
    const folder = await crowded();
    expect([majorOf("express", folder), majorOf("express4", folder)]).toEqual(["5", "4"]);
  });

  it("that wants only sessions needs nothing of what logins need", async () => {
    const bare = await (await packed()).installedBare();
    for (const app of ["http.mjs", "http.cjs"])
      expect(await trySite([process.execPath, app], promises, bare, redis.url)).toEqual(kept(promises));
    await expect(run(process.execPath, ["exports.mjs", "holdfast/auth"], bare)).rejects.toThrow(
      /Cannot find (package|module) '(passport|@node-rs)/,
    );
  });

  it("that breaks a promise is told of it: a site without the gate answers too early", async () => {
    // The control. express-session answers by itself, so two of the promises of redisSession() are broken there.
    const folder = await crowded();
    const told = await trySite([process.execPath, "express-session.cjs", "--all"], promises, folder, redis.url);
    const broken = Object.keys(told).filter((check) => told[check] !== "kept");
    expect(broken).toEqual(promises.filter((name) => !promisesOfTheStore.includes(name)));
  });

  it("that finds no Redis fails every check, with the reason", async () => {
    const gone = await startRedis();
    await gone.stop();
    const told = await trySite([process.execPath, "http.mjs"], promises, await crowded(), gone.url);
    expect(new Set(Object.values(told)).size).toBe(1);
    expect(told[promises[0]!]).toContain("HOLDFAST_REDIS_UNREACHABLE");
  });
});
