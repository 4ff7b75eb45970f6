/** docs/frameworks: the programs for NestJS, Next.js, Polka and h3 2 run with the packed package, and keep the promises. */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript5";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepsThePromises, programsOf, serveProgram } from "../docs/support/framework-promises.js";
import { blockWith } from "../docs/support/pages.js";
import { freePort } from "../support/servers/free-port.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { own, packedPackage, run, type Stranger } from "./stranger.js";

let stranger: Stranger;

beforeAll(async () => {
  stranger = await packedPackage();
}, 300_000);
afterAll(() => stranger?.remove(), 300_000);

/** The files of the documents, with what decorators need. */
function filesOfTheDocuments(): { name: string; text: string }[] {
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    experimentalDecorators: true,
  };
  return programsOf("nestjs").map(({ name, text }) => ({
    name: name.replace(/\.ts$/, ".js"),
    text: ts.transpileModule(text, { compilerOptions }).outputText,
  }));
}

describe.each(["10", "11", "12"])("Nest %s", (version) => {
  let redis: TestRedis;
  let folder: string;
  let server: ChildProcess | undefined;
  let url: string;

  beforeAll(async () => {
    redis = await startRedis();
    const packages = ["core", "common", "platform-express"].map((name) => `@nestjs/${name}@${version}`);
    folder = await stranger.install(`nest${version}`, [...packages, "reflect-metadata", "rxjs"], ["--ignore-scripts"]);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    mkdirSync(join(folder, "nest/fastify"));
    for (const { name, text } of filesOfTheDocuments())
      writeFileSync(join(folder, "nest", name), text.replace("3000", String(port)));
    writeFileSync(join(folder, "nest/package.json"), JSON.stringify({ type: "module" }));
    server = await serveProgram("nest/main.js", port, redis, { cwd: folder });
  }, 300_000);
  afterAll(async () => {
    server?.kill("SIGKILL");
    await redis.stop();
  });

  it("a save that fails is 503, and with the filter it says when to come again", async () => {
    // Ours is for logs, which Nest knows from version 11 on.
    const message = version === "10" ? expect.stringContaining("could not be saved") : "Service Unavailable";
    const { stdout } = await run(process.execPath, ["nest/app.mjs"], folder, { REDIS_URL: redis.url });
    const well = { status: 200, retryAfter: null, body: 1 };
    expect(JSON.parse(stdout)).toEqual([
      { well, full: { status: 503, retryAfter: null, body: { statusCode: 503, message } } },
      { well, full: { status: 503, retryAfter: "1", body: { statusCode: 503, message: "SESSION_STORE_UNAVAILABLE" } } },
    ]);
  });

  keepsThePromises(() => ({ url, redis }));
});

describe.each(["11", "12"])("Nest %s on Fastify", (version) => {
  let redis: TestRedis;
  let server: ChildProcess | undefined;
  let url: string;

  beforeAll(async () => {
    redis = await startRedis();
    const packages = ["core", "common", "platform-fastify"].map((name) => `@nestjs/${name}@${version}`);
    const name = `nest${version}-fastify`;
    const folder = await stranger.install(name, [...packages, "reflect-metadata", "rxjs"], ["--ignore-scripts"]);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    mkdirSync(join(folder, "nest/fastify"));
    for (const { name, text } of filesOfTheDocuments())
      writeFileSync(join(folder, "nest", name), text.replace("3000", String(port)));
    writeFileSync(join(folder, "nest/package.json"), JSON.stringify({ type: "module" }));
    server = await serveProgram("nest/fastify/main.js", port, redis, { cwd: folder });
  }, 300_000);
  afterAll(async () => {
    server?.kill("SIGKILL");
    await redis.stop();
  });

  keepsThePromises(() => ({ url, redis }));
});

describe.each(["0.5", "1.0.0-next.28"])("Polka %s", (version) => {
  let redis: TestRedis;
  let server: ChildProcess | undefined;
  let url: string;

  beforeAll(async () => {
    redis = await startRedis();
    const folder = await stranger.install(`polka-${version}`, [`polka@${version}`]);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const program = programsOf("connect").find(({ name }) => name === "polka.mjs");
    writeFileSync(join(folder, "polka.mjs"), program!.text.replace("3000", String(port)));
    server = await serveProgram("polka.mjs", port, redis, { cwd: folder });
  }, 300_000);
  afterAll(async () => {
    server?.kill("SIGKILL");
    await redis.stop();
  });

  keepsThePromises(() => ({ url, redis }));
});

describe("h3 2", () => {
  let redis: TestRedis;
  let server: ChildProcess | undefined;
  let url: string;

  beforeAll(async () => {
    redis = await startRedis();
    const folder = await stranger.install("h3", ["h3@2"]);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const [program] = programsOf("h3");
    writeFileSync(join(folder, "server.mjs"), program!.text.replace("3000", String(port)));
    server = await serveProgram("server.mjs", port, redis, { cwd: folder });
  }, 300_000);
  afterAll(async () => {
    server?.kill("SIGKILL");
    await redis.stop();
  });

  keepsThePromises(() => ({ url, redis }));
});

/** In front of Next.js's own handler. */
function addToServer(folder: string, middleware: string): void {
  const file = join(folder, "server.mjs");
  const program = readFileSync(file, "utf8");
  const handler = "server.use((req, res) => withRequest";
  expect(program).toContain(handler);
  writeFileSync(file, program.replace(handler, `${middleware}${handler}`));
}

describe.each(["15", "16"])("Next.js %s, built, behind Express", (version) => {
  let redis: TestRedis;
  let server: ChildProcess | undefined;
  let url: string;

  beforeAll(async () => {
    redis = await startRedis();
    const packages = [`next@${version}`, "react@19", "react-dom@19", own("express")];
    const name = `next${version}`;
    const folder = join(await stranger.install(name, packages, ["--ignore-scripts"]), "next");
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    for (const { name, text } of programsOf("next")) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text.replace("3000", String(port)));
    }
    if (version === "15") addToServer(folder, blockWith("docs/frameworks/next.md", "Object.defineProperty").text);
    const env = { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
    await run(process.execPath, [join(folder, "../node_modules/next/dist/bin/next"), "build"], folder, env);
    server = await serveProgram("server.mjs", port, redis, { cwd: folder, env });
  }, 300_000);
  afterAll(async () => {
    server?.kill("SIGKILL");
    await redis.stop();
  });

  const routers = [
    ["the App Router", "/visit", "/"],
    ["the Pages Router", "/api/visit", "/visits"],
  ];

  it.each(routers)(
    "a page of %s reads the session that was changed, and sets no cookie itself",
    async (_name, visit, path) => {
      const changed = await fetch(url + visit, { method: "POST" });
      const cookie = changed.headers.getSetCookie()[0]!.split(";")[0]!;
      const page = await fetch(url + path, { headers: { cookie } });
      expect((await page.text()).replaceAll("<!-- -->", "")).toContain("You have been here 1 times.");
      expect(page.headers.getSetCookie()).toEqual([]);
    },
  );

  describe.each(routers.map(([, path]) => path!).toReversed())("%s", (path) => {
    keepsThePromises(() => ({ url, redis }), {
      visit: { path, method: "POST" },
      logOut: false,
      stops: path === "/visit",
      counted: (views) => JSON.stringify({ views }),
    });
  });
});
