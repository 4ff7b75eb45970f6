/** docs/guides/from-connect-redis.md: its program runs, and what it says of clients, options and rights is so. */
import express from "express";
import { createRequire } from "node:module";
import { createClient, type RedisClientType } from "redis";
import { agent } from "supertest";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { redisSession, RedisSessionStore } from "holdfast";
import { secret } from "../../promises/candidates.js";
import { redisServerPath } from "../../support/programs.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { blockWith } from "../support/pages.js";
import { useBlocks } from "../support/run-block.js";

const page = "docs/guides/from-connect-redis.md";
const require = createRequire(import.meta.url);
const redis = useRedis();
const blocks = useBlocks();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});

function counting(app: express.Express) {
  return app.get("/", (req, res) => {
    const session = req.session as unknown as { views?: number };
    session.views = (session.views ?? 0) + 1;
    res.send(String(session.views));
  });
}

it("the program with a client of one's own runs", async () => {
  const app = express();
  process.env["REDIS_URL"] = redis.url;
  onTestFinished(() => void delete process.env["REDIS_URL"]);
  const { redis: own } = await blocks.run(blockWith(page, "createClient"), { app, secret }, ["redis"]);
  onTestFinished(() => own.destroy());
  const visitor = agent(counting(app));
  expect([(await visitor.get("/")).text, (await visitor.get("/")).text]).toEqual(["1", "2"]);
});

it("connect() need not have finished, but must have been called", async () => {
  const early = createClient({ url: redis.url }) as RedisClientType;
  early.on("error", () => {});
  onTestFinished(() => early.destroy());
  const connecting = early.connect();
  const app = counting(express().use(redisSession({ client: early, secret })));
  const visitor = agent(app);
  expect((await visitor.get("/")).text).toBe("1");
  await connecting;
});

describe("refused, in words", () => {
  const reasonOf = (call: () => unknown) => {
    try {
      call();
    } catch (error) {
      return error as { code: string; message: string };
    }
    throw new Error("it was accepted");
  };

  it("a factory, as up to version 6", () => {
    const session = require("express-session") as object;
    const Factory = RedisSessionStore as unknown as new (of: object) => unknown;
    const { code, message } = reasonOf(() => new Factory(session));
    expect([code, message]).toEqual(["HOLDFAST_CLIENT_INVALID", expect.stringContaining("It is the class itself")]);
  });

  it("an address in place of a client, as in version 3", () => {
    const { code, message } = reasonOf(() => new RedisSessionStore({ host: "127.0.0.1", port: 6379 } as never));
    expect([code, message]).toEqual(["HOLDFAST_CLIENT_INVALID", expect.stringContaining("redisSession({ url")]);
  });

  it("a client of redis 4 with legacyMode", () => {
    const { createClient: create4 } = require("redis4") as { createClient(options: object): object };
    const { message } = reasonOf(() => redisSession({ client: create4({ legacyMode: true }), secret }));
    expect(message).toContain("legacyMode");
    expect(() => redisSession({ client: create4({}), secret })).not.toThrow();
  });
});

describe("the option ttl", () => {
  const stored = async (ttl: number | (() => number), maxAge: number | null) => {
    const store = new RedisSessionStore({ client, ttl });
    const expires = maxAge === null ? null : new Date(Date.now() + maxAge);
    await store.set("a", { cookie: { originalMaxAge: maxAge, expires } } as never);
    return client.ttl("sess:a");
  };

  it("counts if the cookie has no maxAge; a function overrules the cookie", async () => {
    expect(await stored(3600, null)).toBe(3600);
    expect(await stored(3600, 60_000)).toBe(60);
    expect(await stored(() => 3600, 60_000)).toBe(3600);
  });
});

it.skipIf(!redisServerPath)(
  "a Redis user with the rights that connect-redis needs gets 503, reason no-permission",
  async () => {
    const rights = "on nopass resetkeys ~sess:* resetchannels -@all +get +set +expire +del +mget +scan +ping";
    await client.sendCommand(["ACL", "SETUSER", "theirs", "reset", ...rights.split(" ")]);
    const theirs = createClient({ url: redis.url.replace("//", "//theirs:any@"), disableOfflineQueue: true });
    theirs.on("error", () => {});
    await theirs.connect();
    onTestFinished(() => theirs.destroy());
    const app = counting(
      express()
        .set("env", "test")
        .use(redisSession({ client: theirs, secret })),
    );
    let reason: unknown;
    app.use(((error, _req, res, _next) => {
      ({ reason } = error as { reason: unknown });
      res.sendStatus((error as { status: number }).status);
    }) satisfies express.ErrorRequestHandler);
    const visitor = agent(app);
    expect((await visitor.get("/")).text).toBe("1"); // a new session is a SET
    expect((await visitor.get("/")).status).toBe(503);
    expect(reason).toBe("no-permission");
  },
);
