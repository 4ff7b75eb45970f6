/** The packed tarball, used as a stranger would: installed into empty folders, from ESM, CommonJS and TypeScript. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.js";
import { startRedis, type TestRedis } from "../support/redis-server.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  version: string;
  exports: Record<string, unknown>;
  devDependencies: Record<string, string>;
};
const folder = mkdtempSync(join(tmpdir(), "holdfast-package-"));
const tarball = join(folder, `holdfast-${manifest.version}.tgz`);
/** Has Express 5, Express 4, Connect, their types, and two TypeScripts beside the package. */
const crowded = join(folder, "crowded");
/** Has the package, and nothing of what only `holdfast/auth` needs. */
const bare = join(folder, "bare");
let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
  await pack();
  const own = (name: string) => `${name}@${manifest.devDependencies[name]}`;
  const typed = ["@types/express", "@types/connect", "@types/node", "typescript"].map(own);
  await install(crowded, [
    own("express"),
    "express4@npm:express@4",
    own("connect"),
    ...typed,
    "typescript5@npm:typescript@5",
  ]);
  await install(bare, []);
  for (const name of ["passport", "passport-local", "@node-rs"])
    rmSync(join(bare, "node_modules", name), { recursive: true });
}, 300_000);

afterAll(async () => {
  await redis?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("the tarball", () => {
  it("holds the built package and its pages, and nothing else", async () => {
    const { stdout } = await run("tar", ["-tzf", tarball], folder);
    const files = stdout.trim().split("\n");
    const expected = /^package\/(dist\/.+\.(js|d\.ts)|docs\/.+|README\.md|CHANGELOG\.md|LICENSE|package\.json)$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
    for (const name of ["README.md", "CHANGELOG.md", "LICENSE", "dist/index.js", "dist/auth/index.d.ts"]) {
      expect(files).toContain(`package/${name}`);
    }
  });

  it("publint finds nothing", async () => {
    const { stdout } = await run(process.execPath, [tool("publint", "src/cli.js"), "run", tarball, "--strict"], folder);
    expect(stdout).toContain("All good!");
  });

  // One finding is not one: `cjs-resolves-to-esm` says that require() gets an ES module, "which is an error in Node". It
  // is not from Node 20.19 on, which package.json demands and the CommonJS tests below prove. Everything else is checked,
  // also for TypeScript's oldest resolution (node10), which CommonJS projects before TypeScript 6 have by default.
  it("attw finds nothing, under its strictest profile", async () => {
    const attw = tool("@arethetypeswrong/cli", "dist/index.js");
    const args = ["--profile", "strict", "--ignore-rules", "cjs-resolves-to-esm", "--no-emoji", "--no-color"];
    const { stdout } = await run(process.execPath, [attw, tarball, ...args], folder);
    expect(stdout).toContain("No problems found");
  });
});

describe("the public face", () => {
  const names = {
    holdfast: "HoldfastError RedisSessionStore append connectToRedis max min mine redisSession sum theirs union",
    "holdfast/auth":
      "RedisAccounts accountStoreContract activityRules commonPasswords emailPattern hashPassword isEmail localAuth needsRehash normaliseEmail normaliseUsername passwordLength requireLogin requireRecentLogin safePath trackActivity usernamePattern verifyNothing verifyPassword",
    "holdfast/migrate":
      "MigratingStore Move MoveControl backfill bucketOf defaultKey homeOf openSource rollback verify",
  };

  it("has exactly these subpaths", () => {
    const subpaths = Object.keys(manifest.exports).filter((subpath) => subpath !== "./package.json");
    expect(subpaths.map((subpath) => subpath.replace(/^\./, "holdfast"))).toEqual(Object.keys(names));
  });

  it.each(Object.entries(names))("%s exports exactly these names, by import and by require", async (subpath, list) => {
    const { stdout } = await consume(crowded, "exports.mjs", subpath);
    expect(JSON.parse(stdout)).toEqual({ imported: list.split(" "), required: list.split(" ") });
  });
});

describe("an app of a stranger", () => {
  const apps = ["express", "express4", "connect", "http"].flatMap((name) => [`${name}.mjs`, `${name}.cjs`]);
  it.each([...apps, "express-session.cjs"])("%s keeps a session, and ends without a warning", async (app) => {
    const { stdout, stderr } = await consume(crowded, app);
    expect(JSON.parse(stdout)).toEqual([1, 2]);
    expect(stderr).toBe("");
  });

  it("has the Express it says it has", () => {
    const versionOf = (name: string) => installedVersion(crowded, name).split(".")[0];
    expect([versionOf("express"), versionOf("express4")]).toEqual(["5", "4"]);
  });

  it.each(["http.mjs", "http.cjs"])("%s that wants only sessions loads only sessions", async (app) => {
    expect(JSON.parse((await consume(bare, app)).stdout)).toEqual([1, 2]);
    await expect(consume(bare, "exports.mjs", "holdfast/auth")).rejects.toThrow(
      /Cannot find package '(passport|@node-rs)/,
    );
  });
});

describe("the command", () => {
  /** npm's own warnings, as of a machine's settings, are not the command's. */
  const holdfast = (args: string[], env: Record<string, string> = {}) =>
    run("npx", ["--no-install", "--loglevel=error", "holdfast", ...args], bare, env);

  it("prints its help and its version", async () => {
    expect((await holdfast(["--help"])).stdout).toContain("Usage: holdfast [options] [command]");
    expect((await holdfast(["migrate", "backfill", "--help"])).stdout).toContain("--from-start");
    expect((await holdfast(["--version"])).stdout).toBe(`${manifest.version}\n`);
  });

  it("looks at a move, and loads nothing of what only `holdfast/auth` needs", async () => {
    const { stdout, stderr } = await holdfast(["migrate", "status"]);
    expect(stdout).toContain("not begun; the app uses its old store alone");
    expect(stderr).toBe("");
  });

  it("says in one sentence that Redis is away, and ends with 1", async () => {
    const away = `redis://127.0.0.1:${await freePort()}`;
    const failure = await holdfast(["migrate", "status"], { REDIS_URL: away }).catch((error: Failed) => error);
    expect(failure).toMatchObject({ code: 1, stdout: "" });
    const sentence = `Redis at ${away} cannot be reached: nothing listens there. Check that Redis runs and that the address is right (REDIS_URL, or REDIS_HOST and REDIS_PORT).\n`;
    expect(failure.stderr).toBe(sentence);
  });

  it.each([
    ["postgres://127.0.0.1:1/shop", "npm i pg."],
    ["mysql://127.0.0.1:1/shop", "npm i mysql2."],
  ])("names the driver that %s needs", async (from, remedy) => {
    const failure = await holdfast(["migrate", "verify", "--from", from]).catch((error: Failed) => error);
    expect(failure).toMatchObject({ code: 1, stdout: "" });
    expect(failure.stderr).toContain(remedy);
    expect(failure.stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("a TypeScript app", () => {
  const strict = [
    "--noEmit",
    "--strict",
    "--exactOptionalPropertyTypes",
    "--noUncheckedIndexedAccess",
    "--types",
    "node",
  ];
  const modern = ["--module", "nodenext", "--target", "es2022"];
  const classic = ["--module", "commonjs", "--target", "es2022", "--esModuleInterop", "--skipLibCheck"];
  it.each([
    ["ESM", "typescript", "app.mts", modern],
    ["CommonJS", "typescript", "app.cts", modern],
    ["ESM, TypeScript 5", "typescript5", "app.mts", [...modern, "--skipLibCheck"]],
    ["CommonJS, TypeScript 5", "typescript5", "app.cts", [...modern, "--skipLibCheck"]],
    ["CommonJS as TypeScript 5 has it by default", "typescript5", "app.ts", classic],
  ])("%s", async (_, typescript, app, options) => {
    const source = readFileSync(join(crowded, "app.mts"), "utf8");
    writeFileSync(join(crowded, app), source);
    const tsc = join(crowded, "node_modules", typescript, "bin", "tsc");
    const { stdout } = await run(process.execPath, [tsc, ...strict, ...options, app], crowded);
    expect(stdout).toBe("");
  });
});

/** Packs a copy of the project, so that the package is built anew and no running app loses its dist/. */
async function pack(): Promise<void> {
  const copy = join(folder, "source");
  const left = new Set(["node_modules", ".git", "dist", ".build", "coverage"]);
  cpSync(root, copy, { recursive: true, filter: (path) => !left.has(basename(path)) });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  await run("npm", ["pack", "--silent", "--pack-destination", folder], copy);
}

async function install(into: string, packages: string[]): Promise<void> {
  mkdirSync(into);
  cpSync(join(root, "test/package/consumers"), into, { recursive: true });
  writeFileSync(join(into, "package.json"), JSON.stringify({ name: "stranger", private: true }));
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball, ...packages], into);
}

function consume(where: string, script: string, ...args: string[]) {
  return run(process.execPath, [script, ...args], where);
}

interface Failed extends Error {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; what it printed is in the error if it failed. */
function run(
  program: string,
  args: string[],
  cwd: string,
  more: Record<string, string> = {},
): Promise<{ stdout: string; stderr: string }> {
  const own = /^(VITEST|NODE_ENV|NODE_OPTIONS|REDIS_|SESSION_|npm_(package|lifecycle)_)/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
  Object.assign(env, { REDIS_URL: redis.url, ...more });
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env, timeout: 240_000 }, (error, stdout, stderr) => {
      if (error) {
        const told = new Error(`${error.message}\n${stdout}${stderr}`);
        reject(Object.assign(told, { code: error.code, stdout, stderr }));
      } else resolve({ stdout, stderr });
    });
  });
}

function tool(name: string, file: string): string {
  return join(root, "node_modules", name, file);
}

function installedVersion(where: string, name: string): string {
  const file = join(where, "node_modules", name, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
