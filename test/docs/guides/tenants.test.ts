/** docs/guides/tenants.md: no session of one tenant exists for another, with its programs and without. */
import express from "express";
import type { RedisClientType } from "redis";
import request from "supertest";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { redisSession } from "holdfast";
import { secret } from "../../promises/candidates.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { blocksOf, blockWith } from "../support/pages.js";
import { pasted } from "../support/command-in-process.js";
import { useBlocks } from "../support/run-block.js";

const page = "docs/guides/tenants.md";
const redis = useRedis();
const blocks = useBlocks();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());

type Values = { user?: string };
function pages(app: express.Express): express.Express {
  app.get("{/:tenant}/login", (req, res) => {
    (req.session as unknown as Values).user = "ada";
    res.end();
  });
  return app.get("{/:tenant}/", (req, res) => void res.send(String((req.session as unknown as Values).user)));
}

async function cookieFrom(app: express.Express, host: string, path = "/login"): Promise<string> {
  const { headers } = await request(app).get(path).set("Host", host);
  return (headers["set-cookie"] as unknown as string[])[0]!.split(";")[0]!;
}
const userAt = async (app: express.Express, host: string, cookie: string, path = "/") =>
  (await request(app).get(path).set("Host", host).set("Cookie", cookie)).text;

describe("a middleware for each host", () => {
  let app: express.Express;
  let sessionsOf: Map<object, unknown>;
  beforeEach(async () => {
    app = express();
    process.env["ACME_SECRET"] = "the secret of acme, of at least 32 characters";
    process.env["UMBRELLA_SECRET"] = "the secret of umbrella, of at least 32 characters";
    ({ sessionsOf } = (await blocks.run(blockWith(page, "new Map<string, Tenant>"), { app, client }, [
      "sessionsOf",
    ])) as { sessionsOf: Map<object, unknown> });
    delete process.env["ACME_SECRET"];
    delete process.env["UMBRELLA_SECRET"];
    pages(app);
  });

  it("keeps its sessions under its prefix, and the other tenant does not know them", async () => {
    const cookie = await cookieFrom(app, "acme.example");
    expect(await client.keys("*")).toEqual([expect.stringMatching(/^acme:sess:/)]);
    expect(await userAt(app, "acme.example", cookie)).toBe("ada");
    expect(await userAt(app, "umbrella.example", cookie)).toBe("undefined");
  });

  it("is made once for each tenant, and never for a made-up name", async () => {
    for (let i = 0; i < 3; i++) await cookieFrom(app, "acme.example");
    for (let i = 0; i < 3; i++)
      expect((await request(app).get("/").set("Host", `made-up-${i}.example`)).status).toBe(404);
    expect(sessionsOf.size).toBe(1);
  });
});

it.each([
  ["the prefix alone, with the same secret", { prefix: "b:sess:", secret }],
  ["the secret alone, with the same prefix", { prefix: "a:sess:", secret: "another secret of at least 32 characters" }],
])("%s keeps a cookie from being worth anything at the other", async (_, other) => {
  const a = pages(express().use(redisSession({ client, prefix: "a:sess:", secret })));
  const b = pages(express().use(redisSession({ client, ...other })));
  const cookie = await cookieFrom(a, "a.example");
  expect([await userAt(a, "a.example", cookie), await userAt(b, "b.example", cookie)]).toEqual(["ada", "undefined"]);
});

it("the same prefix and secret: the other host accepts the cookie, as the page warns", async () => {
  const [a, b] = [1, 2].map(() => pages(express().use(redisSession({ client, secret }))));
  expect(await userAt(b!, "b.example", await cookieFrom(a!, "a.example"))).toBe("ada");
});

it("on one host, by path: each has its cookie and its sessions", async () => {
  const app = express();
  await blocks.run(blockWith(page, "for (const id of"), { app, client, secret });
  pages(app);
  const cookie = await cookieFrom(app, "shop.example", "/acme/login");
  expect(cookie).toMatch(/^acme\.sid=/);
  expect(await userAt(app, "shop.example", cookie, "/acme/")).toBe("ada");
  expect(await userAt(app, "shop.example", cookie.replace("acme", "umbrella"), "/umbrella/")).toBe("undefined");
  expect(await client.keys("*")).toEqual([expect.stringMatching(/^acme:sess:/)]);
});

it("with logins: devices, limits and accounts have the tenant's prefix", async () => {
  const block = blockWith(page, "new RedisAccounts");
  const { auth, sessions } = await blocks.run(block, { client, secret }, ["auth", "sessions"]);
  const app = express().use(sessions, auth.middleware, express.json());
  app.post("/register", auth.json().register).post("/login", auth.json().logIn);
  const ada = { username: "Ada", password: "correct horse" };
  expect((await request(app).post("/register").send(ada)).status).toBe(201);
  expect(
    (
      await request(app)
        .post("/login")
        .send({ ...ada, password: "wrong horse" })
    ).status,
  ).toBe(401);
  const keys = await client.keys("*");
  const kinds = [...new Set(keys.map((key) => key.split(":")[1]))].toSorted();
  expect(kinds).toEqual(["devices", "sess", "throttle", "user", "username"]);
  expect(keys.filter((key) => !key.startsWith("acme:"))).toEqual([]);
});

it("the commands see one tenant", async () => {
  for (const id of ["acme", "umbrella", "umbrella2"]) {
    const app = pages(express().use(redisSession({ client, prefix: `${id}:sess:`, secret })));
    await cookieFrom(app, `${id}.example`);
  }
  const [block] = blocksOf(page, "sh");
  const lines = block!.text.trim().split("\n");
  const outputs: string[] = [];
  for (const line of lines.filter((line) => !line.includes("clear"))) {
    const { code, stdout, stderr } = await pasted(line, { REDIS_URL: redis.url });
    expect({ line, code: line.includes("doctor") ? 0 : code, stderr }).toMatchObject({ line, code: 0 });
    outputs.push(stdout);
  }
  expect(outputs[0]).toMatch(/^1\b/);
  const clear = `${lines.find((line) => line.includes("clear"))!} --yes`;
  expect((await pasted(clear, { REDIS_URL: redis.url })).code).toBe(0);
  expect((await client.keys("*:sess:*")).map((key) => key.split(":")[0]).toSorted()).toEqual(["umbrella", "umbrella2"]);
});
