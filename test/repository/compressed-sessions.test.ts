/** The option `compress`, in both layouts: every promise holds, and it can be switched on and off while sessions live. */
import { deflateSync } from "node:zlib";
import { RedisStore } from "connect-redis";
import { describe, expect, test } from "vitest";
import { redisSession, RedisSessionStore, sum } from "holdfast";
import { sessionAdmin } from "holdfast/ops";
import { repositoryOf } from "../../lib/express-session/index.js";
import { isPacked, unpacked } from "../../lib/session/text/packed-text.js";
import { dictionary } from "../../lib/session/text/packing-dictionary.js";
import { callsOf } from "../support/commands.js";
import { useRedis } from "../support/servers/use-redis.js";
import { fresh as freshSession, settings, useStores } from "../support/stores.js";
import { Meeting, startSite, Visitor } from "../support/web-site.js";

/** Each of the values is longer than the threshold, and gets smaller. */
const long = (what: string) => Array.from({ length: 40 }, (_, n) => `${what} number ${n}`);
const fresh = (values: object = {}) =>
  freshSession({ views: 1, cart: { rope: 1, list: long("rope") }, visited: long("page"), ...values });

describe.each(settings)("on $kind, layout $layout", (setting) => {
  const { layout } = setting;
  const on = useStores(setting);
  const load: (...args: Parameters<typeof on.load>) => Promise<any> = on.load;
  const open = (compress: boolean | number, options: object = {}) => on.open({ compress, ...options });
  /** What Redis holds, value by value. */
  const inRedis = async (id = "a"): Promise<string[]> => {
    const texts = (await on.inRedis(id)) ?? "";
    return typeof texts === "string" ? [texts] : Object.values(texts);
  };
  const isCompressed = async (id = "a") => (await inRedis(id)).some(isPacked);
  /** How many of the values that are long in JSON Redis holds compressed: 1 for a string, 2 for a hash. */
  const all = layout === "json" ? 1 : 2;
  const compressed = async (id = "a") => (await inRedis(id)).filter(isPacked).length;

  test("a session needs less room, and is read whole, with and without the option", async () => {
    await open(false).set("plain", fresh());
    await open(true).set("a", fresh());
    expect(await compressed("plain")).toBe(0);
    expect(await compressed()).toBe(all);
    const size = async (id: string) => (await inRedis(id)).join("").length;
    expect(await size("a")).toBeLessThan((await size("plain")) / 2);
    for (const store of [open(true), open(false), open(100_000)]) {
      expect(JSON.parse(JSON.stringify(await load(store)))).toEqual(fresh());
      expect(await store.all()).toHaveLength(2);
      expect(await store.ids()).toHaveLength(2);
    }
    expect(await on.client.ttl("sess:a")).toBeCloseTo(86_400, -1);
  });

  test("the threshold is in bytes of JSON", async () => {
    await open(100_000).set("a", fresh());
    expect(await isCompressed()).toBe(false);
    const value = JSON.stringify(fresh()["cart"]).length;
    await open(value + (layout === "json" ? 10_000 : 1)).set("b", fresh({ visited: 0 }));
    expect(await isCompressed("b")).toBe(false);
    await open(value).set("c", fresh({ visited: 0 }));
    expect(await compressed("c")).toBe(1);
  });

  test("`maxBytes` counts the JSON", async () => {
    const store = open(true, { maxBytes: 1000 });
    await expect(store.set("a", fresh())).rejects.toMatchObject({ code: "SESSION_TOO_LARGE" });
    expect(await on.client.exists("sess:a")).toBe(0);
  });

  test("it can be switched on and off: what is written gets the new form, and nothing else is rewritten", async () => {
    const [off, on] = [open(false), open(true)];
    await off.set("a", fresh());
    const before = await inRedis();
    await on.touch("a", await load(on));
    await on.set("a", await load(on));
    expect(await inRedis()).toEqual(before);

    await on.set("a", Object.assign(await load(on), { views: 2 }));
    expect(await compressed()).toBe(all);
    const now = await inRedis();
    await off.touch("a", await load(off));
    await off.set("a", await load(off));
    expect(await inRedis()).toEqual(now);

    await off.set("a", Object.assign(await load(off), { views: 3 }));
    expect(await isCompressed()).toBe(false);
    expect(await load(on)).toMatchObject({ views: 3, cart: fresh()["cart"], visited: fresh()["visited"] });
    if (layout === "json") expect(await new RedisStore({ client: on.client }).get("a")).toMatchObject({ views: 3 });
  });

  test.each([true, false])("the layouts take over from each other (compressing: %s)", async (compress) => {
    const other = new RedisSessionStore({
      client: on.client,
      layout: layout === "json" ? "hash" : "json",
      compress: true,
    });
    await other.set("a", fresh());
    const store = open(compress);
    await store.set("a", Object.assign(await load(store), { views: 2 }));
    expect(await on.client.type("sess:a")).toBe(layout === "json" ? "string" : "hash");
    expect(await compressed()).toBe(compress ? all : 0);
    await other.set("a", Object.assign(await load(other), { views: 3 }));
    expect(await load(store)).toMatchObject({ views: 3, cart: fresh()["cart"] });
  });

  test("no update is lost between processes that compress and processes that do not", async () => {
    const merge = { views: sum, "cart.rope": sum };
    await open(true).set("a", fresh({ views: 0 }));
    const stores = [0, 1, 2, 3, 4, 5].map((i) => open(i % 2 === 0, { merge }));
    for (let round = 0; round < 10; round++) {
      const sessions = await Promise.all(stores.map((store) => load(store)));
      await Promise.all(
        sessions.map((session, i) => {
          session["views"]++;
          session["cart"].rope++;
          session["cart"][`${round}-${i}`] = true;
          session[`field-${round}-${i}`] = long("field");
          return stores[i]!.set("a", session);
        }),
      );
    }
    const result = await load(open(false));
    expect([result["views"], result["cart"].rope]).toEqual([60, 61]);
    expect(Object.keys(result["cart"])).toHaveLength(62);
    expect(Object.keys(result)).toHaveLength(64);
  });

  test("saves of one process, one after another, know what they wrote", async () => {
    const store = open(true, { merge: { views: sum } });
    await store.set("a", fresh());
    const [mine, theirs] = [await load(store), await load(store)];
    await on.client.configResetStat();
    for (const session of [mine, theirs, mine]) {
      session["views"]++;
      session["visited"] = [...session["visited"], "one more"];
      await store.set("a", session);
    }
    expect(await callsOf(on.client, "hgetall")).toBe(0);
    expect(await load(store)).toMatchObject({ views: 4 });
  });

  test("a request that creates a session and saves it again takes one command for each", async () => {
    const repository = repositoryOf(open(true))!;
    const handle = repository.create("a");
    const session = fresh();
    await repository.commit(handle, session);
    await on.client.configResetStat();
    session["visited"].push("one more");
    expect(await repository.commit(handle, session)).toBe("saved");
    expect(await callsOf(on.client, "evalsha")).toBe(1);
    expect(await compressed()).toBe(all);
  });

  test("a session that has ended stays dead", async () => {
    const store = open(true);
    await store.set("a", fresh());
    const session = await load(store);
    await open(true).destroy("a");
    expect(await store.set("a", Object.assign(session, { views: 2 }))).toBe("gone");
    expect(await on.client.exists("sess:a")).toBe(0);
  });

  test.each([
    ["is damaged", (raw: string) => `${raw.slice(0, -6)}AAAAAA`],
    ["was cut off", (raw: string) => raw.slice(0, raw.length / 2)],
    ["has a newer format", (raw: string) => raw.replace("~1", "~2")],
    ["would fill the memory", () => `~1${deflateSync(Buffer.alloc(2 ** 22, " "), { dictionary }).toString("base64")}`],
  ])("a value that %s makes the session unreadable, and stays in place", async (_what, damage) => {
    const store = open(true);
    await store.set("a", fresh());
    const values = (await inRedis()).map((value) => (isPacked(value) ? damage(value) : value));
    if (layout === "json") await on.client.set("sess:a", values[0]!);
    else {
      const names = await on.client.hKeys("sess:a");
      await on.client.hSet("sess:a", Object.fromEntries(names.map((name, i) => [name, values[i]!])));
    }
    const reader = open(true);
    const told: string[] = [];
    reader.on("unreadable", (session: string) => told.push(session));
    expect(await reader.get("a")).toBeNull();
    expect(await reader.all()).toEqual([]);
    expect(told).toHaveLength(2);
    expect(await inRedis()).toEqual(values);
  });

  test("an import into Redis, as a move makes it, is compressed", async () => {
    const store = open(true);
    const { transfer } = repositoryOf(store)!;
    expect(await transfer.putMissing([{ sid: "a", text: JSON.stringify(fresh()), seconds: 60 }])).toBe(1);
    expect(unpacked((await on.client.get("sess:a"))!)).toBe(JSON.stringify(fresh()));
    expect(await transfer.put("a", fresh({ views: 2 }), { onlyIfAbsent: false })).toBe("put");
    expect(unpacked((await on.client.get("sess:a"))!)).toBe(JSON.stringify(fresh({ views: 2 })));
    expect(await load(store)).toMatchObject({ views: 2 });
  });

  test("operators find, see and export it as if it were not compressed", async () => {
    const store = open(true);
    const login = { passport: { user: "u-77", roles: long("role") } };
    await store.set("a", fresh(login));
    await store.set("b", fresh());
    const admin = sessionAdmin({ store });
    const found = [];
    for await (const one of admin.list({ user: "u-77" })) found.push(one);
    expect(found).toEqual([expect.objectContaining({ user: "u-77", isReadable: true })]);
    const shown = await admin.show(found[0]!.session);
    expect(shown).toMatchObject({ data: { views: 1 }, size: expect.any(Number) });
    const exported = [];
    for await (const one of admin.export()) exported.push(one);
    const { cart } = fresh();
    const text = JSON.stringify(exported.find(({ id }) => id === "a"));
    expect(text).not.toContain("~1");
    expect(text).toContain("rope number 39");
    await on.client.flushDb();
    expect(await admin.import(exported)).toMatchObject({ imported: 2 });
    expect(await load(store)).toMatchObject({ cart, ...login });
  });

  test("the near cache answers, and hears of changes", async () => {
    const store = open(true, { nearCache: {} });
    await store.set("a", fresh());
    const other = open(true, { client: await on.redis.client() });
    const reads = async (work: () => Promise<unknown>) => {
      const count = () => callsOf(on.client, "get", "hgetall");
      const before = await count();
      await work();
      return (await count()) - before;
    };
    await expect.poll(() => reads(() => load(store))).toBe(0);
    await other.set("a", Object.assign(await load(other), { views: 2 }));
    await expect.poll(async () => (await load(store))["views"]).toBe(2);
    await store.set("a", Object.assign(await load(store), { views: 3 }));
    expect(await load(other)).toMatchObject({ views: 3, visited: fresh()["visited"] });
    expect(await reads(() => load(store))).toBe(0);
    const session = await load(store);
    await on.client.configResetStat();
    await store.set("a", Object.assign(session, { views: 4 }));
    expect(await callsOf(on.client, "evalsha")).toBe(1); // it knew what Redis holds
    await store.close();
  });

  test("overlapping requests of a visitor all keep their changes", async () => {
    const middlewares = [true, false].map((compress) =>
      redisSession({
        client: on.client,
        layout,
        compress,
        secret: "a secret for tests, long enough not to be warned of",
      }),
    );
    let meeting = new Meeting(4);
    const sites = await Promise.all(
      middlewares.map((middleware) =>
        startSite(middleware as never, async ({ session }, res, url) => {
          const name = url.pathname.slice(1);
          if (name === "begin") Object.assign(session, { visited: long("page") });
          else if (name !== "read") {
            void session["visited"];
            await meeting.arrive();
            session[name] = long(name);
          }
          res.end(JSON.stringify(Object.keys(session)));
        }),
      ),
    );
    for (let round = 0; round < 20; round++) {
      const visitor = new Visitor(sites[0]!);
      await visitor.get("/begin");
      const twin = Object.assign(new Visitor(sites[1]!), { cookie: visitor.cookie });
      meeting = new Meeting(4);
      await Promise.all([visitor.get("/w"), twin.get("/x"), visitor.get("/y"), twin.get("/z")]);
      expect(JSON.parse((await visitor.get("/read")).body)).toEqual(
        expect.arrayContaining(["visited", "w", "x", "y", "z"]),
      );
    }
    for (const site of sites) await site.close();
  });
});

describe("the option", () => {
  const redis = useRedis();
  test.each([-1, 0, 1.5, Number.NaN, "yes", {}])("cannot be %j", async (compress) => {
    const client = await redis.client();
    expect(() => new RedisSessionStore({ client, compress } as never)).toThrow(/`compress` must be true, false/);
  });

  test("excludes the app's own serializer", async () => {
    const client = await redis.client();
    const serializer = { parse: JSON.parse, stringify: JSON.stringify };
    const create = (compress: boolean) => new RedisSessionStore({ client, serializer, compress } as never);
    expect(() => create(true)).toThrow(/`compress` works only with JSON/);
    expect(() => create(false)).not.toThrow();
  });
});
