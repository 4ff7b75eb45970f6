/** docs/frameworks: the programs for NestJS, Next.js, Polka and h3 2 run with the packed package, and keep the promises. */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript5";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepsThePromises, programsOf, serveProgram, type Served } from "../docs/support/framework-promises.js";
import { blockWith } from "../docs/support/pages.js";
import { freePort } from "../support/servers/free-port.js";
import { useRedis } from "../support/servers/use-redis.js";
import { own, packedPackage, run, type Stranger } from "./stranger.js";

let stranger: Stranger;

beforeAll(async () => {
  stranger = await packedPackage();
}, 300_000);
afterAll(() => stranger?.remove(), 300_000);

/** What the package manager installs for a site, and the program that it runs there. */
interface Site {
  /** The folder of the app. */
  readonly name: string;
  readonly packages: string[];
  /** Of `npm install`. */
  readonly flags?: string[];
  /** In this folder of the app, if not in the app's own. */
  readonly inside?: string;
  readonly files: { name: string; text: string }[];
  /** The one that serves pages, on port 3000 as it is written. */
  readonly main: string;
  readonly env?: Record<string, string>;
  /** What comes before `main`. */
  readonly build?: (folder: string) => Promise<unknown>;
}

/** The program of a page of the documents, with a Redis of its own, for all tests of a `describe`. */
function serving({ name, packages, flags, inside = "", files, main, env, build }: Site): Served & { folder: string } {
  const redis = useRedis();
  const served = { redis, url: "", folder: "" };
  let server: ChildProcess | undefined;
  beforeAll(async () => {
    const folder = join(await stranger.install(name, packages, flags), inside);
    const port = await freePort();
    for (const file of files) {
      mkdirSync(dirname(join(folder, file.name)), { recursive: true });
      writeFileSync(join(folder, file.name), file.text.replace("3000", String(port)));
    }
    await build?.(folder);
    server = await serveProgram(main, port, redis, { cwd: folder, env });
    Object.assign(served, { folder, url: `http://127.0.0.1:${port}` });
  }, 300_000);
  afterAll(() => void server?.kill("SIGKILL"));
  return served;
}

/** The files of Nest's page, with what decorators need. */
function filesOfNest(): { name: string; text: string }[] {
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    experimentalDecorators: true,
  };
  const programs = programsOf("nestjs").map(({ name, text }) => ({
    name: name.replace(/\.ts$/, ".js"),
    text: ts.transpileModule(text, { compilerOptions }).outputText,
  }));
  return [...programs, { name: "package.json", text: JSON.stringify({ type: "module" }) }];
}

const packagesOfNest = (version: string, platform: string) =>
  ["core", "common", platform].map((name) => `@nestjs/${name}@${version}`);

describe.each(["10", "11", "12"])("Nest %s", (version) => {
  const served = serving({
    name: `nest${version}`,
    packages: [...packagesOfNest(version, "platform-express"), "reflect-metadata", "rxjs"],
    flags: ["--ignore-scripts"],
    inside: "nest",
    files: filesOfNest(),
    main: "main.js",
  });

  it("a save that fails is 503, and with the filter it says when to come again", async () => {
    // Ours is for logs, which Nest knows from version 11 on.
    const message = version === "10" ? expect.stringContaining("could not be saved") : "Service Unavailable";
    const env = { REDIS_URL: served.redis.url };
    const { stdout } = await run(process.execPath, ["app.mjs"], served.folder, env);
    const well = { status: 200, retryAfter: null, body: 1 };
    expect(JSON.parse(stdout)).toEqual([
      { well, full: { status: 503, retryAfter: null, body: { statusCode: 503, message } } },
      { well, full: { status: 503, retryAfter: "1", body: { statusCode: 503, message: "SESSION_STORE_UNAVAILABLE" } } },
    ]);
  });

  keepsThePromises(() => served);
});

describe.each(["11", "12"])("Nest %s on Fastify", (version) => {
  const served = serving({
    name: `nest${version}-fastify`,
    packages: [...packagesOfNest(version, "platform-fastify"), "reflect-metadata", "rxjs"],
    flags: ["--ignore-scripts"],
    inside: "nest",
    files: filesOfNest(),
    main: "fastify/main.js",
  });
  keepsThePromises(() => served);
});

describe.each(["0.5", "1.0.0-next.28"])("Polka %s", (version) => {
  const served = serving({
    name: `polka-${version}`,
    packages: [`polka@${version}`],
    files: programsOf("connect").filter(({ name }) => name === "polka.mjs"),
    main: "polka.mjs",
  });
  keepsThePromises(() => served);
});

describe("h3 2", () => {
  const served = serving({ name: "h3", packages: ["h3@2"], files: programsOf("h3").slice(0, 1), main: "server.mjs" });
  keepsThePromises(() => served);
});

/** The files of Next's page; for version 15 with what the page says to put in front of Next.js's own handler. */
function filesOfNext(version: string): { name: string; text: string }[] {
  const files = programsOf("next");
  if (version !== "15") return files;
  const handler = "server.use((req, res) => withRequest";
  const server = files.find(({ name }) => name === "server.mjs");
  expect(server?.text).toContain(handler);
  const middleware = blockWith("docs/frameworks/next.md", "Object.defineProperty").text;
  return files.map((file) =>
    file === server ? { ...file, text: file.text.replace(handler, `${middleware}${handler}`) } : file,
  );
}

describe.each(["15", "16"])("Next.js %s, built, behind Express", (version) => {
  const env = { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
  const served = serving({
    name: `next${version}`,
    packages: [`next@${version}`, "react@19", "react-dom@19", own("express")],
    flags: ["--ignore-scripts"],
    inside: "next",
    files: filesOfNext(version),
    main: "server.mjs",
    env,
    build: (folder) =>
      run(process.execPath, [join(folder, "../node_modules/next/dist/bin/next"), "build"], folder, env),
  });

  const routers = [
    ["the App Router", "/visit", "/"],
    ["the Pages Router", "/api/visit", "/visits"],
  ];

  it.each(routers)(
    "a page of %s reads the session that was changed, and sets no cookie itself",
    async (_name, visit, path) => {
      const changed = await fetch(served.url + visit, { method: "POST" });
      const cookie = changed.headers.getSetCookie()[0]!.split(";")[0]!;
      const page = await fetch(served.url + path, { headers: { cookie } });
      expect((await page.text()).replaceAll("<!-- -->", "")).toContain("You have been here 1 times.");
      expect(page.headers.getSetCookie()).toEqual([]);
    },
  );

  describe.each(routers.map(([, path]) => path!).toReversed())("%s", (path) => {
    keepsThePromises(() => served, {
      visit: { path, method: "POST" },
      logOut: false,
      stops: path === "/visit",
      counted: (views) => JSON.stringify({ views }),
    });
  });
});
