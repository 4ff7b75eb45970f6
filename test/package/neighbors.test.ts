/** What people mount beside sessions (docs/guides/other-middleware.md), tried with the packed package. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../docs/support/pages.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { own, packedPackage, run, type Stranger } from "./stranger.js";

const page = "docs/guides/other-middleware.md";
const packages = [
  own("express"),
  "express4@npm:express@4",
  own("redis"),
  own("compression"),
  "passport06@npm:passport@0.6",
  ...`passport@0.7 passport-local@1 passport-custom@1 restify@11 csurf@1 lusca@1 csrf-csrf@4 csrf-sync@4
    express-rate-limit@8 connect-flash@0.1 express-fileupload@1 multer@2 helmet@8 http-proxy-middleware@3 graphql@16
    graphql-http@1 @apollo/server@5 @as-integrations/express5@1 @auth/express@0.12 i18next@26 i18next-http-middleware@3
    cookie-parser@1 vhost@3 cors@2 morgan@1 method-override@3 connect-timeout@1`.split(/\s+/),
];

let stranger: Stranger;
let folder: string;
let redis: TestRedis;

beforeAll(async () => {
  [stranger, redis] = await Promise.all([packedPackage(), startRedis()]);
  folder = await stranger.install("neighbors", packages, ["--ignore-scripts", "--legacy-peer-deps"]);
}, 300_000);
afterAll(async () => {
  stranger?.remove();
  await redis?.stop();
}, 300_000);

describe.each(["forms", "responses", "apps"])("%s", (program) => {
  it("every neighbor works, and a change that is not saved is no success with it", { timeout: 240_000 }, async () => {
    const { stdout } = await run(process.execPath, [`neighbors/${program}.mjs`], folder, { REDIS_URL: redis.url });
    const tried = JSON.parse(stdout) as Record<string, string>;
    expect(Object.keys(tried).length).toBeGreaterThan(10);
    expect(tried).toEqual(Object.fromEntries(Object.keys(tried).map((name) => [name, "works"])));
  });
});

it("the page says of nothing that it is tested which is not", () => {
  const named = rowsOf(page, "package").flatMap(([cell]) => [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
  const installed = packages.map((name) => name.replace(/(?<=.)@.*/, ""));
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((name) => !installed.includes(name))).toEqual([]);
});
