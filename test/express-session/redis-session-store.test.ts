/** The store on its own: several saves, lifetimes, unreadable values, walking over all sessions. */
import type { SessionData } from "express-session";
import { describe, expect, test } from "vitest";
import { RedisSessionStore, sum } from "holdfast";
import { repositoryOf } from "../../lib/express-session/index.js";
import { fresh, settings, useStores, type Values } from "../support/stores.js";

describe.each(settings)("on $kind, layout $layout", (setting) => {
  const { layout } = setting;
  const on = useStores(setting);
  const { open, load } = on;
  /** The session that lies in Redis, whatever its layout. */
  const stored = async (id: string) => {
    const texts = await on.inRedis(id);
    if (texts === null || typeof texts === "string") return JSON.parse(texts ?? "null");
    return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, JSON.parse(text)]));
  };

  describe("saving", () => {
    test("several saves of one loaded session, one after another", async () => {
      const store = open({ merge: { n: sum } });
      await store.set("a", fresh({ n: 1 }));
      const mine = await load(store, "a");
      const theirs = await load(store, "a");
      mine["n"] += 1;
      await store.set("a", mine);
      theirs["n"] += 10;
      theirs["other"] = true;
      await store.set("a", theirs);
      mine["n"] += 1;
      await store.set("a", mine);
      await store.set("a", mine);
      expect(await stored("a")).toMatchObject({ n: 13, other: true });
    });

    test("several saves at once count each change once", async () => {
      const store = open({ merge: { n: sum } });
      await store.set("a", fresh({ n: 0 }));
      const mine = await load(store, "a");
      const saves = [];
      for (let i = 0; i < 20; i++) {
        mine["n"]++;
        saves.push(store.set("a", mine));
      }
      await Promise.all(saves);
      expect(await stored("a")).toMatchObject({ n: 20 });
    });

    test("saves at once of a new session keep the last", async () => {
      const store = open();
      const mine = fresh();
      const saves = [1, 2, 3].map((n) => store.set("a", Object.assign(mine, { n })));
      await Promise.all(saves);
      expect(await stored("a")).toMatchObject({ n: 3 });
    });

    test("a session that did not change is not written", async () => {
      const store = open();
      await store.set("a", fresh({ n: 1 }));
      const mine = await load(store, "a");
      await on.client.set("sess:a", JSON.stringify(fresh({ n: 2 })));
      await store.set("a", mine);
      expect(await stored("a")).toMatchObject({ n: 2 });
    });

    test("text of another make (blanks, cookie last) merges as well", async () => {
      const store = open();
      await on.client.set("sess:a", ' { "n": 1, "cookie": { "originalMaxAge": null } , "old": [ ] }');
      const mine = await load(store, "a");
      const theirs = await load(store, "a");
      await store.set("a", Object.assign(theirs, { t: 1 }));
      await store.set("a", Object.assign(mine, { m: 1 }));
      expect(await stored("a")).toEqual({ n: 1, old: [], t: 1, m: 1, cookie: expect.anything() });
    });

    test.skipIf(layout === "hash")("an asynchronous serializer merges as well", async () => {
      const serializer = {
        parse: async (text: string) => JSON.parse(Buffer.from(text, "base64").toString()) as SessionData,
        stringify: (data: SessionData) => Buffer.from(JSON.stringify(data)).toString("base64"),
      };
      const store = open({ serializer });
      await store.set("a", fresh());
      const [one, two] = [await load(store, "a"), await load(store, "a")];
      await store.set("a", Object.assign(one, { one: 1 }));
      await store.set("a", Object.assign(two, { two: 2 }));
      expect(await load(store, "a")).toMatchObject({ one: 1, two: 2 });
    });

    test.skipIf(layout === "hash")(
      "what another store has loaded is merged as well, by a serializer of the app's",
      async () => {
        const serializer = {
          parse: (text: string) => JSON.parse(Buffer.from(text, "base64").toString()) as SessionData,
          stringify: (data: SessionData) => Buffer.from(JSON.stringify(data)).toString("base64"),
        };
        const store = open({ serializer });
        await store.set("a", fresh({ n: 1 }));
        const loaded = fresh({ n: 1 });
        const repository = repositoryOf(store);
        const handle = repository.handleFor("a", loaded);
        await store.set("a", Object.assign(await load(store, "a"), { theirs: 1 }));
        expect(await repository.commit(handle, Object.assign(loaded, { mine: 1 }))).toBe("saved");
        expect(await load(store, "a")).toMatchObject({ n: 1, theirs: 1, mine: 1 });
      },
    );

    test("a key that express-session drops on load is left alone", async () => {
      const store = open();
      await on.client.set("sess:a", '{"cookie":{"originalMaxAge":null},"save":"data","__proto__":{"x":1}}');
      const req = { sessionID: "a", sessionStore: store } as never;
      const session = store.createSession(req, await load(store, "a")) as unknown as Values;
      await on.client.set("sess:a", '{"cookie":{"originalMaxAge":null},"save":"data","__proto__":{"x":1},"theirs":1}');
      await store.set("a", Object.assign(session, { mine: 1 }));
      const now = await stored("a");
      expect(now).toMatchObject({ save: "data", theirs: 1, mine: 1 });
      if (layout === "json") expect(JSON.stringify(now)).toContain('"__proto__":{"x":1}');
    });

    test("what JSON cannot express is refused, in words", async () => {
      const cyclic = fresh();
      cyclic["self"] = cyclic;
      await expect(async () => open().set("a", cyclic)).rejects.toMatchObject({ code: "SESSION_NOT_SERIALIZABLE" });
    });

    test("a server that forgot the script is taught it again", async () => {
      const store = open();
      await store.set("a", fresh());
      const mine = await load(store, "a");
      await on.client.scriptFlush();
      await store.set("a", Object.assign(mine, { n: 1 }));
      expect(await stored("a")).toMatchObject({ n: 1 });
    });
  });

  describe("lifetimes", () => {
    const ttl = (id: string) => on.client.ttl(`sess:${id}`);

    test("the cookie's expiry, else `ttl`, and a save keeps an end", async () => {
      const store = open({ ttl: 500 });
      const expires = new Date(Date.now() + 100_000);
      await store.set("a", fresh({}, { expires, originalMaxAge: 100_000 }));
      await store.set("b", fresh());
      expect([await ttl("a"), await ttl("b")]).toEqual([expect.closeTo(100, -1), expect.closeTo(500, -1)]);
      const mine = await load(store, "b");
      await store.set("b", Object.assign(mine, { n: 1 }));
      expect(await ttl("b")).toBeCloseTo(500, -1);
    });

    test("a session that is over already is removed, as in connect-redis", async () => {
      const store = open();
      await store.set("a", fresh());
      const mine = await load(store, "a");
      mine.cookie.expires = new Date(Date.now() - 1000);
      await store.set("a", Object.assign(mine, { n: 1 }));
      expect(await on.client.exists("sess:a")).toBe(0);
    });

    test("a touch never creates a key", async () => {
      const store = open({ touchInterval: 0 });
      await store.touch("nobody", fresh());
      expect(await on.client.exists("sess:nobody")).toBe(0);
    });
  });

  describe("values that are no session", () => {
    const rubbish: [string, string][] = [
      ["not JSON", "{oops"],
      ["a list", "[]"],
      ["a number", "7"],
      ["a tombstone", ""],
    ];

    test.each(rubbish)(
      "%s counts as no session, is left in place, and does not break the others",
      async (_name, text) => {
        const store = open();
        await on.client.set("sess:bad", text);
        await on.client.hSet("sess:wrong-type", "field", "value");
        await store.set("good", fresh({ n: 1 }));
        expect(await store.get("bad")).toBeNull();
        expect(await store.get("wrong-type")).toBeNull();
        expect(await store.all()).toEqual([expect.objectContaining({ n: 1, id: "good" })]);
        expect(await on.client.get("sess:bad")).toBe(text);
      },
    );
  });

  describe("all sessions", () => {
    test("10,000 of them are listed, counted and cleared, and other keys are left alone", async () => {
      const store = open({ prefix: "s[1]*:", scanCount: 1000 });
      const text = JSON.stringify(fresh({ n: 1 }));
      await Promise.all(Array.from({ length: 10_000 }, (_, i) => on.client.set(`s[1]*:${i}`, text)));
      await on.client.set("s1:other", "x");
      expect(await store.length()).toBe(10_000);
      expect(new Set(await store.ids()).size).toBe(10_000);
      expect(await store.all()).toHaveLength(10_000);
      await store.clear();
      expect(await on.client.keys("*")).toEqual(["s1:other"]);
    });

    test("an empty store", async () => {
      const store = open();
      expect([await store.all(), await store.ids(), await store.length()]).toEqual([[], [], 0]);
      await store.clear();
    });
  });

  test("callbacks: one call each, errors as the first argument", async () => {
    const store = open();
    const call = (start: (done: (error?: unknown, result?: unknown) => void) => unknown) =>
      new Promise<unknown[]>((resolve) => void start((...args) => resolve(args)));
    expect(await call((done) => store.set("a", fresh({ n: 1 }), done))).toEqual([null, undefined]);
    expect(await call((done) => store.get("a", done))).toEqual([null, expect.objectContaining({ n: 1 })]);
    expect(await call((done) => store.get("none", done))).toEqual([null, null]);
    expect(await call((done) => store.destroy("a", done))).toEqual([null, undefined]);
    const closed = await on.redis.client();
    closed.destroy();
    const [error] = await call((done) => new RedisSessionStore({ client: closed }).get("a", done));
    expect(error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", status: 503 });
  });
});
