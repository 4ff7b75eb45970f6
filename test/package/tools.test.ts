/** The package under tools that load it their own way: Jest, which knows CommonJS alone, and a bundler. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import ts from "typescript5";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { filesOfTheTestingPage } from "../docs/support/testing-page.js";
import { useRedis } from "../support/servers/use-redis.js";
import { own, packedPackage, run, type Stranger } from "./stranger.js";

const redis = useRedis();
let stranger: Stranger;
let folder: string;

beforeAll(async () => {
  stranger = await packedPackage();
  const tools = [
    "jest29@npm:jest@29",
    "jest@30",
    "ts-jest@29",
    "@types/jest@30",
    "typescript@5",
    "esbuild@0.28",
    "webpack@5",
    "rollup@4",
    "@rollup/plugin-node-resolve@16",
    "@rollup/plugin-commonjs@29",
    "@rollup/plugin-json@6",
    ...["prom-client", "express", "supertest"].map(own),
  ];
  folder = await stranger.install("tools", tools, ["--ignore-scripts"]);
}, 300_000);

afterAll(async () => {
  stranger?.remove();
});

const node = (...args: string[]) => run(process.execPath, args, folder, { REDIS_URL: redis.url });

describe("Jest", () => {
  it.each(["jest29", "jest"])("%s loads it, keeps a session, and ends by itself", async (jest) => {
    const { stderr } = await node(`node_modules/${jest}/bin/jest.js`, "--rootDir", "jest", "page.test.js");
    expect(stderr).toContain("5 passed, 5 total");
    expect(stderr).not.toContain("did not exit");
  });

  const files = filesOfTheTestingPage();
  const compilerOptions = {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022,
    esModuleInterop: true,
  };
  const toCommonJs = (text: string) => ts.transpileModule(text, { compilerOptions }).outputText;

  /** A folder with the app and the test of docs/testing.md. */
  function testingPage(type: "commonjs" | "module", texts: { app: string; test: string }): string {
    const name = `page-${type}`;
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "package.json"), JSON.stringify({ type }));
    writeFileSync(join(folder, name, "app.js"), texts.app);
    writeFileSync(join(folder, name, "jest.test.js"), texts.test);
    return name;
  }

  it.each(["jest29", "jest"])("%s runs the test of docs/testing.md, as CommonJS, and ends by itself", async (jest) => {
    const page = testingPage("commonjs", { app: toCommonJs(files.get("app.js")!), test: files.get("jest.test.js")! });
    const { stderr } = await node(`node_modules/${jest}/bin/jest.js`, "--rootDir", page);
    expect(stderr).toContain("1 passed, 1 total");
    expect(stderr).not.toContain("did not exit");
  });

  it("runs it as an ES module", async () => {
    const test = files
      .get("jest.test.js")!
      .replace(/^const (\w+|\{[^}]+\}) = require\(("[^"]+")\);$/gm, "import $1 from $2;");
    const page = testingPage("module", {
      app: files.get("app.js")!,
      test: `import { jest } from "@jest/globals";\n${test}`,
    });
    const { stderr } = await node("--experimental-vm-modules", "node_modules/jest/bin/jest.js", "--rootDir", page);
    expect(stderr).toContain("1 passed, 1 total");
  });

  it("with ts-jest loads it, and finds its types", async () => {
    const tsconfig = { module: "commonjs", moduleResolution: "node10", esModuleInterop: true, strict: true };
    const transform = JSON.stringify({ "\\.ts$": ["ts-jest", { tsconfig: { ...tsconfig, types: ["jest"] } }] });
    const { stderr } = await node(
      "node_modules/jest/bin/jest.js",
      "--rootDir",
      "jest",
      "--transform",
      transform,
      "typed.test.ts",
    );
    expect(stderr).toContain("1 passed, 1 total");
  });
});

describe("esbuild", () => {
  /** The options are those of docs/compatibility.md. */
  const bundle = async (name: string, format: string, ...flags: string[]) => {
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

  const plain = ["cjs", "esm"].flatMap((format) => [
    [format, "--charset=utf8"],
    [format, "--minify"],
  ]);
  it.each(plain)("bundles an app with sessions as %s %s, and it runs", async (format, ...flags) => {
    const { stdout } = await node(await bundle("sessions", format!, ...flags));
    expect(JSON.parse(stdout)).toEqual([1, 2]);
  });

  const kinds = ["cjs", "esm"].flatMap((format) => [
    [format, "--charset=utf8"],
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

describe.each(["webpack", "rollup"])("%s", (tool) => {
  it.each(["cjs", "esm"])("bundles an app with sessions and one with passwords as %s, and they run", async (format) => {
    for (const [name, printed] of [
      ["sessions", [1, 2]],
      ["auth", true],
    ] as const) {
      await node(`bundle/${tool}.mjs`, name, format);
      const { stdout } = await node(`bundle/${name}.${tool}.${format === "cjs" ? "cjs" : "mjs"}`);
      expect(JSON.parse(stdout)).toEqual(printed);
    }
  });
});
