/** The near cache: reads cost nothing while nothing was announced, and what was announced is not served. */
// cspell:ignore SKIPME
import type { RedisClientType } from "redis";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redisSession, RedisSessionStore, type RedisSessionMiddleware } from "holdfast";
import { NearCache } from "../../lib/repository/cache/near-cache.js";
import type { Stored } from "../../lib/session/stored.js";
import { secret } from "../promises/candidates.js";
import { commandsDuring } from "../support/commands.js";
import { availableServers } from "../support/servers/redis-server.js";
import { useRedis } from "../support/servers/use-redis.js";
import { startSite, Visitor, type Handler, type Site } from "../support/web-site.js";

const stored = (text: string): Stored => ({ form: "json", text });

describe("what is kept", () => {
  let cache: NearCache;
  beforeEach(() => {
    cache = new NearCache({ maxEntries: 2, ttl: 10 });
    cache.turnOn();
  });
  const keep = (key: string, value: Stored, now = 0) => cache.end(cache.begin(key), value, now);

  test("an answer, for its time to live", () => {
    keep("a", stored("1"));
    expect(cache.get("a", 9_999)).toEqual(stored("1"));
    expect(cache.get("a", 10_000)).toBeUndefined();
  });

  test("not an answer whose key was announced while it was under way", () => {
    const ticket = cache.begin("a");
    cache.drop("a");
    cache.end(ticket, stored("old"));
    expect(cache.get("a", 0)).toBeUndefined();
  });

  test("whether all servers announce is asked once for each answer", () => {
    let asked = 0;
    const isComplete = () => ++asked !== 2;
    cache = new NearCache({ ttl: 10 }, { changed: () => {}, isComplete });
    cache.turnOn();
    for (const key of ["a", "b", "c"]) keep(key, stored(key));
    expect(asked).toBe(3);
    expect(["a", "b", "c"].map((key) => cache.get(key, 1))).toEqual([stored("a"), undefined, stored("c")]);
  });

  test("nothing that was sent before, or while, announcements were lost", () => {
    const before = cache.begin("a");
    cache.turnOff();
    const meanwhile = cache.begin("b");
    cache.turnOn();
    cache.end(before, stored("1"), 0);
    cache.end(meanwhile, stored("2"), 0);
    expect(cache.size).toBe(0);
  });

  test("the entries that were used last", () => {
    keep("a", stored("1"));
    keep("b", stored("2"));
    cache.get("a", 1);
    keep("c", stored("3"));
    expect([cache.get("a", 1), cache.get("b", 1), cache.get("c", 1)]).toEqual([stored("1"), undefined, stored("3")]);
  });
});

const layouts = availableServers.flatMap((kind) => [
  { kind, layout: "json" as const },
  { kind, layout: "hash" as const },
]);

describe.each(layouts)("on $kind, layout $layout", ({ kind, layout }) => {
  const redis = useRedis({ kind });
  let other: RedisClientType;
  let sessions: RedisSessionMiddleware<RedisSessionStore>;
  let site: Site;
  const handler: Handler = (req, res, url) => {
    if (url.pathname === "/write") req.session["n"] = (req.session["n"] ?? 0) + 1;
    res.end(String(req.session["n"]));
  };
  beforeAll(async () => {
    other = await redis.client();
  });
  beforeEach(async () => {
    sessions = redisSession({
      url: redis.url,
      secret,
      layout,
      touchInterval: 3600,
      nearCache: {},
      cookie: { maxAge: 7200_000 },
    });
    site = await startSite(sessions, handler);
    await sessions.ready();
  });
  afterEach(async () => {
    await site.close();
    await sessions.close();
  });

  const commands = (work: () => Promise<unknown>) => commandsDuring(other, work);
  /** A visitor whose session is kept in memory by now. */
  const knownVisitor = async () => {
    const visitor = new Visitor(site);
    await visitor.get("/write");
    await expect.poll(() => commands(() => visitor.get("/read"))).toEqual({});
    return visitor;
  };

  test("reading costs no command", async () => {
    const visitor = await knownVisitor();
    expect(
      await commands(async () => {
        for (let i = 0; i < 20; i++) expect((await visitor.get("/read")).body).toBe("1");
      }),
    ).toEqual({});
  });

  test("a page view that writes costs one script, and reads its own write", async () => {
    const visitor = await knownVisitor();
    const calls = await commands(async () => {
      for (let i = 2; i <= 21; i++) expect((await visitor.get("/write")).body).toBe(String(i));
    });
    expect(calls["evalsha"]).toBe(20);
    if (layout === "hash") expect(calls["hgetall"]).toBeUndefined();
    else expect(calls["get"]).toBe(20); // by the scripts
  });

  test("what another process writes is seen as soon as it is announced", async () => {
    const visitor = await knownVisitor();
    const elsewhere = new RedisSessionStore({ client: other, layout });
    for (let n = 100; n < 120; n++) {
      const session = (await elsewhere.get(visitor.id)) as unknown as { n: number };
      session.n = n;
      await elsewhere.set(visitor.id, session as never);
      await expect.poll(async () => (await visitor.get("/read")).body, { interval: 1 }).toBe(String(n));
    }
  });

  test("a session that is destroyed elsewhere is refused as soon as it is announced", async () => {
    const visitor = await knownVisitor();
    await other.del(`sess:${visitor.id}`);
    await expect.poll(async () => (await visitor.get("/read")).body, { interval: 1 }).toBe("undefined");
  });

  test("one that is destroyed here is refused at once", async () => {
    const visitor = await knownVisitor();
    await sessions.store.destroy(visitor.id);
    expect((await visitor.get("/read")).body).toBe("undefined");
  });

  test("a write on an old view loses nothing", async () => {
    const visitor = await knownVisitor();
    const elsewhere = new RedisSessionStore({ client: other, layout });
    for (let round = 0; round < 50; round++) {
      const session = (await elsewhere.get(visitor.id)) as unknown as Record<string, unknown>;
      session[`key${round}`] = true;
      await Promise.all([elsewhere.set(visitor.id, session as never), visitor.get("/write")]);
    }
    const now = (await elsewhere.get(visitor.id)) as unknown as Record<string, unknown>;
    expect(Object.keys(now).filter((key) => key.startsWith("key"))).toHaveLength(50);
    expect(now["n"]).toBe(51);
  });

  test("lost connections empty it, and it comes back by itself", async () => {
    const visitor = await knownVisitor();
    await other.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
    await other.set(`sess:${visitor.id}`, JSON.stringify({ cookie: { originalMaxAge: null }, n: 7 }));
    await expect.poll(async () => (await visitor.get("/read")).body, { interval: 5 }).toBe("7");
    await expect.poll(() => commands(() => visitor.get("/read")), { timeout: 10_000 }).toEqual({});
    await other.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    await other.set(`sess:${visitor.id}`, JSON.stringify({ cookie: { originalMaxAge: null }, n: 8 }));
    const read = () => visitor.get("/read").then(({ body }) => body);
    await expect.poll(read, { interval: 5, timeout: 5000 }).toBe("8");
    await expect.poll(() => commands(() => visitor.get("/read")), { timeout: 10_000 }).toEqual({});
  });
});
