/** `sessionAdmin()`: what it lists, shows, ends, exports and imports, in both layouts. */
import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import type { RedisClientType } from "redis";
import type { SessionData } from "express-session";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { MemoryStore, redisSession, RedisSessionStore, type RedisSessionStoreOptions } from "holdfast";
import { MigratingStore, Move, MoveControl } from "holdfast/migrate";
import { sessionAdmin, type ExportedSession } from "holdfast/ops";
import { callsOf } from "../../support/commands.js";
import { listen, namesOf } from "../../support/heard.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { startSite, Visitor } from "../../support/web-site.js";

const server = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await server.client();
});
beforeEach(() => client.flushAll());

const digest = (id: string) => createHash("sha256").update(id).digest("hex");
const label = (id: string) => digest(id).slice(0, 8);

function cookie(maxAge: number | null = 3_600_000) {
  return { originalMaxAge: maxAge, expires: maxAge === null ? null : new Date(Date.now() + maxAge), path: "/" };
}

const sessionOf = (values: object, maxAge?: number | null) => ({ cookie: cookie(maxAge), ...values }) as SessionData;

function adminFor(options: Partial<RedisSessionStoreOptions> = {}, adminOptions = {}) {
  const store = new RedisSessionStore({ client, ...options } as RedisSessionStoreOptions);
  return { store, admin: sessionAdmin({ store }, adminOptions) };
}

async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of found) list.push(one);
  return list;
}

describe.each(["json", "hash"] as const)("in the layout %s", (layout) => {
  const open = (options = {}, adminOptions = {}) => adminFor({ layout, ...options }, adminOptions);

  it("lists each session with what it tells about itself, and nothing else that Redis holds", async () => {
    const { store, admin } = open();
    await store.set("visitor", sessionOf({ cart: 1 }));
    await store.set("passport", sessionOf({ passport: { user: 42 } }, null));
    await client.set("sess:tombstone", "", { EX: 100 });
    await client.sAdd("sess:a-set", "x");
    await client.set("other:key", "{}");
    const listed = (await all(admin.list())).sort((a, b) => (a.user ?? "").localeCompare(b.user ?? ""));
    expect(listed).toEqual([
      {
        session: label("visitor"),
        user: undefined,
        username: undefined,
        age: undefined,
        idle: expect.toBeOneOf([0, 1]),
        ttl: 3600,
        size: expect.any(Number),
        isReadable: true,
      },
      expect.objectContaining({ session: label("passport"), user: "42", ttl: 86_400, idle: expect.toBeOneOf([0, 1]) }),
    ]);
    const stored = await (layout === "json"
      ? client.strLen("sess:visitor")
      : client.hGetAll("sess:visitor").then((fields) => Object.entries(fields).flat().join("").length));
    expect(listed[0]!.size).toBe(stored);
    expect(await admin.count()).toBe(2);
    expect(JSON.stringify(listed)).not.toMatch(/visitor|passport/);
  });

  it("filters by user, by idle time and by size", async () => {
    const { store, admin } = open();
    await store.set("a", sessionOf({ passport: { user: "7" }, note: "x".repeat(5000) }));
    await store.set("b", sessionOf({ passport: { user: { id: 7 } } }));
    await store.set("c", sessionOf({ passport: { user: "77" }, seven: "7" }));
    await client.expire("sess:b", 1800); // half of its lifetime has passed...
    await client.expire("sess:c", 1800);
    const labels = async (filter: object) => (await all(admin.list(filter))).map(({ session }) => session).sort();
    expect(await labels({ user: "7" })).toEqual([label("a"), label("b")].sort());
    expect(await labels({ user: "77" })).toEqual([label("c")]);
    expect(await labels({ user: 'no"body' })).toEqual([]);
    expect(await labels({ largerThan: 5000 })).toEqual([label("a")]);
    expect(await labels({ idle: 600 })).toEqual([]); // ... but they were written just now
    await rewriteAsIfWritten("b", 1800);
    expect(await labels({ idle: 600 })).toEqual([label("b")]);
    expect(await labels({ idle: 600, user: "77" })).toEqual([]);
  });

  async function rewriteAsIfWritten(id: string, secondsAgo: number) {
    const settings = JSON.stringify({ ...cookie(), expires: new Date(Date.now() + 3_600_000 - secondsAgo * 1000) });
    if (layout === "hash") return client.hSet(`sess:${id}`, "cookie", settings);
    const text = `{"cookie":${settings},"passport":{"user":{"id":7}}}`;
    return client.set(`sess:${id}`, text, { EX: 3600 - secondsAgo });
  }

  it("finds the user where the app keeps it", async () => {
    const { store, admin } = open({}, { userKey: "account.id" });
    await store.set("a", sessionOf({ account: { id: "é1" }, passport: { user: "no" } }));
    expect(await all(admin.list({ user: "é1" }))).toMatchObject([{ user: "é1" }]);
    expect(await all(admin.list({ user: "no" }))).toEqual([]);
  });

  it("shows one session by its short hash or more of it, without what looks secret", async () => {
    const { store, admin } = open();
    await store.set("secret-id", sessionOf({ csrfToken: "hush", cart: { items: 1 }, back: "/?s=secret-id" }));
    const shown = await admin.show(label("secret-id"));
    expect(shown).toMatchObject({
      session: label("secret-id"),
      hash: digest("secret-id"),
      layout,
      data: { cookie: { path: "/" }, csrfToken: "***", cart: { items: 1 }, back: "/?s=***" },
    });
    expect(JSON.stringify(shown)).not.toMatch(/secret-id|hush/);
    expect(await admin.show(digest("secret-id").toUpperCase())).toMatchObject({ session: label("secret-id") });
    expect(await admin.show("00000000")).toBeUndefined();
  });

  it("ends one session as a logout does: with a signal, and no running request brings it back", async () => {
    const sessions = redisSession({ client, layout, secret: "a secret of the tests, long enough" });
    const gate = new EventEmitter();
    const [arrived, released] = [once(gate, "arrived"), once(gate, "released")];
    const site = await startSite(sessions, async (req, res, url) => {
      req.session["count"] = (req.session["count"] ?? 0) + 1;
      if (url.pathname === "/slow") {
        gate.emit("arrived");
        await released;
      }
      res.end(req.sessionID);
    });
    onTestFinished(() => site.close());
    const visitor = new Visitor(site);
    const { body: id } = await visitor.get("/");
    const admin = sessionAdmin(sessions);
    const heard = listen("session:");
    const slow = visitor.get("/slow");
    await arrived;
    expect(await admin.end(label(id))).toBe(true);
    gate.emit("released");
    await slow;
    expect(namesOf(heard)).toEqual(expect.arrayContaining(["session:destroyed", "session:gone"]));
    expect(await client.exists(`sess:${id}`)).toBe(0);
    expect(await admin.end(label(id))).toBe(false);
  });

  it("exports and imports what it holds, with each expiry, and overwrites nothing", async () => {
    const { store, admin } = open();
    await store.set("a", sessionOf({ cart: ["é", { deep: null }] }));
    await store.set("b", sessionOf({ passport: { user: 1 } }, null));
    await client.persist("sess:b");
    await client.expire("sess:a", 1234);
    await client.set("sess:tombstone", "");
    await client.set("sess:rubbish", "rubbish");
    const exported = await all(admin.export());
    expect(exported.map(({ id }) => id).sort()).toEqual(["a", "b"]);
    const [a, b] = await Promise.all(["a", "b"].map((id) => store.get(id)));
    const lines: ExportedSession[] = JSON.parse(JSON.stringify(exported));
    await store.destroy("a");
    await store.set("b", Object.assign((await store.get("b"))!, { changed: true }));
    expect(await admin.import(lines)).toEqual({ imported: 1, existing: 1, expired: 0 });
    expect(await store.get("a")).toEqual(a);
    expect(await store.get("b")).toEqual({ ...b, changed: true });
    expect(await client.ttl("sess:a")).toBeOneOf([1233, 1234]);
    await client.del("sess:b");
    const past = { ...lines.find(({ id }) => id === "a")!, id: "past", expires: Date.now() - 1 };
    const buried = { ...lines.find(({ id }) => id === "b")!, id: "tombstone" };
    expect(await admin.import([...lines, past, buried])).toEqual({ imported: 1, existing: 2, expired: 1 });
    expect(await client.ttl("sess:b")).toBe(-1);
    expect(await client.exists("sess:past")).toBe(0);
    expect(await client.get("sess:tombstone")).toBe("");
  });

  it("clears all sessions, and leaves what is none", async () => {
    const { store, admin } = open();
    for (let n = 0; n < 300; n++) await store.set(`id-${n}`, sessionOf({ n }));
    await client.set("sess:rubbish", "rubbish");
    await client.hSet("sess:without-cookie", "a", "1");
    await client.sAdd("sess:a-set", "x");
    await client.set("sess:tombstone", "");
    await client.set("other:key", "{}");
    expect(await admin.clear()).toBe(300);
    expect((await client.keys("*")).sort()).toEqual(
      ["other:key", "sess:a-set", "sess:rubbish", "sess:tombstone", "sess:without-cookie"].sort(),
    );
    expect(await admin.clear({ unreadable: true })).toBe(2);
    expect((await client.keys("*")).sort()).toEqual(["other:key", "sess:a-set", "sess:tombstone"]);
  });

  it("reads sessions that are larger than a whole group may be", async () => {
    const { store, admin } = open();
    for (let n = 0; n < 60; n++)
      await store.set(`id-${n}`, sessionOf({ passport: { user: n }, note: "x".repeat(40_000) }));
    await store.set("huge", sessionOf({ passport: { user: "huge" }, note: "x".repeat(3_000_000) }));
    const listed = await all(admin.list());
    expect(new Set(listed.map(({ user }) => user)).size).toBe(61);
    expect(await all(admin.list({ user: "huge" }))).toMatchObject([{ user: "huge" }]);
    expect(await all(admin.list({ largerThan: 1_000_000 }))).toMatchObject([{ user: "huge" }]);
    expect((await all(admin.export())).length).toBe(61);
  });
});

it("sessions in both layouts beside each other are listed once", async () => {
  const [json, hash] = [adminFor({ layout: "json" }), adminFor({ layout: "hash" })];
  for (let n = 0; n < 400; n++) await (n % 2 ? json : hash).store.set(`id-${n}`, sessionOf({ passport: { user: n } }));
  expect(new Set((await all(json.admin.list())).map(({ user }) => user)).size).toBe(400);
  expect((await all(hash.admin.list())).length).toBe(400);
});

it("what cannot be read is listed as such, shown without values, and ended only by name", async () => {
  const { admin } = adminFor();
  await client.set("sess:rubbish", "{rubbish");
  await client.set("sess:number", "17");
  await client.hSet("sess:hash", "a", "1");
  await client.sendCommand(["SET", "sess:bytes", Buffer.from('{"a":"\xff\xfe"}', "latin1")]);
  const listed = (await all(admin.list())).map(({ isReadable, user }) => ({ isReadable, user }));
  expect(listed).toEqual([1, 2, 3, 4].map(() => ({ isReadable: false, user: undefined })));
  expect(await admin.show(label("rubbish"))).toMatchObject({ isReadable: false, data: undefined });
  expect(await admin.count()).toBe(4);
  expect(await admin.end(label("rubbish"))).toBe(true);
  expect(await client.exists("sess:rubbish")).toBe(0);
});

it("the app's own serializer is used", async () => {
  const serializer = {
    stringify: (session: SessionData) => Buffer.from(JSON.stringify(session)).toString("base64"),
    parse: async (text: string) => JSON.parse(Buffer.from(text, "base64").toString()) as SessionData,
  };
  const { store, admin } = adminFor({ serializer });
  await store.set("a", sessionOf({ passport: { user: "7" } }));
  expect(await all(admin.list({ user: "7" }))).toMatchObject([{ user: "7", isReadable: true }]);
  const exported = await all(admin.export());
  await admin.clear();
  expect(await admin.import(exported)).toMatchObject({ imported: 1 });
  expect(await store.get("a")).toMatchObject({ passport: { user: "7" } });
});

describe("a short hash that two sessions share", () => {
  // Both hashes begin with 72d9d9bb.
  const twins = ["twin-72235", "twin-90705"];

  it("is refused with digits that tell them apart, and neither is ended", async () => {
    const { store, admin } = adminFor();
    for (const id of twins) await store.set(id, sessionOf({ id: 1 }));
    const hashes = twins.map(digest).sort();
    expect(hashes[0]!.slice(0, 8)).toBe(hashes[1]!.slice(0, 8));
    const refusal = await admin.end(label(twins[0]!)).catch((error: unknown) => error as Error);
    expect(refusal).toMatchObject({ code: "HOLDFAST_SESSION_AMBIGUOUS" });
    const names = /digits: (\w+), (\w+)\./.exec((refusal as Error).message)!.slice(1);
    expect(hashes.map((hash, i) => hash.startsWith(names[i]!))).toEqual([true, true]);
    expect(await admin.count()).toBe(2);
    await expect(admin.show(label(twins[0]!))).rejects.toMatchObject({ code: "HOLDFAST_SESSION_AMBIGUOUS" });
    expect(await admin.end(names[0]!)).toBe(true);
    expect(await admin.show(label(twins[0]!))).toMatchObject({ hash: hashes[1] });
  });

  it.each(["", "e2b33c5", "not-a-hash", "../e2b33c50", "e2b33c50 "])("%j is no hash", async (hash) => {
    await expect(adminFor().admin.end(hash)).rejects.toMatchObject({ code: "HOLDFAST_OPTION_INVALID" });
  });
});

describe("many sessions", () => {
  it("are read only as fast as they are taken, and no more after a break or an abort", async () => {
    const { store, admin } = adminFor();
    await Promise.all(Array.from({ length: 5000 }, (_, n) => store.set(`id-${n}`, sessionOf({ n }))));
    const calls = () => callsOf(client, "evalsha");
    const before = await calls();
    for await (const { session } of admin.list()) {
      expect(session).toHaveLength(8);
      break;
    }
    expect((await calls()) - before).toBeLessThan(20); // of 100
    const controller = new AbortController();
    let taken = 0;
    for await (const _ of admin.list({}, { signal: controller.signal })) if (++taken === 100) controller.abort();
    expect(taken).toBeLessThan(1000);
    controller.abort();
    expect(await admin.clear({ signal: controller.signal })).toBe(0);
    expect(await admin.count()).toBe(5000);
  });
});

describe("while sessions are being moved", () => {
  async function moving(phase: "moving" | "finished") {
    const redis = new RedisSessionStore({ client });
    const legacy = new MemoryStore();
    const store = new MigratingStore({ legacy, redis });
    onTestFinished(() => store.close());
    const move = new Move(new MoveControl(client));
    await move.start({ withoutApp: true });
    await move.turn(100, { acceptLoss: true });
    if (phase === "finished") await move.finish({ acceptLoss: true });
    await expect.poll(() => store.state.phase).toBe(phase);
    return { store, legacy, admin: sessionAdmin({ store }) };
  }

  it("one session ends in both stores; what the database could contradict is refused", async () => {
    const { store, legacy, admin } = await moving("moving");
    await new Promise((done) => void store.set("a", sessionOf({ passport: { user: "7" } }), done));
    await expect.poll(() => new Promise((done) => legacy.get("a", (_, found) => done(found?.cookie && 1)))).toBe(1);
    for (const refused of [admin.clear(), admin.import([]), admin.endUser("7")])
      await expect(refused).rejects.toMatchObject({ code: "HOLDFAST_MOVE_REFUSED" });
    expect(await all(admin.list())).toMatchObject([{ user: "7" }]);
    expect(await admin.end(label("a"))).toBe(true);
    await expect.poll(() => new Promise((done) => legacy.get("a", (_, found) => done(found)))).toBeUndefined();
    expect(await all(admin.list())).toEqual([]);
  });

  it("all is possible again once it is finished", async () => {
    const { admin } = await moving("finished");
    expect(await admin.endUser("7")).toEqual({ sessions: 0, logins: false });
    expect(await admin.clear()).toBe(0);
  });
});

describe("what is imported", () => {
  const text = '{"cookie":{}}';
  it.each([
    undefined,
    null,
    "text",
    {},
    { id: "", expires: null, text },
    { id: 1, expires: null, text },
    { id: "a", text },
    { id: "a", expires: "soon", text },
    { id: "a", expires: null, text: "" },
    { id: "a", expires: null, fields: { a: "1" } },
    { id: "a", expires: null, fields: { cookie: 1 } },
    { id: "a", expires: null, text, fields: { cookie: "{}" } },
  ])("%j stops it, after those before it", async (wrong) => {
    const { admin } = adminFor();
    const good = { id: "good-id", expires: null, text };
    const refusal = await admin
      .import([good, wrong as never, { ...good, id: "later" }])
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "HOLDFAST_OPTION_INVALID", message: expect.stringContaining("Number 2") });
    expect(await client.keys("*")).toEqual(["sess:good-id"]);
  });
});

it("sessions that are not in Redis are refused, and so are filters that are no numbers", async () => {
  expect(() => sessionAdmin({ store: new MemoryStore() })).toThrow(
    expect.objectContaining({ code: "HOLDFAST_OPTION_INVALID" }),
  );
  for (const filter of [{ idle: "1h" }, { idle: -1 }, { largerThan: Number.NaN }])
    await expect(all(adminFor().admin.list(filter as never))).rejects.toMatchObject({
      code: "HOLDFAST_OPTION_INVALID",
    });
});
