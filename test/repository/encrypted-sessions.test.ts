/** The option `encrypt`, in both layouts: every promise holds, and it can be switched on and off while sessions live. */
import { randomBytes } from "node:crypto";
import { RedisStore } from "connect-redis";
import session from "express-session";
import { describe, expect, test } from "vitest";
import { max, redisSession, RedisSessionStore, sum } from "holdfast";
import { sessionAdmin } from "holdfast/ops";
import { repositoryOf } from "../../lib/express-session/index.js";
import { isEncrypted } from "../../lib/session/text/encrypted-text.js";
import { callsOf } from "../support/commands.js";
import { useRedis } from "../support/servers/use-redis.js";
import { fresh as freshSession, settings, useStores } from "../support/stores.js";
import { Meeting, startSite, Visitor } from "../support/web-site.js";

const [key, oldKey, strange] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const long = (what: string) => Array.from({ length: 40 }, (_, n) => `${what} number ${n}`);
const fresh = (values: object = {}) => freshSession({ views: 1, cart: { rope: 1, list: long("rope") }, ...values });
const secret = "a secret for tests, long enough not to be warned of";

describe.each(settings)("on $kind, layout $layout", (setting) => {
  const { layout } = setting;
  const on = useStores(setting);
  const load: (...args: Parameters<typeof on.load>) => Promise<any> = on.load;
  const open = (encrypt: unknown = key, options: object = {}) => on.open({ encrypt, ...options });
  /** What Redis holds, value by value. */
  const inRedis = async (id = "a"): Promise<Record<string, string>> => {
    const texts = (await on.inRedis(id)) ?? {};
    return typeof texts === "string" ? { all: texts } : texts;
  };
  const formsOf = async (id = "a") => {
    const values = Object.values(await inRedis(id));
    return { encrypted: values.filter(isEncrypted).length, plain: values.filter((raw) => !isEncrypted(raw)).length };
  };
  /** The values of `fresh()`: a string, or the fields cookie, views and cart. */
  const all = layout === "json" ? 1 : 3;
  const allEncrypted = { encrypted: all, plain: 0 };
  const allPlain = { encrypted: 0, plain: all };
  /** Writes values as they are, as someone could who may write to Redis. */
  const plant = async (values: Record<string, string>, id = "a") => {
    await on.client.del(`sess:${id}`);
    if ("all" in values) await on.client.set(`sess:${id}`, values["all"]!);
    else await on.client.hSet(`sess:${id}`, values);
  };
  const told = (store: RedisSessionStore) => {
    const sessions: string[] = [];
    store.on("unreadable", (one: string) => sessions.push(one));
    return sessions;
  };

  test("nothing that a session holds is seen in Redis, and it is read whole", async () => {
    const store = open();
    await store.set("a", fresh({ user: "ada", balance: 123_456_789 }));
    const texts = JSON.stringify(Object.values(await inRedis()));
    for (const shown of ["ada", "123456789", "rope", "originalMaxAge"]) expect(texts).not.toContain(shown);
    expect(await formsOf()).toEqual({ encrypted: layout === "json" ? 1 : 5, plain: 0 });
    if (layout === "hash") expect(Object.keys(await inRedis())).toContain("balance"); // names stay visible
    for (const one of [store, open(), open([oldKey, key]), open({ keys: [key], write: false })]) {
      expect(JSON.parse(JSON.stringify(await load(one)))).toEqual(fresh({ user: "ada", balance: 123_456_789 }));
      expect(await one.all()).toHaveLength(1);
      expect(await one.ids()).toEqual(["a"]);
    }
    expect(await on.client.ttl("sess:a")).toBeCloseTo(86_400, -1);
  });

  test("an update reads, compares and writes as ever: one command for each", async () => {
    const store = open();
    await store.set("a", fresh());
    const before = await inRedis();
    const read = await load(store);
    await on.client.configResetStat();
    await store.set("a", Object.assign(read, { views: 2 }));
    expect(await callsOf(on.client, "evalsha")).toBe(1);
    const now = await inRedis();
    const changed = Object.keys(now).filter((name) => now[name] !== before[name]);
    expect(changed).toEqual([layout === "json" ? "all" : "views"]);
    expect(await load(open())).toMatchObject({ views: 2, cart: fresh()["cart"] });
  });

  test("what did not change is not written, not even when its lifetime is refreshed", async () => {
    const store = open(key, { touchInterval: 0 });
    await store.set("a", fresh());
    const before = await inRedis();
    await store.set("a", await load(store));
    await store.touch("a", await load(store));
    expect(await inRedis()).toEqual(before);
  });

  test("it can be switched on and off: what is written gets the new form, with all of it", async () => {
    const [off, reads, writes] = [open(false), open({ keys: key, write: false }), open()];
    await off.set("a", fresh());
    await reads.set("a", await load(reads));
    expect(await formsOf()).toEqual(allPlain);
    await writes.set("a", Object.assign(await load(writes), { views: 2 }));
    expect(await formsOf()).toEqual(allEncrypted);
    await reads.set("a", Object.assign(await load(reads), { views: 3 }));
    expect(await formsOf()).toEqual(allPlain);
    expect(await load(off)).toMatchObject({ views: 3, cart: fresh()["cart"] });
    if (layout === "json") expect(await new RedisStore({ client: on.client }).get("a")).toMatchObject({ views: 3 });
  });

  test("keys rotate: what the old key encrypted is read, and gets the new one when it is written", async () => {
    await open(oldKey).set("a", fresh());
    const rotating = open([key, oldKey]);
    await load(rotating);
    expect(await open(oldKey).get("a")).not.toBeNull();
    await rotating.set("a", Object.assign(await load(rotating), { views: 2 }));
    expect(await load(open())).toMatchObject({ views: 2, cart: fresh()["cart"] });
    expect(await open(oldKey).get("a")).toBeNull();
  });

  test("no update is lost while processes encrypt with the new key, with the old one, and not at all", async () => {
    const merge = { views: sum, best: max, "cart.rope": sum };
    await open(oldKey).set("a", fresh({ views: 0, best: 0 }));
    const options = [[key, oldKey], [oldKey, key], { keys: [key, oldKey], write: false }];
    const stores = [0, 1, 2, 3, 4, 5].map((i) => open(options[i % 3], { merge, compress: i > 2 }));
    for (let round = 0; round < 15; round++) {
      const sessions = await Promise.all(stores.map((store) => load(store)));
      await Promise.all(
        sessions.map((one, i) => {
          one["views"]++;
          one["best"] = round * 10 + i;
          one["cart"].rope++;
          one["cart"][`${round}-${i}`] = true;
          one[`field-${round}-${i}`] = long("field");
          return stores[i]!.set("a", one);
        }),
      );
    }
    const result = await load(stores[0]!);
    expect([result["views"], result["cart"].rope, result["best"]]).toEqual([90, 91, 145]);
    expect(Object.keys(result["cart"])).toHaveLength(92);
    expect(Object.keys(result)).toHaveLength(94);
  });

  describe("a session that is only read gets the new form when its lifetime is refreshed, with all of it:", () => {
    const forms = (name: string) => ({
      encrypted: name === "off again" ? 0 : all,
      plain: name === "off again" ? all : 0,
    });
    test.each([
      ["switched on", false, key],
      ["a new key", oldKey, [key, oldKey]],
      ["off again", key, { keys: key, write: false }],
    ])("%s", async (name, before, now) => {
      await open(before).set("a", fresh());
      await on.client.expire("sess:a", 100);
      const store = open(now, { touchInterval: 0 });
      await store.touch("a", await load(store));
      expect(await formsOf()).toEqual(forms(name));
      expect(await on.client.ttl("sess:a")).toBeGreaterThan(86_000);
      const raw = await inRedis();
      await store.touch("a", await load(store));
      expect(await inRedis()).toEqual(raw);
      expect(await load(name === "off again" ? open(false) : open())).toMatchObject(fresh());
    });

    test("so an old key is needed no longer than the lifetime of sessions, in use or not", async () => {
      await open(oldKey).set("a", fresh());
      const ours = redisSession({ client: on.client, layout, encrypt: [key, oldKey], secret, touchInterval: 0 });
      const site = await startSite(ours as never, ({ session: one }, res) => void res.end(String(one["views"])));
      const begun = redisSession({ client: on.client, layout, encrypt: oldKey, secret });
      const before = await startSite(begun as never, ({ session: one }, res) => {
        one["views"] = 7;
        res.end();
      });
      const visitor = new Visitor(before);
      await visitor.get("/");
      const reader = new Visitor(site, visitor.cookie);
      expect(await reader.get("/")).toMatchObject({ body: "7" });
      const withNewKey = open(key);
      await expect.poll(() => withNewKey.get(visitor.id)).toMatchObject({ views: 7 });
      for (const one of [site, before]) await one.close();
    });

    test("unless another request saved it, or ended it, meanwhile", async () => {
      await open(oldKey).set("a", fresh());
      const store = open([key, oldKey], { touchInterval: 0 });
      const [mine, theirs] = [await load(store), await load(open(oldKey))];
      await open(oldKey).set("a", Object.assign(theirs, { views: 2 }));
      await store.touch("a", mine);
      expect(await load(store)).toMatchObject({ views: 2 });
      const last = await load(store);
      await store.destroy("a");
      await store.touch("a", last);
      expect(await on.client.exists("sess:a")).toBe(0);
    });

    test("and what cannot be read stays as it is", async () => {
      await open(strange).set("a", fresh());
      const before = await inRedis();
      const store = open([key, oldKey], { touchInterval: 0 });
      await store.get("a");
      await store.touch("a", fresh());
      expect(await inRedis()).toEqual(before);
    });
  });

  describe("all values of a session have one form and one key, so that none is left behind unseen:", () => {
    /** `~2`, the name of the key; or nothing for what is not encrypted. */
    const kindsOf = async (id = "a") => [
      ...new Set(Object.values(await inRedis(id)).map((raw) => (isEncrypted(raw) ? raw.slice(2, 6) : ""))),
    ];
    const kinds: [string, unknown, unknown][] = [
      ["encrypted or not", key, { keys: key, write: false }],
      ["with the new key or the old one", [key, oldKey], [oldKey, key]],
    ];

    test.each(kinds)(
      "%s, if one adds a field while the other gives the session its form",
      async (_name, one, other) => {
        for (const [first, second] of [
          [open(one), open(other)],
          [open(other), open(one)],
        ] as const) {
          await on.client.flushDb();
          await second.set("a", fresh());
          // `second` has loaded it, `first` then gives all of it another form, and `second` adds a field.
          const mine = await load(second);
          await first.set("a", Object.assign(await load(first), { views: 2 }));
          await second.set("a", Object.assign(mine, { added: "by the other" }));
          expect(await kindsOf()).toHaveLength(1);
          expect(await load(first)).toMatchObject({ views: 2, added: "by the other" });
          // The other way round: `second` adds a field after `first` has loaded it.
          await second.set("a", Object.assign(await load(second), { views: 3 }));
          const theirs = await load(first);
          await second.set("a", Object.assign(await load(second), { again: true }));
          await first.set("a", Object.assign(theirs, { views: 4 }));
          expect(await kindsOf()).toHaveLength(1);
          expect(await load(first)).toMatchObject({ views: 4, again: true });
        }
      },
    );

    test.each(kinds)("%s, in many races, also with counters and lifetimes", async (_name, one, other) => {
      const merge = { views: sum, best: max };
      const stores = await Promise.all(
        [0, 1, 2, 3].map(async (i) =>
          open(i % 2 ? one : other, { merge, touchInterval: 0, client: await on.redis.client() }),
        ),
      );
      await stores[0]!.set("a", fresh({ views: 0, best: 0 }));
      for (let round = 0; round < 60; round++) {
        const sessions = await Promise.all(stores.map((store) => load(store)));
        await Promise.all(
          sessions.map(async (read, i) => {
            if (round % 3 === i % 3) return stores[i]!.touch("a", read);
            read["views"]++;
            read["best"] = round;
            if (round % 2) read[`${round}-${i}`] = true;
            else delete read[`${round - 1}-${i}`];
            await stores[i]!.set("a", read);
          }),
        );
        expect({ round, kinds: await kindsOf() }).toEqual({ round, kinds: [expect.any(String)] });
      }
    });
  });

  test("counters are added up among processes that encrypt, also one that did not exist or has been removed", async () => {
    const merge = { views: sum, best: max };
    await open().set("a", fresh({ best: 5 }));
    const stores = [open(key, { merge }), open(key, { merge }), open(key, { merge })];
    for (let round = 0; round < 20; round++) {
      const sessions = await Promise.all(stores.map((store) => load(store)));
      await Promise.all(
        sessions.map((one, i) => {
          one["views"] += 1;
          one[`new${round}`] = 1;
          if (i === 0) delete one["best"];
          else one["best"] = round + i;
          return stores[i]!.set("a", one);
        }),
      );
    }
    expect(await load(stores[0]!)).toMatchObject({ views: 61, new0: 1, new19: 1 });
  });

  test("saves of one process, one after another, know what they wrote", async () => {
    const store = open(key, { merge: { views: sum } });
    await store.set("a", fresh());
    const [mine, theirs] = [await load(store), await load(store)];
    await on.client.configResetStat();
    for (const one of [mine, theirs, mine]) {
      one["views"]++;
      one["cart"] = { ...one["cart"], more: one["views"] };
      await store.set("a", one);
    }
    expect(await callsOf(on.client, "hgetall")).toBe(0);
    expect(await load(store)).toMatchObject({ views: 4 });
  });

  test("a logout during a save wins, whatever form either process writes, many times", async () => {
    const stores = [open(), open({ keys: key, write: false }), open(key, { compress: 1 })];
    for (let round = 0; round < 50; round++) {
      await stores[round % 3]!.set("a", fresh());
      const sessions = await Promise.all(stores.map((store) => load(store)));
      const saves = sessions.map((one, i) => stores[i]!.set("a", Object.assign(one, { views: i + 2 })));
      await stores[(round + 1) % 3]!.destroy("a");
      await Promise.all(saves);
      expect(await on.client.exists("sess:a")).toBe(0);
    }
  });

  test("the layouts take over from each other", async () => {
    const other = on.open({ layout: layout === "json" ? "hash" : "json", encrypt: [key, oldKey] });
    await other.set("a", fresh());
    const store = open();
    await store.set("a", Object.assign(await load(store), { views: 2 }));
    expect(await on.client.type("sess:a")).toBe(layout === "json" ? "string" : "hash");
    expect(await formsOf()).toEqual(allEncrypted);
    await other.set("a", Object.assign(await load(other), { views: 3 }));
    expect(await load(store)).toMatchObject({ views: 3, cart: fresh()["cart"] });
  });

  test("it is compressed first, which makes it smaller than JSON", async () => {
    await open(false).set("plain", fresh());
    const store = open(key, { compress: true });
    await store.set("a", fresh());
    const size = async (id: string) => Object.values(await inRedis(id)).join("").length;
    expect(await formsOf()).toEqual(allEncrypted);
    expect(await size("a")).toBeLessThan((await size("plain")) / 1.5);
    for (const one of [store, open(), open({ keys: key, write: false })])
      expect(await load(one)).toMatchObject({ cart: fresh()["cart"] });
  });

  test("`maxBytes` counts the JSON", async () => {
    const bytes = Buffer.byteLength(JSON.stringify(fresh()));
    await open(key, { maxBytes: bytes }).set("a", fresh());
    expect(Object.values(await inRedis()).join("").length).toBeGreaterThan(bytes);
    const small = open(key, { maxBytes: 500 });
    await expect(small.set("b", fresh())).rejects.toMatchObject({ code: "SESSION_TOO_LARGE" });
  });

  describe("is no session, stays in place and is told of", () => {
    const expectUnreadable = async (store: RedisSessionStore, id = "a") => {
      const before = await on.inRedis(id);
      const sessions = told(store);
      expect(await store.get(id)).toBeNull();
      expect(sessions).toHaveLength(1);
      expect(await on.inRedis(id)).toEqual(before);
      expect(before).not.toBeNull();
    };

    test("what another key encrypted", async () => {
      await open(strange).set("a", fresh());
      await expectUnreadable(open());
      await expectUnreadable(open({ keys: [key, oldKey], write: false }));
      await expectUnreadable(open(false));
      expect(await open().all()).toEqual([]);
    });

    test("a value that was copied from another session, also after it has been read there", async () => {
      const store = open();
      await store.set("a", fresh({ user: "admin" }));
      await store.set("b", fresh({ user: "mallory" }));
      await load(store, "a");
      await plant(await inRedis("a"), "b");
      await expectUnreadable(store, "b");
      await expectUnreadable(open(), "b");
      expect(await load(store, "a")).toMatchObject({ user: "admin" });
    });

    test("a value from a session with the same id under another prefix", async () => {
      await open(key, { prefix: "shop:" }).set("a", fresh());
      await on.client.rename("shop:a", "sess:a");
      await expectUnreadable(open());
    });

    test.each(["first", "middle", "last"])("a value whose %s byte was changed", async (where) => {
      await open().set("a", fresh());
      const [name, raw] = Object.entries(await inRedis()).find(([, value]) => value.length > 100)!;
      const at = where === "first" ? 6 : where === "last" ? raw.length - 1 : raw.length >> 1;
      const changed = raw.slice(0, at) + (raw[at] === "A" ? "B" : "A") + raw.slice(at + 1);
      await plant({ ...(await inRedis()), [name]: changed });
      await expectUnreadable(open());
    });

    test("a plain session, where only encrypted ones are accepted", async () => {
      const strict = open({ keys: key, onlyEncrypted: true });
      for (const compress of [false, 1]) {
        await open(false, { compress }).set("a", fresh());
        await expectUnreadable(strict);
        expect(await load(open())).toMatchObject({ views: 1 });
      }
      await strict.destroy("a");
      await strict.set("a", fresh());
      expect(await load(strict)).toMatchObject({ views: 1 });
      await strict.set("a", Object.assign(await load(strict), { views: 2 }));
      expect(await load(strict)).toMatchObject({ views: 2 });
    });

    test.runIf(layout === "hash")("a hash with one plain field, where only encrypted ones are accepted", async () => {
      const strict = open({ keys: key, onlyEncrypted: true });
      await strict.set("a", fresh());
      await on.client.hSet("sess:a", "isAdmin", "true");
      await expectUnreadable(strict);
    });

    test.runIf(layout === "hash")("a hash in which two fields were exchanged", async () => {
      await open().set("a", fresh({ mine: "a", theirs: "b" }));
      const { mine, theirs } = await inRedis();
      await on.client.hSet("sess:a", { mine: theirs!, theirs: mine! });
      await expectUnreadable(open());
    });

    test("one that became so while a request ran, which then changes nothing", async () => {
      const store = open();
      await store.set("a", fresh());
      const read = await load(store);
      await open(strange).destroy("a");
      await open(strange).set("a", fresh({ views: 7 }));
      const before = await inRedis();
      const sessions = told(store);
      expect(await store.set("a", Object.assign(read, { views: 2, cart: {} }))).toBe("gone");
      expect(sessions).toHaveLength(1);
      expect(await inRedis()).toEqual(before);
    });
  });

  test("a plain session is read as long as it need not be encrypted", async () => {
    await new RedisStore({ client: on.client }).set("a", fresh() as never);
    expect(await load(open())).toMatchObject({ views: 1 });
  });

  test("plain connect-redis beside it answers such a visitor with an error, and serves all others", async () => {
    const store = new RedisStore({ client: on.client });
    const plain = session({ store, secret, resave: false, saveUninitialized: false });
    const ours = redisSession({ client: on.client, layout, encrypt: key, secret });
    const [site, beside] = await Promise.all(
      [ours, plain].map((middleware) =>
        startSite(middleware as never, ({ session: one }, res) => {
          one["views"] = (one["views"] ?? 0) + 1;
          res.end(String(one["views"]));
        }),
      ),
    );
    const visitor = new Visitor(site!);
    await visitor.get("/");
    const twin = new Visitor(beside!, visitor.cookie);
    expect(await twin.get("/")).toMatchObject({ status: 500 });
    const other = new Visitor(beside!);
    await other.get("/");
    expect(await other.get("/")).toMatchObject({ status: 200, body: "2" });
    expect(await visitor.get("/")).toMatchObject({ status: 200, body: "2" });
    for (const one of [site!, beside!]) await one.close();
  });

  test("an import into Redis, as a move makes it, is encrypted, and compared as it was read", async () => {
    const store = open();
    const { transfer } = repositoryOf(store);
    const json = JSON.stringify(fresh());
    expect(await transfer.putMissing([{ sid: "a", text: json, seconds: 60 }])).toBe(1);
    expect(await formsOf()).toEqual({ encrypted: 1, plain: 0 });
    expect(await load(store)).toMatchObject({ views: 1 });
    expect(await transfer.put("a", fresh({ views: 2 }), { onlyIfAbsent: false })).toBe("put");
    expect(await formsOf()).toEqual({ encrypted: 1, plain: 0 });
    const handle = repositoryOf(store).handleFor("a", fresh({ views: 2 }));
    expect(await repositoryOf(store).commit(handle, fresh({ views: 3 }))).toBe("saved");
    expect(await load(store)).toMatchObject({ views: 3 });
    await transfer.bury("a", 60);
    expect(await on.client.get("sess:a")).toBe("");
    expect(await store.get("a")).toBeNull();
  });

  test("operators find, see, export and import it", async () => {
    const store = open(key, { compress: true });
    await store.set("a", fresh({ passport: { user: "u-77" } }));
    await store.set("b", fresh());
    const admin = sessionAdmin({ store });
    const found = [];
    for await (const one of admin.list({ user: "u-77" })) found.push(one);
    expect(found).toEqual([expect.objectContaining({ user: "u-77", isReadable: true })]);
    expect(await admin.show(found[0]!.session)).toMatchObject({ data: { views: 1 }, layout });
    const exported = [];
    for await (const one of admin.export()) exported.push(one);
    expect(JSON.stringify(exported)).toContain("rope number 39");
    expect(JSON.stringify(exported)).not.toContain("~");
    await on.client.flushDb();
    expect(await admin.import(exported)).toMatchObject({ imported: 2 });
    expect((await formsOf("a")).plain).toBe(0);
    expect(await load(store)).toMatchObject({ passport: { user: "u-77" }, cart: fresh()["cart"] });
  });

  test("operators without the key see that it is there, and end it, but not with all that are readable", async () => {
    await open(strange).set("a", fresh());
    const admin = sessionAdmin({ store: open() });
    expect(await admin.count()).toBe(1);
    const found = [];
    for await (const one of admin.list()) found.push(one);
    expect(found).toEqual([expect.objectContaining({ isReadable: false })]);
    const exported = [];
    for await (const one of admin.export()) exported.push(one);
    expect(exported).toEqual([]);
    expect((await admin.show(found[0]!.session))!.data).toBeUndefined();
    expect(await admin.clear()).toBe(0);
    expect(await on.client.exists("sess:a")).toBe(1);
    expect(await admin.end(found[0]!.session)).toBe(true);
    expect(await on.client.exists("sess:a")).toBe(0);
  });

  test("the near cache answers, and hears of changes", async () => {
    const store = open(key, { nearCache: {} });
    await store.set("a", fresh());
    const other = open([oldKey, key], { client: await on.redis.client() });
    const reads = async (work: () => Promise<unknown>) => {
      const count = () => callsOf(on.client, "get", "hgetall");
      const before = await count();
      await work();
      return (await count()) - before;
    };
    await expect.poll(() => reads(() => load(store))).toBe(0);
    await other.set("a", Object.assign(await load(other), { views: 2 }));
    const reader = open([key, oldKey]);
    await expect.poll(async () => (await load(reader))["views"]).toBe(2);
    await other.destroy("a");
    await expect.poll(() => store.get("a")).toBeNull();
    await store.close();
  });

  test("overlapping requests of a visitor all keep their changes", async () => {
    const middlewares = [key, { keys: key, write: false }].map((encrypt) =>
      redisSession({ client: on.client, layout, encrypt, secret }),
    );
    let meeting = new Meeting(4);
    const sites = await Promise.all(
      middlewares.map((middleware) =>
        startSite(middleware as never, async ({ session: one }, res, url) => {
          const name = url.pathname.slice(1);
          if (name === "begin") Object.assign(one, { visited: long("page") });
          else if (name !== "read") {
            void one["visited"];
            await meeting.arrive();
            one[name] = long(name);
          }
          res.end(JSON.stringify(Object.keys(one)));
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

describe("with the app's own serializer", () => {
  const redis = useRedis();
  const serializer = {
    parse: (text: string) => JSON.parse(Buffer.from(text, "hex").toString()) as never,
    stringify: (value: object) => Buffer.from(JSON.stringify(value)).toString("hex"),
  };

  test("its texts are encrypted, read again, and read while they are not", async () => {
    const client = await redis.client();
    await client.flushDb();
    const open = (encrypt: unknown) => new RedisSessionStore({ client, serializer, encrypt } as never);
    await open(false).set("a", fresh());
    const store = open([key, oldKey]);
    await store.set("a", Object.assign((await store.get("a"))!, { views: 2 }));
    expect(await client.get("sess:a")).toMatch(/^~2/);
    expect(await open(key).get("a")).toMatchObject({ views: 2 });
    expect(await open(strange).get("a")).toBeNull();
    expect(await open(false).get("a")).toBeNull();
    await client.set("sess:b", serializer.stringify(fresh()));
    expect(await store.get("b")).toMatchObject({ views: 1 });
    expect(await open({ keys: key, onlyEncrypted: true }).get("b")).toBeNull();
    const admin = sessionAdmin({ store });
    const exported = [];
    for await (const one of admin.export()) exported.push(one);
    expect(exported.map(({ text }) => serializer.parse(text!))).toHaveLength(2);
  });

  test("a lenient one never gets to see what must not be read", async () => {
    const client = await redis.client();
    await client.flushDb();
    const lenient = { stringify: JSON.stringify, parse: () => fresh({ user: "admin" }) as never };
    const open = (encrypt: unknown) => new RedisSessionStore({ client, serializer: lenient, encrypt } as never);
    await open(key).set("a", fresh());
    await client.copy("sess:a", "sess:b");
    expect(await open(key).get("a")).toMatchObject({ user: "admin" });
    expect(await open(key).get("b")).toBeNull();
    await client.set("sess:c", "{}");
    expect(await open({ keys: key, onlyEncrypted: true }).get("c")).toBeNull();
    const strict = sessionAdmin({ store: open({ keys: key, onlyEncrypted: true }) });
    const readable = [];
    for await (const one of strict.list()) readable.push(one.isReadable);
    expect(readable.toSorted()).toEqual([false, false, true]);
  });
});

test("what the process has of the keys is not printed with the store", async () => {
  const { inspect } = await import("node:util");
  const store = new RedisSessionStore({ client: await clientOf(), encrypt: [key, oldKey] } as never);
  const printed = inspect(store, { depth: 4, showHidden: true }) + JSON.stringify(Object.keys(store));
  for (const one of [key, oldKey])
    for (const form of ["hex", "base64", "base64url"] as const) expect(printed).not.toContain(one.toString(form));
  expect(printed).not.toContain(inspect(key).slice(8, 40));
});
const shown = useRedis();
const clientOf = () => shown.client();
