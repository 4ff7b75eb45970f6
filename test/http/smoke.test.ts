import express from "express";
import request from "supertest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { redisSession } from "holdfast";
import { startRedis, type TestRedis } from "../support/redis-server.js";

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

test("a session survives from one request to the next", async () => {
  const sessions = redisSession({ url: redis.url, secret: "a secret that is long enough for this" });
  const app = express();
  app.use(sessions);
  app.get("/", (req, res) => {
    const s = req.session as unknown as { views?: number };
    s.views = (s.views ?? 0) + 1;
    res.json({ views: s.views });
  });
  await sessions.ready();
  const agent = request.agent(app);
  expect((await agent.get("/")).body).toEqual({ views: 1 });
  expect((await agent.get("/")).body).toEqual({ views: 2 });
  expect((await agent.get("/")).headers["set-cookie"]).toBeUndefined();
  await sessions.close();
});
