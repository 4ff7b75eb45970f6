/** docs/guides/from-cookie-session.md: who has a cookie of cookie-session stays logged in, and nobody else gets in. */
import { createRequire } from "node:module";
import express, { type Express, type RequestHandler } from "express";
import type { RedisClientType } from "redis";
import request, { agent } from "supertest";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { redisSession, type RedisSessionOptions } from "holdfast";
import { secret } from "../../promises/candidates.js";
import { freePort } from "../../support/servers/free-port.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { blockWith } from "../support/pages.js";
import { useBlocks } from "../support/run-block.js";

const page = "docs/guides/from-cookie-session.md";
const require = createRequire(import.meta.url);
const express4 = require("express4") as typeof express;
const cookieSession = require("cookie-session") as (options: object) => RequestHandler;

type Options = { name?: string; keys: string[]; path?: string; domain?: string; secure?: boolean };
type FromCookieSession = (options: Options, carried: string[]) => RequestHandler;
type Values = { userId?: string; cart?: object; admin?: boolean };

const redis = useRedis();
const blocks = useBlocks();
const keys = ["the key of the old cookie", "an older key"];
let client: RedisClientType;
let fromCookieSession: FromCookieSession;
beforeAll(async () => {
  client = await redis.client();
  const module = await blocks.load(blockWith(page, "// from-cookie-session.ts"));
  ({ fromCookieSession } = module as { fromCookieSession: FromCookieSession });
});
beforeEach(() => client.flushDb());

/** The cookies of a visitor of the app as it was. */
async function oldCookies(
  options: Partial<Options> = {},
  values: object = { userId: "7", cart: { rope: 2 }, admin: true },
) {
  const app = express().use(cookieSession({ keys, ...options }));
  app.get("/{*path}", (req, res) => {
    Object.assign((req as unknown as { session: object }).session, values);
    res.end();
  });
  const answer = await request(app)
    .get(`${options.path ?? ""}/login`)
    .set("X-Forwarded-Proto", "https");
  return (answer.headers["set-cookie"] as unknown as string[]).map((line) => line.split(";")[0]!);
}

function newApp(
  make: typeof express,
  options: Partial<Options> = {},
  more: Partial<RedisSessionOptions> = {},
): Express {
  const app = make().set("env", "test");
  app.use(redisSession({ client, secret, ...more } as RedisSessionOptions));
  app.use(fromCookieSession({ keys, ...options }, ["userId", "cart"]));
  app.get(/.*/, (req, res) => {
    const { userId, cart, admin } = req.session as unknown as Values;
    res.json({ userId, cart, admin, id: req.sessionID });
  });
  app.use(((error, _req, res, _next) => {
    res.sendStatus((error as { status?: number }).status ?? 500);
  }) satisfies express.ErrorRequestHandler);
  return app;
}

/** A browser: keeps what is set, and drops what is deleted. */
function browser(app: Express, cookies: readonly string[]) {
  const jar = new Map(cookies.map((cookie) => [cookie.split("=")[0]!, cookie]));
  return {
    jar,
    async get(path = "/") {
      const answer = await request(app)
        .get(path)
        .set("Cookie", [...jar.values()].join("; "));
      for (const line of (answer.headers["set-cookie"] as unknown as string[] | undefined) ?? []) {
        const [cookie] = line.split(";");
        const [name] = cookie!.split("=");
        if (/expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name!);
        else jar.set(name!, cookie!);
      }
      return answer;
    },
  };
}

describe.each([
  ["Express 5", express],
  ["Express 4", express4],
])("%s", (_, make) => {
  it("carries over what is named, once, and deletes the old cookie and its signature", async () => {
    const visitor = browser(newApp(make), await oldCookies());
    const first = await visitor.get();
    expect(first.body).toMatchObject({ userId: "7", cart: { rope: 2 } });
    expect(first.body).not.toHaveProperty("admin");
    expect([...visitor.jar.keys()]).toEqual(["connect.sid"]);
    const second = await visitor.get();
    expect(second.body).toEqual(first.body);
    expect(second.headers["set-cookie"]).toBeUndefined();
    expect(await client.keys("sess:*")).toHaveLength(1);
  });

  it("accepts a cookie that an older key signed", async () => {
    const visitor = browser(newApp(make), await oldCookies({ keys: [keys[1]!] }));
    expect((await visitor.get()).body.userId).toBe("7");
    expect([...visitor.jar.keys()]).toEqual(["connect.sid"]);
  });

  it.each([
    ["another key's signature", async () => oldCookies({ keys: ["a key of the attacker"] })],
    ["no signature", async () => (await oldCookies()).filter((cookie) => !cookie.startsWith("session.sig"))],
    [
      "contents that were changed",
      async () => {
        const forged = Buffer.from(JSON.stringify({ userId: "1" })).toString("base64");
        return (await oldCookies()).map((cookie) => (cookie.startsWith("session=") ? `session=${forged}` : cookie));
      },
    ],
    [
      "the signature of another cookie's name",
      async () => (await oldCookies({ name: "other" })).map((cookie) => cookie.replace("other", "session")),
    ],
    ["nothing in it", async () => ["session=", "session.sig="]],
  ])("carries over nothing from a cookie with %s", async (_case, cookies) => {
    const visitor = browser(newApp(make), await cookies());
    const { status, body } = await visitor.get();
    expect([status, body.userId]).toEqual([200, undefined]);
    expect(await client.keys("sess:*")).toEqual([]);
  });

  it("a session that somebody else has prepared is not the one that gets the login", async () => {
    const app = newApp(make);
    const attacker = browser(app, await oldCookies({}, { cart: {} }));
    const prepared = (await attacker.get()).body.id as string;
    const victim = browser(app, [...attacker.jar.values(), ...(await oldCookies())]);
    const { body } = await victim.get();
    expect(body.userId).toBe("7");
    expect(body.id).not.toBe(prepared);
    expect((await attacker.get()).body.userId).toBeUndefined();
  });

  it("deletes a cookie with a path, and one that is secure, behind a proxy that is not trusted too", async () => {
    const app = newApp(make, { path: "/shop", secure: true });
    const old = await oldCookies({ path: "/shop" });
    const { headers, body } = await browser(app, old).get("/shop/cart");
    expect(body.userId).toBe("7");
    const deleted = (headers["set-cookie"] as unknown as string[]).filter((line) => line.startsWith("session"));
    expect(deleted).toHaveLength(2);
    for (const line of deleted) expect(line).toMatch(/path=\/shop; expires=Thu, 01 Jan 1970.*secure/i);
  });
});

describe("while Redis is down", () => {
  async function without(whenDown: "error" | "anonymous") {
    const sessions = redisSession({ url: `redis://127.0.0.1:${await freePort()}`, secret, whenDown });
    onTestFinished(() => sessions.close());
    const app = express().set("env", "test").use(sessions);
    app.use(fromCookieSession({ keys }, ["userId"]));
    app.get("/", (_req, res) => void res.send("page"));
    app.use(((error, _req, res, _next) => {
      res.sendStatus((error as { status?: number }).status ?? 500);
    }) satisfies express.ErrorRequestHandler);
    // A cookie that names a session, so that Redis is asked; and the old one.
    const signed = await agentCookie();
    return browser(app, [signed, ...(await oldCookies())]);
  }

  /** A valid session cookie of this secret. */
  async function agentCookie(): Promise<string> {
    const app = express().use(redisSession({ client, secret }));
    app.get("/", (req, res) => {
      (req.session as unknown as Values).userId = "0";
      res.end();
    });
    const { headers } = await agent(app).get("/");
    return (headers["set-cookie"] as unknown as string[])[0]!.split(";")[0]!;
  }

  it.each(["error", "anonymous"] as const)("with whenDown %s, the old cookie stays", async (whenDown) => {
    const visitor = await without(whenDown);
    expect((await visitor.get()).status).toBe(whenDown === "error" ? 503 : 200);
    expect([...visitor.jar.keys()]).toEqual(expect.arrayContaining(["session", "session.sig"]));
  });

  it("a new session that cannot be saved leaves the old cookie where it is, and the next visit carries it over", async () => {
    const visitor = browser(newApp(express), await oldCookies());
    await client.configSet({ maxmemory: "1", "maxmemory-policy": "noeviction" });
    onTestFinished(async () => {
      await client.configSet("maxmemory", "0");
    });
    expect((await visitor.get()).status).toBe(503);
    expect([...visitor.jar.keys()].toSorted()).toEqual(["session", "session.sig"]);
    await client.configSet("maxmemory", "0");
    expect((await visitor.get()).body.userId).toBe("7");
  });
});
