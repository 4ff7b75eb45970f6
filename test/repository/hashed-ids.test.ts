/** The option `hashIds`, in both layouts: no id is in Redis, and it is switched on and off while sessions live. */
import { createHash, randomBytes } from "node:crypto";
import { RedisStore } from "connect-redis";
import { createClientPool } from "redis";
import { describe, expect, onTestFinished, test } from "vitest";
import { redisSession, RedisSessionStore, sum } from "holdfast";
import { MigratingStore } from "holdfast/migrate";
import { sessionAdmin } from "holdfast/ops";
import { MemoryStore } from "express-session";
import { allowAgain, codes } from "../../lib/errors/index.js";
import { callsOf, commandsOf } from "../support/commands.js";
import { useRedis } from "../support/servers/use-redis.js";
import { fresh as freshSession, settings, useStores } from "../support/stores.js";
import { Meeting, startSite, Visitor } from "../support/web-site.js";

type HashIds = boolean | "prepare" | "move";
const fresh = (values: object = {}) => freshSession({ views: 1, cart: { rope: 1 }, ...values });
const secret = "a secret for tests, long enough not to be warned of";
const digest = (id: string) => createHash("sha256").update(id).digest("hex");
/** The steps on the way there, and back: each process is at one of two neighbors while a step is deployed. */
const steps = [
  [false, "prepare"],
  ["prepare", "move"],
  ["move", true],
] as const;

describe.each(settings)("on $kind, layout $layout", (setting) => {
  const { layout } = setting;
  const on = useStores(setting);
  const load: (...args: Parameters<typeof on.load>) => Promise<any> = on.load;
  const open = (hashIds: HashIds, options: object = {}) => on.open({ hashIds, ...options });
  /** As another process. */
  const elsewhere = async (hashIds: HashIds, options: object = {}) =>
    open(hashIds, { client: await on.redis.client(), ...options });
  const keys = async () => (await on.client.keys("*")).sort();
  const [plainKey, hashedKey] = ["sess:a", expect.stringMatching(new RegExp(`^sess:~${digest("a")}\\{\\w+\\}$`))];

  test("no id is in Redis, and everything works", async () => {
    const store = open(true);
    await store.set("a", fresh());
    expect(await keys()).toEqual([hashedKey]);
    const read = await load(store);
    await store.set("a", Object.assign(read, { views: 2 }));
    await store.touch("a", read);
    expect(await load(store)).toMatchObject({ views: 2, cart: { rope: 1 } });
    expect(await keys()).toEqual([hashedKey]);
    expect(await store.length()).toBe(1);
    expect(await open(false).get("a")).toBeNull();
    await store.destroy("a");
    expect(await keys()).toEqual([]);
    expect(await store.set("a", Object.assign(read, { views: 3 }))).toBe("gone");
    expect(await keys()).toEqual([]);
  });

  test("reading takes one command, and so does saving", async () => {
    for (const hashIds of [true, "move", "prepare"] as const) {
      await on.client.flushDb();
      const store = open(hashIds);
      await store.set("a", fresh());
      await on.client.configResetStat();
      const read = await load(store);
      expect(await callsOf(on.client, "get", "hgetall")).toBe(1);
      await on.client.configResetStat();
      await store.set("a", Object.assign(read, { views: 2 }));
      expect(await commandsOf(on.client)).toMatchObject({ evalsha: 1 });
      expect(await callsOf(on.client, "rename", "type")).toBe(0);
    }
  });

  test("nobody gets at a session with the name of its key, whatever the option says", async () => {
    await open(true).set("a", fresh({ user: "ada" }));
    const name = (await keys())[0]!.slice("sess:".length);
    for (const hashIds of [false, "prepare", "move", true] as const) {
      expect(await open(hashIds).get(name)).toBeNull();
    }
    for (const hashIds of [false, "prepare", "move", true] as const) {
      const store = open(hashIds);
      await store.set(name, fresh({ user: "mallory" }));
      expect(await load(open(true))).toMatchObject({ user: "ada" });
    }
  });

  test("`ids` has names, which `destroy` takes; `all`, `length` and `clear` work as ever", async () => {
    const store = open("move");
    await open(true).set("a", fresh());
    await open(false).set("b", fresh());
    const ids = (await store.ids()).sort();
    expect(ids).toEqual(["b", expect.stringMatching(new RegExp(`^~${digest("a")}`))]);
    expect((await store.all()).map((one) => (one as { id?: string }).id).sort()).toEqual(ids);
    expect(await store.length()).toBe(2);
    for (const id of ids) await store.destroy(id);
    expect(await keys()).toEqual([]);
    await open(true).set("a", fresh());
    await open(false).set("b", fresh());
    await store.clear();
    expect(await keys()).toEqual([]);
  });

  test("each step on the way there and back finds every session, and brings it to where it belongs", async () => {
    await open(false).set("a", fresh());
    const ttl = await on.client.ttl("sess:a");
    const way: [HashIds, unknown][] = [
      ["prepare", plainKey],
      ["move", hashedKey],
      [true, hashedKey],
      ["move", hashedKey],
      ["prepare", plainKey],
      [false, plainKey],
    ];
    let views = 1;
    for (const [hashIds, key] of way) {
      const store = await elsewhere(hashIds);
      expect(await load(store)).toMatchObject({ views });
      expect(await keys()).toEqual([key]);
      await store.set("a", Object.assign(await load(store), { views: ++views }));
      expect(await keys()).toEqual([key]);
      expect(Math.abs((await on.client.ttl((await keys())[0]!)) - ttl)).toBeLessThan(5);
    }
    expect(await new RedisStore({ client: on.client }).get("nobody")).toBeNull();
  });

  test.each(steps)("while %s and %s are deployed, no update is lost, many times", async (one, other) => {
    if (one === "move") await open(true).set("a", fresh({ views: 0 }));
    else await open(false).set("a", fresh({ views: 0 }));
    if (one === "move") await load(open("move"));
    const merge = { views: sum, "cart.rope": sum };
    const stores = await Promise.all([0, 1, 2, 3].map((i) => elsewhere(i % 2 ? one : other, { merge })));
    for (let round = 0; round < 40; round++) {
      const sessions = await Promise.all(stores.map((store) => load(store)));
      await Promise.all(
        sessions.map((read, i) => {
          read["views"]++;
          read["cart"].rope++;
          read["cart"][`${round}-${i}`] = true;
          return stores[i]!.set("a", read);
        }),
      );
      expect(await keys()).toHaveLength(1);
    }
    const result = await load(stores[0]!);
    expect([result["views"], result["cart"].rope, Object.keys(result["cart"]).length]).toEqual([160, 161, 161]);
  });

  test.each(steps)(
    "while %s and %s are deployed, a session that has ended stays dead, many times",
    async (one, other) => {
      const stores = await Promise.all([0, 1, 2, 3].map((i) => elsewhere(i % 2 ? one : other)));
      for (let round = 0; round < 100; round++) {
        const id = `s${round}`;
        // In the step to `true` nothing is stored by id any more, in the first one nothing by hash.
        await stores[one === "prepare" ? round % 4 : one === "move" ? 1 : 0]!.set(id, fresh());
        const sessions = await Promise.all(stores.map((store) => load(store, id)));
        const ender = (round * 3 + 1) % 4; // which does nothing else with it meanwhile
        await load(stores[(ender + 1) % 4]!, id); // which brings it to where the ender does not have it
        const work = stores.flatMap((store, i) =>
          i === ender
            ? []
            : [
                store.set(id, Object.assign(sessions[i], { views: i + 2 })),
                store.get(id),
                store.touch(id, sessions[i]),
              ],
        );
        await stores[ender]!.destroy(id);
        await Promise.all(work);
        expect({ round, keys: await keys() }).toEqual({ round, keys: [] });
        for (const store of stores) expect(await store.get(id)).toBeNull();
      }
    },
  );

  test("ending a session ends it under whichever key it is, without looking for it first", async () => {
    for (const [hashIds, other] of [
      ["prepare", true],
      ["move", false],
    ] as const) {
      await open(other).set("a", fresh());
      await open(hashIds).destroy("a");
      expect(await keys()).toEqual([]);
    }
  });

  test.each(steps)("while %s and %s are deployed, a reader never misses a session", async (one, other) => {
    const stores = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => elsewhere(i % 2 ? one : other)));
    await stores[one === "move" ? 1 : 0]!.set("a", fresh());
    for (let round = 0; round < 200; round++) {
      const found = await Promise.all(stores.map((store) => store.get("a")));
      expect({ round, found: found.filter(Boolean).length }).toEqual({ round, found: 6 });
    }
    expect(await keys()).toHaveLength(1);
  });

  test("a new session of a process in the next step is found by those in the step before", async () => {
    for (const [one, other] of [
      ["prepare", "move"],
      ["move", "prepare"],
      ["move", true],
      [false, "prepare"],
    ] as const) {
      await on.client.flushDb();
      await open(other).set("a", fresh());
      if (other !== true && one !== false) expect(await load(open(one))).toMatchObject({ views: 1 });
      else expect(await load(open(one === false ? one : "move"))).toMatchObject({ views: 1 });
    }
  });

  test("with pools of connections, whose commands overtake each other, no reader misses a session and no save is lost", async () => {
    const stores = await Promise.all(
      [0, 1, 2, 3].map(async (i) => {
        const pool = createClientPool({ url: on.redis.url }, { minimum: 3, maximum: 3 });
        onTestFinished(() => pool.destroy());
        return open(i % 2 ? "prepare" : "move", { client: await pool.connect(), merge: { views: sum } });
      }),
    );
    await stores[0]!.set("a", fresh({ views: 0 }));
    for (let round = 0; round < 100; round++) {
      const found = await Promise.all([...stores, ...stores, ...stores].map((store) => store.get("a")));
      expect({ round, found: found.filter(Boolean).length }).toEqual({ round, found: 12 });
      const outcomes = await Promise.all(
        found
          .slice(0, 4)
          .map((read, i) => stores[i]!.set("a", Object.assign(read!, { views: (read as any).views + 1 }))),
      );
      expect({ round, outcomes }).toEqual({ round, outcomes: Array(4).fill(undefined) });
    }
    expect(await load(stores[0]!)).toMatchObject({ views: 400 });
    expect(await keys()).toHaveLength(1);
  });

  test("written whole by processes of both kinds at once, a session is under one key", async () => {
    const stores = await Promise.all([0, 1, 2, 3].map((i) => elsewhere(i % 2 ? "prepare" : "move")));
    for (let round = 0; round < 30; round++) {
      await Promise.all(stores.map((store, i) => store.set("a", fresh({ views: i }))));
      expect(await keys()).toHaveLength(1);
      const views = (await load(stores[round % 4]!))["views"];
      for (const store of stores) expect(await load(store)).toMatchObject({ views });
    }
  });

  test("while sessions are brought back and forth, lists have each of them once, and `clear` misses none", async () => {
    const stores = await Promise.all([elsewhere("prepare"), elsewhere("move", { scanCount: 7 })]);
    const ids = Array.from({ length: 200 }, (_, n) => `s${n}`);
    let isOver = false;
    onTestFinished(() => void (isOver = true));
    const visits = async (store: RedisSessionStore) => {
      for (let n = 0; !isOver; n++) await store.get(ids[(n * 7) % ids.length]!);
    };
    for (let round = 0; round < 3; round++) {
      isOver = false;
      await Promise.all(ids.map((id) => stores[0]!.set(id, fresh())));
      const visiting = Promise.all([...stores, ...stores].map(visits));
      const listed = await stores[1]!.ids();
      const names = listed.map((id) => (id.startsWith("~") ? id.slice(1, 65) : digest(id)));
      expect(names.sort()).toEqual(ids.map(digest).sort());
      expect(await stores[1]!.length()).toBe(200);
      await stores[1]!.clear();
      isOver = true;
      await visiting;
      expect(await keys()).toEqual([]);
    }
  });

  test("while sessions are brought back and forth, operators end the one that they mean, and all of them", async () => {
    const stores = await Promise.all([elsewhere("prepare"), elsewhere("move")]);
    const admins = [open(false), open("move"), open("prepare"), open(true)].map((store) => sessionAdmin({ store }));
    const ids = Array.from({ length: 60 }, (_, n) => `s${n}`);
    let isOver = false;
    onTestFinished(() => void (isOver = true));
    const visits = async (store: RedisSessionStore) => {
      for (let n = 0; !isOver; n++) {
        await store.get(ids[(n * 7) % ids.length]!);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    for (const admin of admins) {
      isOver = false;
      await Promise.all(ids.map((id, n) => stores[n % 2]!.set(id, fresh())));
      const visiting = Promise.all(stores.map(visits));
      for (const id of ids.slice(0, 10)) {
        expect(await admin.end(digest(id).slice(0, 12))).toBe(true);
        for (const store of stores) expect(await store.get(id)).toBeNull();
      }
      expect(await admin.clear()).toBeGreaterThan(0);
      isOver = true;
      await visiting;
      expect(await keys()).toEqual([]);
    }
  });

  test("`true` before all are moved: a warning at once, and they are found again with `move`", async () => {
    const warnings: string[] = [];
    const note = (warning: Error & { code?: string }) => void warnings.push(`${warning.code}: ${warning.message}`);
    process.on("warning", note);
    onTestFinished(() => void process.off("warning", note));
    allowAgain(codes.SESSIONS_LEFT_BEHIND);
    const early = open(true);
    await early.set("new", fresh());
    expect(await early.get("nobody")).toBeNull();
    await open(false).set("a", fresh());
    expect(await early.get("a")).toBeNull();
    await expect.poll(() => warnings).toEqual([expect.stringMatching(/^HOLDFAST_SESSIONS_LEFT_BEHIND: .*"move"/)]);
    expect(warnings[0]).not.toContain("sess:a");
    expect(await load(open("move"))).toMatchObject({ views: 1 });
    expect(await load(early)).toMatchObject({ views: 1 });
    // What this costs: one more command for a hundred cookies without a session, and then hardly any.
    for (let n = 0; n < 100; n++) await early.get(`nobody-${n}`);
    await on.client.configResetStat();
    for (let n = 0; n < 200; n++) await early.get(`nobody-${n}`);
    expect(await callsOf(on.client, layout === "hash" ? "hgetall" : "get")).toBeLessThanOrEqual(203);
  });

  test("what is written whole replaces the session under either key", async () => {
    await open(false).set("a", fresh());
    await open("move").set("a", fresh({ views: 5 }));
    expect(await keys()).toEqual([hashedKey]);
    await open("prepare").set("a", fresh({ views: 6 }));
    expect(await keys()).toEqual([plainKey]);
    expect(await load(open("move"))).toMatchObject({ views: 6 });
  });

  test("a tombstone that a migration has left is no session, and stays where it is", async () => {
    for (const hashIds of ["prepare", "move"] as const) {
      await on.client.set("sess:a", "");
      expect(await open(hashIds).get("a")).toBeNull();
      expect(await keys()).toEqual(["sess:a"]);
    }
  });

  test("lifetimes are refreshed wherever the session is", async () => {
    await open(true).set("a", fresh());
    await on.client.expire((await keys())[0]!, 100);
    const store = open("prepare", { touchInterval: 0 });
    const read = await load(store);
    await load(open("move"));
    await store.touch("a", read);
    expect(await on.client.ttl((await keys())[0]!)).toBeGreaterThan(86_000);
  });

  test("near caches of either kind hear of what the others do", async () => {
    const [one, other] = [await elsewhere("prepare", { nearCache: {} }), await elsewhere("move", { nearCache: {} })];
    const beside = on.open({ hashIds: "move", nearCache: {}, client: one.client });
    await one.set("a", fresh());
    for (let round = 0; round < 30; round++) {
      const store = [one, other, beside][round % 3]!;
      const read = await load(store);
      await store.set("a", Object.assign(read, { views: round + 2 }));
      for (const each of [one, other, beside])
        await expect.poll(async () => (await load(each))["views"]).toBe(round + 2);
    }
    await beside.destroy("a");
    for (const each of [one, other, beside]) await expect.poll(() => each.get("a")).toBeNull();
    for (const each of [one, other, beside]) await each.close();
  });

  test("together with encryption and compression, in every step", async () => {
    const options = { encrypt: randomBytes(32), compress: 1 };
    await open(false, options).set("a", fresh());
    let views = 1;
    for (const hashIds of ["prepare", "move", true, "move", "prepare", false] as const) {
      const store = open(hashIds, options);
      await store.set("a", Object.assign(await load(store), { views: ++views }));
      expect(await load(open(hashIds, options))).toMatchObject({ views });
    }
    await open(true, options).set("b", fresh({ passport: { user: "u-1" } }));
    const admin = sessionAdmin({ store: open(false, options) });
    expect(await admin.show(digest("b"))).toMatchObject({ user: "u-1", data: { views: 1 } });
  });

  test("operators find, see, end, export and import sessions by the same short hashes", async () => {
    await open(true).set("a", fresh({ passport: { user: "u-1" } }));
    await open(false).set("b", fresh({ passport: { user: "u-1" } }));
    const store = open("move");
    const admin = sessionAdmin({ store });
    const listed = [];
    for await (const { session } of admin.list({ user: "u-1" })) listed.push(session);
    expect(listed.sort()).toEqual(["a", "b"].map((id) => digest(id).slice(0, 8)).sort());
    expect(await admin.count()).toBe(2);
    expect(await admin.show(digest("a").slice(0, 10))).toMatchObject({ hash: digest("a"), user: "u-1", layout });
    const exported = [];
    for await (const one of admin.export()) exported.push(one);
    await on.client.flushDb();
    expect(await sessionAdmin({ store: open(true) }).import(exported)).toMatchObject({ imported: 2 });
    expect(await keys()).toHaveLength(2);
    for (const id of ["a", "b"]) expect(await load(open(true), id)).toMatchObject({ passport: { user: "u-1" } });
    expect(await admin.end(digest("a").slice(0, 8))).toBe(true);
    expect(await open(true).get("a")).toBeNull();
    expect(await admin.endUser("u-1")).toEqual({ sessions: 1, logins: false });
    expect(await keys()).toEqual([]);
  });

  test("an import overwrites nothing, under whichever key it is", async () => {
    await open(false).set("a", fresh());
    const line = { id: "a", expires: null, text: JSON.stringify(fresh({ views: 9 })) };
    for (const hashIds of ["move", "prepare", true, "move", false] as const) {
      const admin = sessionAdmin({ store: open(hashIds) });
      expect(await admin.import([line])).toEqual({ imported: 0, existing: 1, expired: 0 });
      expect(await keys()).toHaveLength(1);
      expect(await load(open(hashIds === "prepare" ? "prepare" : "move"))).toMatchObject({ views: 1 });
    }
    await open("move").destroy("a");
    await on.client.set("sess:a", ""); // as a migration leaves it for a session that has ended
    expect(await sessionAdmin({ store: open(true) }).import([line])).toMatchObject({ imported: 0, existing: 1 });
  });

  test("requests of a visitor to both kinds of processes all keep their changes, and a logout ends them", async () => {
    const middlewares = await Promise.all(
      (["prepare", "move"] as const).map(async (hashIds) =>
        redisSession({ client: await on.redis.client(), layout, hashIds, secret }),
      ),
    );
    let meeting = new Meeting(4);
    const sites = await Promise.all(
      middlewares.map((middleware) =>
        startSite(middleware as never, async ({ session }, res, url) => {
          const name = url.pathname.slice(1);
          if (name === "begin") session["visited"] = true;
          else if (name === "renew") await new Promise((resolve) => session.regenerate(resolve));
          else if (name === "end") await new Promise((resolve) => session.destroy(resolve));
          else if (name !== "read") {
            void session["visited"];
            await meeting.arrive();
            session[name] = true;
          }
          res.end(JSON.stringify(Object.keys((session as object | undefined) ?? {})));
        }),
      ),
    );
    for (let round = 0; round < 20; round++) {
      const visitor = new Visitor(sites[round % 2]!);
      await visitor.get("/begin");
      const twin = new Visitor(sites[(round + 1) % 2]!, visitor.cookie);
      meeting = new Meeting(4);
      await Promise.all([visitor.get("/w"), twin.get("/x"), visitor.get("/y"), twin.get("/z")]);
      for (const one of [visitor, twin])
        expect(JSON.parse((await one.get("/read")).body)).toEqual(
          expect.arrayContaining(["visited", "w", "x", "y", "z"]),
        );
      await visitor.get("/end");
      expect(JSON.parse((await twin.get("/read")).body)).not.toContain("visited");
      expect(await keys()).toEqual([]);
    }
    for (const site of sites) await site.close();
  });
});

describe("the option", () => {
  const redis = useRedis();
  test.each(["yes", 1, "moving", {}])("cannot be %j", async (hashIds) => {
    const client = await redis.client();
    expect(() => new RedisSessionStore({ client, hashIds } as never)).toThrow(
      /`hashIds` must be true or false, or "prepare"/,
    );
  });

  test("does not go with half a tag in the prefix", async () => {
    const client = await redis.client();
    const open = (prefix: string, hashIds: HashIds) => new RedisSessionStore({ client, prefix, hashIds });
    expect(() => open("a{b:", "move")).toThrow(/`prefix` has a brace/);
    expect(() => open("a{b:", false)).not.toThrow();
    expect(() => open("{a}b:", "move")).not.toThrow();
  });

  test("does not go with a migration, whose database has ids", async () => {
    const client = await redis.client();
    const make = (hashIds: HashIds) =>
      new MigratingStore({ legacy: new MemoryStore(), redis: new RedisSessionStore({ client, hashIds }) });
    for (const hashIds of ["prepare", "move", true] as const)
      expect(() => make(hashIds)).toThrow(expect.objectContaining({ code: "HOLDFAST_STORE_INVALID" }));
    await make(false).close();
  });
});
