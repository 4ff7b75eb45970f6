/** The option `firstVisitTtl`: a new session lives shortly until its visitor comes back with the cookie. */
import express from "express";
import session from "express-session";
import type { RedisClientType } from "redis";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  redisSession,
  RedisSessionStore,
  type RedisLayoutOptions,
  type RedisSessionOptionsBase,
  type RedisSessionStoreOptionsBase,
} from "holdfast";
import { secret } from "../promises/candidates.js";
import { useRedis } from "../support/servers/use-redis.js";
import { startSite, Visitor, type Handler, type Middleware, type Site } from "../support/web-site.js";

const redis = useRedis();
let client: RedisClientType;
const sites: Site[] = [];
const closers: (() => Promise<void>)[] = [];
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushAll());
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close();
  for (const close of closers.splice(0)) await close();
});

const first = 120;
const whole = 86_400;

const handler: Handler = async (req, res, url) => {
  const save = () =>
    new Promise<void>((resolve, reject) =>
      req.session.save((error: unknown) => (error ? reject(error as Error) : resolve())),
    );
  if (url.pathname === "/twice") {
    req.session["a"] = 1;
    await save();
  }
  if (url.pathname === "/logs-in-late") {
    req.session["a"] = 1;
    await save();
    req.session["passport"] = { user: "ada" };
  }
  if (url.pathname === "/passport") req.session["passport"] = { user: "ada" };
  if (url.pathname === "/login") req.session["login"] = { user: { id: "ada" } };
  if (url.pathname === "/short") req.session.cookie.maxAge = 60_000;
  if (url.pathname !== "/read") req.session["n"] = (req.session["n"] ?? 0) + 1;
  res.end(String(req.session["n"]));
};

async function open(middleware: Middleware): Promise<Site> {
  const site = await startSite(middleware, handler);
  sites.push(site);
  return site;
}

const ours = (options: RedisSessionOptionsBase & RedisSessionStoreOptionsBase & RedisLayoutOptions = {}) => {
  const sessions = redisSession({ client, secret, firstVisitTtl: first, ...options });
  closers.push(() => sessions.close());
  return open(sessions);
};
const plain = (options: object = {}) =>
  open(
    session({
      store: new RedisSessionStore({ client, firstVisitTtl: first, ...options }),
      secret,
      resave: false,
      saveUninitialized: false,
    }) as unknown as Middleware,
  );

const makers: Record<string, () => Promise<Site>> = {
  "redisSession, layout json": () => ours(),
  "redisSession, layout hash": () => ours({ layout: "hash" }),
  "redisSession with a near cache": () => ours({ nearCache: {} }),
  "redisSession, rolling": () => ours({ rolling: true, cookie: { maxAge: whole * 1000 } }),
  "express-session, layout json": () => plain(),
  "express-session, layout hash": () => plain({ layout: "hash" }),
};
const ttl = (visitor: Visitor) => client.ttl(`sess:${visitor.id}`);
const near = (seconds: number) => ({ asymmetricMatch: (value: unknown) => Math.abs(Number(value) - seconds) <= 5 });

describe.each(Object.entries(makers))("%s", (_name, make) => {
  test.each(["/write", "/twice"])("a new session lives shortly: %s", async (path) => {
    const visitor = new Visitor(await make());
    await visitor.get(path);
    expect(await ttl(visitor)).toEqual(near(first));
  });

  test.each(["/read", "/write"])(
    "and wholly from the visitor's next request on, in the process that made it: %s",
    async (path) => {
      const visitor = new Visitor(await make());
      await visitor.get("/write");
      expect((await visitor.get(path)).status).toBe(200);
      await expect.poll(() => ttl(visitor)).toEqual(near(whole));
    },
  );

  test.each(["/read", "/write"])("and in another process: %s", async (path) => {
    const visitor = new Visitor(await make());
    await visitor.get("/write");
    await new Visitor(await make(), visitor.cookie).get(path);
    await expect.poll(() => ttl(visitor)).toEqual(near(whole));
  });

  test.each(["/passport", "/login", "/logs-in-late"])("at once if a login was begun in it: %s", async (path) => {
    const visitor = new Visitor(await make());
    await visitor.get(path);
    expect(await ttl(visitor)).toEqual(near(whole));
  });

  test("never longer than its cookie says", async () => {
    const visitor = new Visitor(await make());
    await visitor.get("/short");
    expect(await ttl(visitor)).toEqual(near(60));
  });
});

test("an answer that ends late does not take back the life of a visitor who has come back meanwhile", async () => {
  let end!: () => void;
  const held = new Promise<void>((resolve) => (end = resolve));
  let saved!: () => void;
  const isSaved = new Promise<void>((resolve) => (saved = resolve));
  const sessions = redisSession({ client, secret, firstVisitTtl: first });
  const app = express().use(sessions);
  app.get("/stream", async (req, res) => {
    const { session } = req as unknown as { session: Record<string, number> };
    session["a"] = 1;
    res.write("one");
    await held;
    session["b"] = 2;
    res.end("two");
    res.on("close", saved);
  });
  app.get("/", (_req, res) => void res.end());
  const site = await startSite(app as unknown as Middleware, () => {});
  sites.push(site);
  const response = await fetch(`${site.url}/stream`);
  const visitor = new Visitor(site, response.headers.getSetCookie()[0]!.split(";")[0]);
  await visitor.get("/");
  await expect.poll(() => ttl(visitor)).toEqual(near(whole));
  end();
  await response.text();
  await isSaved;
  expect(JSON.parse((await client.get(`sess:${visitor.id}`))!)).toMatchObject({ a: 1, b: 2 });
  expect(await ttl(visitor)).toEqual(near(whole));
});

test("the browser's cookie is as without it", async () => {
  const sessions = redisSession({ client, secret, firstVisitTtl: first, cookie: { maxAge: whole * 1000 } });
  const { headers } = await new Visitor(await open(sessions)).get("/write");
  const expires = /Expires=([^;]+)/.exec(headers.getSetCookie()[0]!)![1]!;
  expect((Date.parse(expires) - Date.now()) / 1000).toEqual(near(whole));
});

test.each([
  [{ firstVisitTtl: 0 }, "`firstVisitTtl`"],
  [{ firstVisitTtl: "120" }, "`firstVisitTtl`"],
  [{ firstVisitTtl: 120, disableTouch: true }, "`disableTouch`"],
  [{ firstVisitTtl: 120, disableTTL: true }, "`disableTTL`"],
])("%o is refused", (options, words) => {
  expect(() => redisSession({ client, secret, ...(options as object) })).toThrow(
    expect.objectContaining({ code: "HOLDFAST_OPTION_INVALID", message: expect.stringContaining(words) as string }),
  );
});
