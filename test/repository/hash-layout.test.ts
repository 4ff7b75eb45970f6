/** The layout `hash`: only changes are sent, counters need no second try, and each layout takes over from the other. */
import type { SessionData } from "express-session";
import type { RedisClientType } from "redis";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { max, min, RedisSessionStore, sum, type MergeRules } from "holdfast";
import { commandsDuring } from "../support/commands.js";
import { availableServers } from "../support/servers/redis-server.js";
import { useRedis } from "../support/servers/use-redis.js";

type Values = SessionData & Record<string, any>;
const fresh = (values: object = {}) => ({ cookie: { originalMaxAge: null }, ...values }) as unknown as Values;

describe.each(availableServers)("on %s", (kind) => {
  const redis = useRedis({ kind });
  let client: RedisClientType;
  beforeAll(async () => {
    client = await redis.client();
  });
  beforeEach(() => client.flushDb());

  const open = (layout: "json" | "hash", merge: MergeRules = {}) => new RedisSessionStore({ client, layout, merge });
  const load = async (store: RedisSessionStore) => (await store.get("a")) as Values;
  const calls = (work: () => Promise<unknown>) => commandsDuring(client, work);

  test("a field for each top-level key, with the value as JSON", async () => {
    await open("hash").set("a", fresh({ user: "anna", cart: { rope: 2 }, views: 1, none: null, gone: undefined }));
    expect(await client.hGetAll("sess:a")).toEqual({
      cookie: '{"originalMaxAge":null}',
      user: '"anna"',
      cart: '{"rope":2}',
      views: "1",
      none: "null",
    });
    expect(await client.ttl("sess:a")).toBeCloseTo(86_400, -1);
  });

  test("a field that another request changed meanwhile is merged inside; a field of its own is not in the way", async () => {
    const store = open("hash");
    await store.set("a", fresh({ cart: {}, big: "x".repeat(5000) }));
    const [one, two] = [await load(store), await load(store)];
    Object.assign(one["cart"] as object, { rope: 1 });
    Object.assign(two["cart"] as object, { mug: 1 });
    two["seen"] = true;
    await store.set("a", one);
    await store.set("a", two);
    expect(await load(store)).toMatchObject({ cart: { rope: 1, mug: 1 }, seen: true });
  });

  test("counters are merged by Redis, without a second try", async () => {
    const rules = { views: sum, seen: max, first: min };
    const store = open("hash", rules);
    await store.set("a", fresh({ views: 5, seen: 10, first: 10 }));
    // A store for each, as in processes of their own.
    const processes = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const own = open("hash", rules);
        return { own, session: await load(own) };
      }),
    );
    const scripts = await calls(() =>
      Promise.all(
        processes.map(({ own, session }, i) => {
          session["views"] += 1;
          session["seen"] = 100 + ((i * 7) % 10);
          session["first"] = 9 - ((i * 7) % 10);
          return own.set("a", session);
        }),
      ),
    );
    expect(scripts["evalsha"]).toBe(10);
    expect(await load(store)).toMatchObject({ views: 15, seen: 109, first: 0 });
  });

  test("counters that begin, end, or meet something that is no number", async () => {
    const store = open("hash", { views: sum, seen: max });
    await store.set("a", fresh());
    const [one, two, three] = [await load(store), await load(store), await load(store)];
    await store.set("a", Object.assign(one, { views: 1, seen: 5 }));
    await store.set("a", Object.assign(two, { views: 2, seen: 3 }));
    expect(await load(store)).toMatchObject({ views: 3, seen: 5 });
    await client.hSet("sess:a", { views: '"many"', seen: "null" });
    await store.set("a", Object.assign(three, { views: 4, seen: 7 }));
    expect(await load(store)).toMatchObject({ views: 4, seen: 7 });
    const four = await load(store);
    const five = await load(store);
    delete four["views"];
    await store.set("a", four);
    await store.set("a", Object.assign(five, { views: 6, seen: 1 }));
    expect(await load(store)).toMatchObject({ views: 2, seen: 1 });
  });

  test("a sum of fractions is merged by this process instead", async () => {
    const store = open("hash", { total: sum });
    await store.set("a", fresh({ total: 0.5 }));
    const [one, two] = [await load(store), await load(store)];
    await store.set("a", Object.assign(one, { total: 0.75 }));
    await store.set("a", Object.assign(two, { total: 1.5 }));
    expect(await load(store)).toMatchObject({ total: 1.75 });
  });

  test("the key's end stays, and is refreshed once per touch interval at most", async () => {
    const store = open("hash");
    await store.set("a", fresh({ n: 0 }));
    const mine = await load(store);
    const commands = await calls(async () => {
      for (let n = 1; n <= 10; n++) await store.set("a", Object.assign(mine, { n }));
    });
    expect(commands["expire"]).toBeUndefined();
    expect(await client.ttl("sess:a")).toBeGreaterThan(86_000);
  });

  describe.each([
    ["json", "hash"],
    ["hash", "json"],
  ] as const)("a session written as %s, and a site that switches to %s", (before, after) => {
    test("is read, and converted by the next save, with its end", async () => {
      await open(before).set("a", fresh({ n: 1, cart: { rope: 1 } }));
      const store = open(after);
      const mine = await load(store);
      expect(mine).toMatchObject({ n: 1, cart: { rope: 1 } });
      await store.set("a", Object.assign(mine, { n: 2 }));
      expect(await client.type("sess:a")).toBe(after === "hash" ? "hash" : "string");
      expect(await load(store)).toMatchObject({ n: 2, cart: { rope: 1 } });
      expect(await client.ttl("sess:a")).toBeGreaterThan(86_000);
    });

    test("loses no update of processes on either side of the deployment", async () => {
      const [old, young] = [open(before, { n: sum }), open(after, { n: sum })];
      await old.set("a", fresh({ n: 0 }));
      for (let round = 1; round <= 10; round++) {
        const sessions = await Promise.all(
          [old, young, old, young].map(async (store) => [store, await load(store)] as const),
        );
        await Promise.all(
          sessions.map(([store, session], i) => {
            session["n"] += 1;
            session[`key${round}-${i}`] = true;
            return store.set("a", session);
          }),
        );
      }
      const now = await load(young);
      expect(now["n"]).toBe(40);
      expect(Object.keys(now).filter((key) => key.startsWith("key"))).toHaveLength(40);
    });

    test("stays dead when it was destroyed", async () => {
      await open(before).set("a", fresh({ n: 1 }));
      const store = open(after);
      const mine = await load(store);
      await store.destroy("a");
      await store.set("a", Object.assign(mine, { n: 2 }));
      expect(await client.exists("sess:a")).toBe(0);
    });
  });

  test("a session that is too large is refused, naming what takes the room, and what was there stays", async () => {
    for (const layout of ["json", "hash"] as const) {
      const store = new RedisSessionStore({ client, layout, maxBytes: 1000 });
      await store.set("a", fresh({ small: 1 }));
      const mine = await load(store);
      Object.assign(mine, { history: "x".repeat(2000), photo: "y".repeat(900) });
      const error = (await store.set("a", mine).catch((reason: unknown) => reason)) as Error;
      expect(error).toMatchObject({ code: "SESSION_TOO_LARGE" });
      expect(error.message).toContain("history (2002), photo (902)");
      expect(await load(store)).not.toHaveProperty("history");
    }
  });
});
