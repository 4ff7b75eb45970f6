/** docs/frameworks: the program of each page runs as it stands there, and keeps the promises. NestJS, Next.js, Polka and h3 2: test/package. */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/servers/free-port.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { keepsThePromises, programsOf, serveProgram } from "./support/framework-promises.js";

const build = fileURLToPath(new URL(`../../.build/frameworks-${process.pid}/`, import.meta.url));
afterAll(() => rmSync(build, { recursive: true, force: true }));

const all = ["connect", "fastify", "h3", "hono", "koa"].flatMap((page) =>
  programsOf(page).map(({ text }, i) => ({ name: `${page}-${i + 1}`, text })),
);
/** Those for h3 2 and Polka, which are not installed here, run in test/package. */
const programs = all.filter(({ name }) => name !== "h3-1" && name !== "connect-3");

it("each page has its programs", () => {
  const names = ["connect-1", "connect-2", "connect-3", "fastify-1", "fastify-2", "h3-1", "h3-2", "hono-1", "koa-1"];
  expect(all.map(({ name }) => name)).toEqual(names);
});

describe.each(programs)("$name", ({ name, text }) => {
  let redis: TestRedis;
  let server: ChildProcess | undefined;
  let url: string;

  beforeAll(async () => {
    redis = await startRedis();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    mkdirSync(build, { recursive: true });
    const file = join(build, `${name}.mjs`); // inside the package, so that `holdfast` is this one, as built
    writeFileSync(file, text.replace("3000", String(port)));
    server = await serveProgram(file, port, redis);
  });
  afterAll(async () => {
    server?.kill("SIGKILL");
    await redis.stop();
  });

  keepsThePromises(() => ({ url, redis }));
});
