/** `RedisSessionStore` in @fastify/session, which copies what it reads into a session of its own. */
import cookies from "@fastify/cookie";
import sessions from "@fastify/session";
import fastify from "fastify";
import { beforeAll, describe, expect, it } from "vitest";
import { RedisSessionStore, sum } from "holdfast";
import type { RedisClientType } from "redis";
import { useRedis } from "../support/servers/use-redis.js";
import { Meeting } from "../support/web-site.js";

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});

/** A route waits at its meeting, so that the requests overlap. */
async function site(layout: "json" | "hash") {
  const app = fastify();
  const meetings = new Map<string, Meeting>();
  await app.register(cookies);
  await app.register(sessions, {
    secret: "a secret of at least 32 characters, for tests",
    cookie: { secure: false },
    saveUninitialized: false,
    store: new RedisSessionStore({ client, layout, merge: { count: sum } }) as never,
  });
  const wait = async (name: string) => await meetings.get(name)?.arrive();
  app.get<{ Params: { key: string } }>("/put/:key", async ({ session, params }) => {
    const values = session as unknown as Record<string, unknown>;
    await wait("put");
    values[params.key] = true;
    values["count"] = ((values["count"] as number | undefined) ?? 0) + 1;
    return "put";
  });
  app.get("/slow", async ({ session }) => {
    await wait("slow");
    await wait("end");
    (session as unknown as Record<string, unknown>)["late"] = true;
    return "slow";
  });
  app.get("/logout", async ({ session }) => {
    await wait("slow");
    await session.destroy();
    return "out";
  });
  app.get("/all", async ({ session }) => ({ ...(session as unknown as Record<string, unknown>) }));
  const get = async (url: string, cookie = "") => {
    const { headers, body } = await app.inject({ url, headers: { cookie } });
    return { cookie: String(headers["set-cookie"] ?? "").split(";")[0]!, body };
  };
  return { get, meetings };
}

describe.each(["json", "hash"] as const)("in @fastify/session, layout %s", (layout) => {
  it("ten overlapping requests lose nothing, 10 times", async () => {
    const { get, meetings } = await site(layout);
    for (let round = 0; round < 10; round++) {
      const { cookie } = await get("/put/first");
      meetings.set("put", new Meeting(10));
      await Promise.all(Array.from({ length: 10 }, (_, n) => get(`/put/k${n}`, cookie)));
      meetings.delete("put");
      const all = JSON.parse((await get("/all", cookie)).body) as Record<string, unknown>;
      expect(Object.keys(all).filter((key) => /^k\d$/.test(key))).toHaveLength(10);
      expect(all["count"]).toBe(11);
    }
  });

  it("a slow request does not bring a session back that was logged out meanwhile, 10 times", async () => {
    const { get, meetings } = await site(layout);
    for (let round = 0; round < 10; round++) {
      const { cookie } = await get("/put/first");
      meetings.set("slow", new Meeting(2)).set("end", new Meeting(2));
      const slow = get("/slow", cookie);
      await get("/logout", cookie);
      await meetings.get("end")!.arrive();
      await slow;
      meetings.clear();
      const all = JSON.parse((await get("/all", cookie)).body) as Record<string, unknown>;
      expect(all).not.toHaveProperty("first");
      expect(all).not.toHaveProperty("late");
    }
  });
});
