/** The package in a NestJS app, with the exception filter of the documents: what a visitor is answered when a save fails. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript5";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { packedPackage, root, run, type Stranger } from "./stranger.js";

let redis: TestRedis;
let stranger: Stranger;

beforeAll(async () => {
  redis = await startRedis();
  stranger = await packedPackage();
}, 300_000);
afterAll(async () => {
  await redis?.stop();
  stranger?.remove();
}, 300_000);

/** With what decorators need. */
function filterOfTheDocuments(): string {
  const page = readFileSync(join(root, "docs/life-of-a-request.md"), "utf8");
  const [, program] = /```ts\n([^`]*class SessionErrors [^`]*)```/.exec(page)!;
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    experimentalDecorators: true,
  };
  return ts.transpileModule(program!, { compilerOptions }).outputText;
}

it.each(["11", "12"])(
  "Nest %s: a save that fails is 503, and with the filter it says when to come again",
  async (version) => {
    const message = "Service Unavailable"; // and not ours, which is for logs
    const packages = ["core", "common", "platform-express"].map((name) => `@nestjs/${name}@${version}`);
    const folder = await stranger.install(
      `nest${version}`,
      [...packages, "reflect-metadata", "rxjs"],
      ["--ignore-scripts"],
    );
    writeFileSync(join(folder, "nest/session-errors.mjs"), filterOfTheDocuments());
    const { stdout } = await run(process.execPath, ["nest/app.mjs"], folder, { REDIS_URL: redis.url });
    const well = { status: 200, retryAfter: null, body: 1 };
    expect(JSON.parse(stdout)).toEqual([
      { well, full: { status: 503, retryAfter: null, body: { statusCode: 503, message } } },
      { well, full: { status: 503, retryAfter: "1", body: { statusCode: 503, message: "SESSION_STORE_UNAVAILABLE" } } },
    ]);
  },
  300_000,
);
