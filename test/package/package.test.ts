/** The packed tarball, used as a stranger would: installed into empty folders, from ESM, CommonJS and TypeScript. */
import { statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/servers/free-port.js";
import { useRedis } from "../support/servers/use-redis.js";
import { manifest, packedPackage, run, tool, type Failed, type Stranger } from "./stranger.js";

let stranger: Stranger;
/** Has prom-client beside the package, and frameworks. */
let crowded: string;
/** Has the package, and nothing of what only `holdfast/auth` needs. */
let bare: string;
const redis = useRedis();

beforeAll(async () => {
  stranger = await packedPackage();
  crowded = await stranger.installedForSites();
  bare = await stranger.installedBare();
}, 300_000);

afterAll(async () => {
  stranger?.remove();
});

describe("the tarball", () => {
  it("holds the built package and its pages, and nothing else", async () => {
    const { stdout } = await run("tar", ["-tzf", stranger.tarball], stranger.folder);
    const files = stdout.trim().split("\n");
    const expected =
      /^package\/(dist\/.+\.(js|cjs|mjs|d\.c?ts)|dist\/cjs\/package\.json|docs\/[\w-]+\.md|README\.md|CHANGELOG\.md|LICENSE|package\.json)$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
    for (const name of ["README.md", "CHANGELOG.md", "LICENSE", "dist/index.js", "dist/auth/index.d.ts"]) {
      expect(files).toContain(`package/${name}`);
    }
  });

  it("is small, and says where its source lies", () => {
    // 793,729 bytes with the doctor's commands apart from its words, servers that do not serve, and excerpts in the console.
    expect(statSync(stranger.tarball).size).toBeLessThan(800_000);
    expect(manifest).toMatchObject({
      repository: { type: "git" },
      bugs: expect.any(String),
      homepage: expect.any(String),
    });
  });

  it("publint finds nothing", async () => {
    const { stdout } = await run(
      process.execPath,
      [tool("publint", "src/cli.js"), "run", stranger.tarball, "--strict"],
      stranger.folder,
    );
    expect(stdout).toContain("All good!");
  });

  // Also for TypeScript's oldest resolution (node10), which CommonJS projects before TypeScript 6 have by default.
  it("attw finds nothing, under its strictest profile", async () => {
    const attw = tool("@arethetypeswrong/cli", "dist/index.js");
    const args = ["--profile", "strict", "--no-emoji", "--no-color"];
    const { stdout } = await run(process.execPath, [attw, stranger.tarball, ...args], stranger.folder);
    expect(stdout).toContain("No problems found");
  });
});

/** How Node.js before 22.12 loads packages can be had from every version. */
const nodes: [string, string[]][] = [
  ["where require() takes ES modules", []],
  ["where it does not", ["--no-experimental-require-module"]],
];

describe("the public face", () => {
  const names = {
    holdfast:
      "HoldfastError MemoryStore RedisSessionStore append connectToRedis max min mine redisSession sum theirs union",
    "holdfast/auth":
      "RedisAccounts accountStoreContract activityRules commonPasswords emailPattern hashPassword isEmail isUsername localAuth needsRehash normalizeEmail normalizeUsername passwordHashProblem passwordLength requireLogin requireRecentLogin safePath sameOrigin trackActivity usernamePattern verifyNothing verifyPassword",
    "holdfast/migrate":
      "MigratingStore Move MoveControl backfill bucketOf defaultKey homeOf openSource proveSource proveTimes proveWayBack proveWritable rollback verify",
    "holdfast/ops": "doctor health metrics onSignal pulse readPulses sessionAdmin",
    "holdfast/console": "console",
    "holdfast/testing": "beginSession logInAs loginCookie sessionCookie sessionOf testRedis testSessions",
  };

  it("has exactly these subpaths", () => {
    const subpaths = Object.keys(manifest.exports).filter((subpath) => subpath !== "./package.json");
    expect(subpaths.map((subpath) => subpath.replace(/^\./, "holdfast"))).toEqual(Object.keys(names));
  });

  const entries = nodes.flatMap(([node, flags]) =>
    Object.entries(names).map(([name, list]) => ({ node, flags, name, list })),
  );
  it.each(entries)(
    "$name exports exactly these names, by import and by require, $node",
    async ({ flags, name, list }) => {
      const { stdout } = await consume(crowded, [...flags, "exports.mjs", name]);
      expect(JSON.parse(stdout)).toEqual({ imported: list.split(" "), required: list.split(" ") });
    },
  );

  it.each(nodes)("one process that uses import and require() has one copy of it, %s", async (_, flags) => {
    const { stdout } = await consume(crowded, [...flags, "one-copy.mjs"]);
    const isOne = {
      names: true,
      auth: true,
      migrate: true,
      store: true,
      error: true,
      errorOfAuth: true,
      errorOfMigrate: true,
    };
    expect(JSON.parse(stdout)).toEqual({
      ...isOne,
      isCommonJs: flags.length > 0,
      warnings: ["HOLDFAST_OPTION_UNKNOWN"],
    });
  });
});

describe("its errors", () => {
  it.each(nodes)(
    "are recognized across copies, and lead to their section in the installed pages, %s",
    async (_, flags) => {
      const { stdout } = await consume(crowded, [...flags, "two-copies.mjs"]);
      expect(JSON.parse(stdout)).toEqual({
        isInstance: false,
        is: true,
        theOtherWay: true,
        others: [false, false, false, false, false],
        hasSection: true,
      });
    },
  );
});

describe("metrics()", () => {
  it.each(nodes)("is there without prom-client, and says what to install once it is called, %s", async (_, flags) => {
    const { stdout, stderr } = await consume(bare, [...flags, "metrics.mjs"]);
    expect(stdout).toMatch(/^HOLDFAST_PROM_CLIENT_MISSING .* npm i prom-client;/);
    expect(stderr).toBe("");
  });

  it.each(nodes)("counts in the prom-client of the app, %s", async (_, flags) => {
    const { stdout } = await consume(crowded, [...flags, "metrics.mjs"]);
    expect(stdout).toContain('holdfast_sessions_missing_total{store="sessions"} 1\n');
  });
});

describe("the command", () => {
  /** npm's own warnings, as of a machine's settings, are not the command's. */
  const holdfast = (args: string[], env: Record<string, string> = {}) =>
    run("npx", ["--no-install", "--loglevel=error", "holdfast", ...args], bare, { REDIS_URL: redis.url, ...env });

  it("prints its help and its version", async () => {
    expect((await holdfast(["--help"])).stdout).toContain("Usage: holdfast [options] [command]");
    expect((await holdfast(["migrate", "backfill", "--help"])).stdout).toContain("--from-start");
    expect((await holdfast(["--version"])).stdout).toBe(`${manifest.version}\n`);
  });

  it("looks at a move, and loads nothing of what only `holdfast/auth` needs", async () => {
    const { stdout, stderr } = await holdfast(["migrate", "status"]);
    expect(stdout).toContain("not begun; the app uses only its old store");
    expect(stderr).toBe("");
  });

  it("shows all processes, or that there are none", async () => {
    const { stdout, stderr } = await holdfast(["top", "--once"]);
    expect(stdout).toContain("No process calls pulse()");
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

function consume(where: string, args: string[]) {
  return run(process.execPath, args, where, { REDIS_URL: redis.url });
}
