/** docs/guides/single-page-apps.md: its programs answer a preflight, readable errors and nobody else's pages. */
import express from "express";
import type { RedisClientType } from "redis";
import request, { agent } from "supertest";
import { beforeAll, describe, expect, it } from "vitest";
import { secret } from "../../promises/candidates.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { blocksOf } from "../support/pages.js";
import { useBlocks } from "../support/run-block.js";

const [sameSite, otherSite] = blocksOf("docs/guides/single-page-apps.md", "ts");
const redis = useRedis();
const blocks = useBlocks();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});

const https = { "X-Forwarded-Proto": "https" };

describe.each([
  ["same site", sameSite!, "https://www.shop.example", /SameSite=Lax/, "same-site"],
  ["another site", otherSite!, "https://shop.example", /SameSite=None/, "cross-site"],
])("%s", (_, block, origin, attribute, site) => {
  let app: express.Express;
  const page = { ...https, Origin: origin, "Sec-Fetch-Site": site };
  beforeAll(async () => {
    app = express().set("env", "test");
    await blocks.run(block, { app, client, secret });
    app.post("/order", (req, res) => {
      const session = req.session as unknown as { orders?: number };
      session.orders = (session.orders ?? 0) + 1;
      res.json(session.orders);
    });
    app.get("/broken", (req, res) => {
      Object.assign(req.session, { big: 1n });
      res.send("a success that was not saved");
    });
    app.use(((error, _req, res, _next) => {
      res.sendStatus((error as { status?: number }).status ?? 500);
    }) satisfies express.ErrorRequestHandler);
  });

  it("answers a preflight without looking a session up", async () => {
    const answer = await request(app)
      .options("/order")
      .set({ ...page, "Access-Control-Request-Method": "POST" });
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
    });
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  it("the page keeps its session, with a cookie that the browser sends", async () => {
    const first = await request(app).post("/order").set(page);
    const [cookie] = first.headers["set-cookie"] as unknown as string[];
    expect(cookie).toMatch(attribute);
    expect(cookie).toMatch(/; Secure/);
    expect(cookie).not.toMatch(/Domain/i);
    const second = await request(app).post("/order").set(page).set("Cookie", cookie!.split(";")[0]!);
    expect([first.body, second.body]).toEqual([1, 2]);
  });

  it("other pages may not post, and do not get permission to read", async () => {
    const answer = await request(app)
      .post("/order")
      .set({ ...https, Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" });
    expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([403, undefined]);
  });

  it("an error of a save that failed keeps its CORS headers", async () => {
    const answer = await agent(app).get("/broken").set(page);
    expect(answer.text).not.toContain("a success");
    expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([500, origin]);
  });
});
