/** Promise 1: the same keys, text and options as connect-redis, in both directions. */
import { RedisStore } from "connect-redis";
import session from "express-session";
// @ts-expect-error Express 4 under another name brings no types along
import express4 from "express4";
import express5 from "express";
import connect from "connect";
import { createServer } from "node:http";
import request from "supertest";
import { beforeAll, describe, expect, test } from "vitest";
import { redisSession, RedisSessionStore } from "holdfast";
import type { RedisClientType } from "redis";
import { useRedis } from "../support/servers/use-redis.js";
import { startSite, Visitor, type Handler } from "../support/web-site.js";
import { connectRedis, ours, secret } from "./candidates.js";

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});

const handler: Handler = (req, res, url) => {
  if (url.pathname === "/write") {
    Object.assign(req.session, {
      user: "anna",
      cart: { rope: { quantity: 2 } },
      none: null,
      list: [],
      at: new Date(0),
      ключ: "💡",
    });
  }
  const { cookie: _cookie, ...values } = req.session;
  res.end(JSON.stringify(values));
};

const all = [...ours, connectRedis];
const pairs = all
  .flatMap((writer) => all.filter((reader) => reader !== writer).map((reader) => ({ writer, reader })))
  .filter(({ writer, reader }) => !(writer.layout === "hash" && reader === connectRedis)); // which knows strings only

test.each(pairs)("$writer.name writes what $reader.name reads, with the same cookie", async ({ writer, reader }) => {
  const first = await startSite(writer.create({ client, maxAge: 60_000 }), handler);
  const visitor = new Visitor(first);
  const written = (await visitor.get("/write")).body;
  await first.close();
  const second = await startSite(reader.create({ client, maxAge: 60_000 }), handler);
  expect(JSON.parse((await new Visitor(second, visitor.cookie).get("/read")).body)).toEqual(JSON.parse(written));
  await second.close();
});

test("the text in Redis is connect-redis' to the letter, and so is its time to live", async () => {
  const stored = [];
  for (const candidate of [connectRedis, ...ours.filter(({ layout }) => layout === "json")]) {
    const site = await startSite(candidate.create({ client, maxAge: 3600_000 }), handler);
    const visitor = new Visitor(site);
    const began = Date.now();
    await visitor.get("/write");
    const took = Date.now() - began;
    const whole = (await client.get(`sess:${visitor.id}`))!;
    const text = whole.replace(/"expires":"[^"]+"/, '"expires":"…"');
    stored.push(text.replace(/,"(secure|sameSite)":(false|"lax")/g, ""));
    // Both round the time to live up to whole seconds, so a key lives up to a second longer than its cookie. An embedded
    // server reads the clock once for several commands.
    const { cookie } = JSON.parse(whole) as { cookie: { expires: string } };
    const longer = (await client.pExpireTime(`sess:${visitor.id}`)) - Date.parse(cookie.expires);
    expect(longer).toBeGreaterThanOrEqual(-100);
    expect(longer).toBeLessThanOrEqual(1000 + took);
    await site.close();
  }
  expect(stored[1]).toEqual(stored[0]);
  expect(stored[2]).toEqual(stored[0]);
});

describe.each([
  ["Express 5", express5],
  ["Express 4", express4 as unknown as typeof express5],
  ["Connect", connect as unknown as typeof express5],
])("on %s", (_name, framework) => {
  test("one app.use() keeps the session", async () => {
    const app = framework();
    app.use(redisSession({ client, secret }));
    app.use((req, res) => {
      const session = req.session as unknown as { views?: number };
      session.views = (session.views ?? 0) + 1;
      res.end(String(session.views));
    });
    const agent = request.agent(createServer(app));
    expect((await agent.get("/")).text).toBe("1");
    expect((await agent.get("/")).text).toBe("2");
  });
});

test("connect-redis' options mean the same: prefix, ttl as a number and as a function, serializer, disableTTL, disableTouch", async () => {
  const serializer = {
    parse: (text: string) => JSON.parse(text.slice(1)),
    stringify: (data: object) => `#${JSON.stringify(data)}`,
  };
  const options = [
    { prefix: "a:" },
    { prefix: "" },
    { ttl: 77 },
    { ttl: () => 55 },
    { serializer },
    { disableTTL: true },
    { disableTouch: true },
  ];
  for (const option of options) {
    const seen: object[] = [];
    for (const Store of [RedisStore, RedisSessionStore]) {
      await client.flushDb();
      const store = new Store({ client, ...option });
      await store.set("id", { cookie: { originalMaxAge: null }, a: 1 } as never);
      await client
        .keys("*")
        .then(async (keys) => seen.push({ keys, text: await client.get(keys[0]!), ttl: await client.ttl(keys[0]!) }));
      await store.touch("id", await store.get("id"));
      expect(await store.get("id")).toMatchObject({ a: 1 });
    }
    expect(seen[1]).toEqual(seen[0]);
  }
});

test("it is a RedisStore and an express-session Store", () => {
  const store = new RedisSessionStore({ client });
  expect(store).toBeInstanceOf(RedisStore);
  expect(store).toBeInstanceOf(session.Store);
});

test("defaults differ from express-session's only where those are deprecated or unsafe", async () => {
  const site = await startSite(redisSession({ client, secret }), handler);
  const fresh = await new Visitor(site).get("/read");
  expect(fresh.cookie).toBeUndefined(); // saveUninitialized: false
  const { headers } = await new Visitor(site).get("/write");
  expect(headers.get("set-cookie")).toMatch(/^connect\.sid=s%3A[\w-]{32}\.[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
  await site.close();
});

test("over TLS the default cookie is secure", async () => {
  const app = express5().set("trust proxy", 1).use(redisSession({ client, secret }));
  app.get("/", (req, res) => {
    (req.session as unknown as { a: number }).a = 1;
    res.end();
  });
  const { headers } = await request(app).get("/").set("X-Forwarded-Proto", "https");
  expect(headers["set-cookie"]![0]).toMatch(/; Secure; SameSite=Lax$/);
});
