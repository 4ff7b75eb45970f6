/** What visitors get while Redis cannot be asked: an error, or, by option, the page as an anonymous visitor. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { redisSession, type RedisSessionMiddleware } from "holdfast";
import { secret } from "../promises/candidates.js";
import { freePort } from "../support/servers/free-port.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { startSite, Visitor, type Handler, type Site } from "../support/web-site.js";

let port: number;
let redis: TestRedis;
let sessions: RedisSessionMiddleware;
let site: Site;

const handler: Handler = async (req, res, url) => {
  const { session } = req;
  const perform = (method: "destroy" | "save") =>
    new Promise<void>((resolve, reject) =>
      session[method]((error: unknown) => (error ? reject(error as Error) : resolve())),
    );
  if (url.pathname === "/login") session["user"] = "anna";
  if (url.pathname === "/view") session["views"] = (session["views"] ?? 0) + 1;
  if (url.pathname === "/save") {
    session["views"] = -1;
    await perform("save");
  }
  if (url.pathname === "/logout") await perform("destroy");
  const { sessionDegraded } = req as { sessionDegraded?: boolean };
  res.end(JSON.stringify({ user: req.session?.["user"], degraded: sessionDegraded ?? false }));
};

const open = async (whenDown: "error" | "anonymous") => {
  sessions = redisSession({ url: `redis://127.0.0.1:${port}`, secret, whenDown });
  site = await startSite(sessions, handler);
  await sessions.ready();
};
beforeEach(async () => {
  port = await freePort();
  redis = await startRedis({ port });
});
afterEach(async () => {
  await site.close();
  await sessions.close();
  await redis.stop();
});

test('"error": 503 with Retry-After, at once, and service comes back by itself', async () => {
  await open("error");
  const visitor = new Visitor(site);
  await visitor.get("/login");
  await redis.stop();
  await expect.poll(async () => (await visitor.get("/view")).status).toBe(503);
  const start = performance.now();
  const { headers, body } = await visitor.get("/view");
  expect(performance.now() - start).toBeLessThan(2500); // no deadline of five seconds was waited for
  expect([headers.get("retry-after"), body]).toEqual(["1", "SESSION_STORE_UNAVAILABLE"]);
  redis = await startRedis({ port });
  await expect.poll(async () => (await visitor.get("/view")).status, { timeout: 5000 }).toBe(200);
});

describe('"anonymous"', () => {
  test("the page with an empty session, which is not saved; the cookie is left alone, and works again afterwards", async () => {
    await open("anonymous");
    const client = await redis.client();
    const visitor = new Visitor(site);
    await visitor.get("/login");
    const stored = await client.get(`sess:${visitor.id}`);
    await redis.stop();
    for (const path of ["/view", "/save", "/login", "/read"]) {
      await expect.poll(async () => (await visitor.get(path)).status).toBe(200);
      const { body, cookie } = await visitor.get(path);
      expect(JSON.parse(body)).toMatchObject({ degraded: true });
      expect(cookie).toBeUndefined();
    }
    redis = await startRedis({ port });
    await (await redis.client()).set(`sess:${visitor.id}`, stored!);
    const read = async () => JSON.parse((await visitor.get("/read")).body) as object;
    await expect.poll(read, { timeout: 5000 }).toEqual({ user: "anna", degraded: false });
  });

  test("a new visitor is served without a session", async () => {
    await open("anonymous");
    await redis.stop();
    const view = async () => {
      const { status, cookie, body } = await new Visitor(site).get("/view");
      return [status, cookie, body];
    };
    await expect.poll(view).toEqual([200, undefined, '{"degraded":false}']);
    redis = await startRedis({ port });
  });

  test("a logout that cannot be done says so, instead of pretending", async () => {
    await open("anonymous");
    const visitor = new Visitor(site);
    await visitor.get("/login");
    await redis.stop();
    await expect.poll(async () => (await visitor.get("/logout")).status).toBe(503);
    redis = await startRedis({ port });
  });

  test("a logout right after an outage ends the real session", async () => {
    await open("anonymous");
    const client = await redis.client();
    const visitor = new Visitor(site);
    await visitor.get("/login");
    await visitor.get("/logout");
    expect(await client.exists(`sess:${visitor.id}`)).toBe(0);
  });
});

test("once its error is answered, a request does not keep the process alive", async () => {
  await open("error");
  const app = express().use(sessions as express.RequestHandler, (_req, res) => void res.end());
  const server = createServer(app).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const visitor = new Visitor(site);
  await visitor.get("/login");
  await redis.stop();
  const visit = async () => (await fetch(url, { headers: { cookie: visitor.cookie! } })).status;
  await expect.poll(visit).toBe(503);
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  expect(await Promise.all(Array.from({ length: 30 }, visit))).toEqual(Array(30).fill(503));
  // Express gets five seconds to answer an error.
  await expect.poll(timers, { timeout: 3000 }).toBeLessThan(before + 20);
});
