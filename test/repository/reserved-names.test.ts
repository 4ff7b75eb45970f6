/** Names that express-session's `Session` has itself: that it lacks what is stored under them is no change by a request. */
import type { RedisClientType } from "redis";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { redisSession } from "holdfast";
import { openSite, type Handlers } from "../parity/support/site.js";
import { callsOf } from "../support/commands.js";
import { useRedis } from "../support/servers/use-redis.js";

const secret = "reserved names: a secret that is long enough for everyone";
const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());

const stored = { a: 1, toString: "kept", save: { kept: true } };

describe.each(["json", "hash"] as const)("layout %s", (layout) => {
  async function visitorOf(handlers: Handlers) {
    const middleware = redisSession({ client, secret, layout, cookie: { secure: false } });
    const site = await openSite(middleware as never, {
      "/begin": (req, res) => ((req.session.a = 0), res.end()),
      ...(handlers as object),
    });
    onTestFinished(() => site.close());
    const visitor = site.visitor();
    await visitor.get("/begin");
    const [key] = await client.keys("*");
    // As another program, or a store without a `Session`, may have written it.
    if (layout === "hash")
      for (const [name, value] of Object.entries(stored)) await client.hSet(key!, name, JSON.stringify(value));
    else {
      const { cookie } = JSON.parse((await client.get(key!))!) as { cookie: unknown };
      await client.set(key!, JSON.stringify({ cookie, ...stored }), { expiration: "KEEPTTL" });
    }
    const found = async () => {
      if (layout === "json") return JSON.parse((await client.get(key!))!) as Record<string, unknown>;
      const fields = Object.entries(await client.hGetAll(key!));
      return Object.fromEntries(fields.map(([name, text]) => [name, JSON.parse(text) as unknown]));
    };
    return { visitor, found };
  }

  /** How many scripts have run: each save is one. */
  const saves = () => callsOf(client, "evalsha");

  test("a page that only reads saves nothing", async () => {
    const { visitor } = await visitorOf({ "/read": (req, res) => res.end(String(req.session.a)) });
    const before = await saves();
    for (let page = 0; page < 3; page++) expect((await visitor.get("/read")).text).toBe("1");
    expect(await saves()).toBe(before);
  });

  test("a change beside them is saved", async () => {
    const { found, visitor } = await visitorOf({ "/change": (req, res) => (req.session.a++, res.end()) });
    await visitor.get("/change");
    await visitor.get("/change");
    expect(await found()).toMatchObject({ a: 3 });
  });
});
