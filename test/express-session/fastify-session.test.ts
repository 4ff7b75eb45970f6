/** `RedisSessionStore` in @fastify/session, which copies what it reads into a session of its own. */
import cookies from "@fastify/cookie";
import sessions from "@fastify/session";
import fastify from "fastify";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { RedisSessionStore, sum } from "holdfast";
import type { RedisClientType } from "redis";
import { commandsDuring } from "../support/commands.js";
import { useRedis } from "../support/servers/use-redis.js";
import { Meeting } from "../support/web-site.js";

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});
afterEach(() => vi.useRealTimers());

const hour = 3600_000;

/** A route waits at its meeting, so that the requests overlap. */
async function site(layout: "json" | "hash", cookie: object = {}) {
  const app = fastify();
  const meetings = new Map<string, Meeting>();
  await app.register(cookies);
  await app.register(sessions, {
    secret: "a secret of at least 32 characters, for tests",
    cookie: { secure: false, ...cookie },
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
    const { headers, body, statusCode } = await app.inject({ url, headers: { cookie } });
    return { statusCode, cookie: String(headers["set-cookie"] ?? "").split(";")[0]!, body };
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

  it("a page that only reads is one command, with and without a maxAge", async () => {
    for (const cookie of [{}, { maxAge: hour }]) {
      const { get } = await site(layout, cookie);
      const visitor = await get("/put/first");
      const asked = await commandsDuring(client, async () => {
        for (let i = 0; i < 20; i++) await get("/all", visitor.cookie);
      });
      expect(asked).toEqual({ [layout === "hash" ? "hgetall" : "get"]: 20 });
    }
  });

  it("whoever keeps reading stays, however long ago the session has changed", async () => {
    const { get } = await site(layout, { maxAge: hour });
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const { cookie } = await get("/put/first");
    for (let i = 0; i < 5; i++) {
      vi.advanceTimersByTime(0.75 * hour);
      expect(JSON.parse((await get("/all", cookie)).body)).toMatchObject({ first: true });
    }
  });

  it("a save that fails is an error, and no success", async () => {
    const { get } = await site(layout);
    const { cookie } = await get("/put/first");
    await client.configSet({ maxmemory: "1", "maxmemory-policy": "noeviction" });
    const { statusCode, body } = await get("/put/second", cookie);
    await client.configSet("maxmemory", "0");
    expect([statusCode, body]).not.toEqual([200, "put"]);
    expect(statusCode).toBe(503);
    expect(JSON.parse((await get("/all", cookie)).body)).not.toHaveProperty("second");
  });
});
