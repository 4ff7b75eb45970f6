/** A store whose sessions are copied and compared saves every change of them, and nothing where there is none. */
import type { SessionData } from "express-session";
import type { RedisClientType } from "redis";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RedisSessionStore } from "holdfast";
import { useRedis } from "../support/servers/use-redis.js";
import { repositoryOf } from "../../lib/express-session/index.js";

describe.each(["json", "hash"] as const)("a store, layout %s", (layout) => {
  const redis = useRedis({ kind: "redis" });
  let client: RedisClientType;
  beforeAll(async () => {
    client = await redis.client();
  });
  beforeEach(() => client.flushDb());

  type Values = SessionData & Record<string, any>;
  const start = { cookie: { originalMaxAge: null, path: "/" }, list: [{ x: 1 }], o: { p: 1, q: 2 }, n: 1 };
  const changes: [string, (session: Values) => void, object][] = [
    ["a value deep inside", (session) => (session["list"][0].x = 2), { list: [{ x: 2 }] }],
    ["a toJSON", (session) => (session["o"].toJSON = () => ({ r: 3 })), { o: { r: 3 } }],
    ["a key that goes", (session) => delete session["o"], { n: 1 }],
    ["a date", (session) => (session["n"] = new Date(0)), { n: "1970-01-01T00:00:00.000Z" }],
    ["a key named __proto__", (session) => (session["list"][0] = JSON.parse('{"__proto__":{}}')), {}],
    ["a new cookie", (session) => (session.cookie = { originalMaxAge: 5000, path: "/" } as never), { n: 1 }],
  ];

  test.each(changes)("saves %s, also of a session that was read often", async (_name, change, expected) => {
    const store = new RedisSessionStore({ client, layout });
    await store.set("a", structuredClone(start) as unknown as SessionData);
    for (let i = 0; i < 4; i++) await store.get("a");
    const session = (await store.get("a")) as Values;
    change(session);
    const written = JSON.parse(JSON.stringify(session)) as Values;
    await store.set("a", session);
    const now = (await new RedisSessionStore({ client, layout }).get("a")) as Values;
    expect(now).toMatchObject(expected);
    for (const key of ["list", "o", "n"]) expect(JSON.stringify(now[key])).toBe(JSON.stringify(written[key]));
    expect(now.cookie.originalMaxAge).toBe(written.cookie.originalMaxAge);
  });

  test("writes nothing for a session that was read often and not changed", async () => {
    const store = new RedisSessionStore({ client, layout });
    await store.set("a", structuredClone(start) as unknown as SessionData);
    for (let i = 0; i < 4; i++) await store.get("a");
    const repository = repositoryOf(store);
    const { data, handle } = (await repository.load("a"))!;
    expect(await repository.commit(handle, data)).toBe("unchanged");
  });
});
