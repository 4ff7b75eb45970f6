/** The option `serializer`: what connect-redis keeps with one, we keep; what cannot be stored as text is refused with a code. */
import { RedisStore } from "connect-redis";
import session, { type SessionData } from "express-session";
import type { RedisClientType } from "redis";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redisSession, RedisSessionStore } from "holdfast";
import { openSite, type Handlers, type Site } from "../parity/support/site.js";
import { secret } from "../promises/candidates.js";
import { useRedis } from "../support/servers/use-redis.js";

const redis = useRedis();
let client: RedisClientType;
const sites: Site[] = [];
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushAll());
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close();
});

class Kept {
  static of(values: object) {
    return Object.assign(new Kept(), values);
  }
  get size() {
    return Object.keys(this).length;
  }
}
const toMaps = (_key: string, value: any) => (value?.$map ? new Map(value.$map) : value);
const fromMaps = (_key: string, value: any) => (value instanceof Map ? { $map: [...value] } : value);

/** Each returns from `parse` what it was given, in one form or another. */
const works: Record<string, { stringify(data: any): any; parse(text: any): any }> = {
  "an object of a class": { stringify: JSON.stringify, parse: (text) => Kept.of(JSON.parse(text)) },
  "an object without a prototype": {
    stringify: JSON.stringify,
    parse: (text) => Object.assign(Object.create(null), JSON.parse(text)),
  },
  "a promise of an object of a class": { stringify: JSON.stringify, parse: async (text) => Kept.of(JSON.parse(text)) },
  "dates and maps": {
    stringify: (data) => JSON.stringify(data, fromMaps),
    parse: (text) =>
      JSON.parse(text, (key, value) => (key === "expires" && value ? new Date(value) : toMaps(key, value))),
  },
  "text from a buffer": { stringify: (data) => Buffer.from(JSON.stringify(data)), parse: JSON.parse },
  "text in a form of its own": {
    stringify: (data) => `\0\ud800${JSON.stringify(data)}`,
    parse: (text) => JSON.parse(text.slice(2)),
  },
};

/** Counts to 3, in three requests, and tells what `map` holds. */
const handlers: Handlers = (req, res) => {
  req.session["n"] = (req.session["n"] ?? 0) + 1;
  (req.session["map"] ??= new Map()).set?.("n", req.session["n"]);
  req.session.save(() => res.end(`${req.session["n"]} ${JSON.stringify([...(req.session["map"].values?.() ?? [])])}`));
};

describe.each(Object.entries(works))("whose parse returns %s", (_name, serializer) => {
  const middlewares = {
    peer: () => session({ store: new RedisStore({ client, serializer }), ...usual }),
    store: () => session({ store: new RedisSessionStore({ client, serializer }), ...usual }),
    middleware: () => redisSession({ client, serializer, secret, cookie: { secure: false } }),
  };
  const usual = { secret, resave: false, saveUninitialized: false };

  test("three requests see what three requests see with connect-redis", async () => {
    const seen: Record<string, string[]> = {};
    for (const [name, make] of Object.entries(middlewares)) {
      await client.flushAll();
      const site = await openSite(make() as never, handlers);
      sites.push(site);
      const visitor = site.visitor();
      seen[name] = [];
      for (let i = 0; i < 3; i++) seen[name].push((await visitor.get()).text);
    }
    expect(seen["peer"]!.map((text) => text[0])).toEqual(["1", "2", "3"]);
    expect(seen).toEqual({ peer: seen["peer"], store: seen["peer"], middleware: seen["peer"] });
  });

  test("overlapping changes are merged, and a session that is gone stays gone", async () => {
    const store = new RedisSessionStore({ client, serializer });
    await store.set("a", { cookie: { originalMaxAge: null }, n: 1 } as unknown as SessionData);
    const [one, other, late] = [await store.get("a"), await store.get("a"), await store.get("a")] as any[];
    await store.set("a", Object.assign(one, { one: 1 }));
    await store.set("a", Object.assign(other, { other: 1 }));
    expect(await store.get("a")).toMatchObject({ n: 1, one: 1, other: 1 });
    await store.destroy("a");
    expect(await store.set("a", Object.assign(late, { late: 1 }))).toBe("gone");
  });
});

test("a change that only the serializer can express is saved", async () => {
  const store = new RedisSessionStore({ client, serializer: works["dates and maps"]! });
  await store.set("a", { cookie: { originalMaxAge: null }, map: new Map([["n", 1]]) } as unknown as SessionData);
  const data = (await store.get("a")) as any;
  data.map.set("n", 2);
  await store.set("a", data);
  expect(await store.get("a")).toMatchObject({ map: new Map([["n", 2]]) });
});

test("what parse returns may be frozen: nothing is thrown where the app looks at its session", async () => {
  const frozen = (text: string) => {
    const data = JSON.parse(text);
    Object.freeze(data.cookie);
    return Object.freeze(data);
  };
  const serializer = { stringify: JSON.stringify, parse: frozen };
  const site = await openSite(redisSession({ client, serializer, secret, cookie: { secure: false } }), handlers);
  sites.push(site);
  const visitor = site.visitor();
  await visitor.get();
  expect((await visitor.get()).text).toMatch(/^2/);
  const store = new RedisSessionStore({ client, serializer });
  const [id] = await store.ids();
  expect(await store.get(id!)).toMatchObject({ n: 2 });
});

describe("whose stringify", () => {
  const refused: Record<string, (data: unknown) => any> = {
    "returns a promise": async (data) => JSON.stringify(data),
    "returns nothing": () => undefined,
    "returns null": () => null,
    "returns an object": () => ({}),
    "returns a number": () => 5,
    "returns an empty text, which would be no session": () => "",
    "returns bytes that are no text": () => Buffer.from([0xff, 0xfe]),
    throws: () => {
      throw new Error("cannot");
    },
    "throws nothing": () => {
      throw undefined;
    },
  };
  test.each(Object.entries(refused))(
    "%s: refused with a code, and nothing is said to be saved",
    async (_name, stringify) => {
      const serializer = { stringify, parse: JSON.parse };
      const expected = { code: "SESSION_NOT_SERIALIZABLE", status: 500, reason: undefined };
      const store = new RedisSessionStore({ client, serializer });
      await expect(store.set("a", { cookie: { originalMaxAge: null } } as SessionData)).rejects.toMatchObject(expected);
      const page: Handlers = (req, res) => ((req.session["n"] = 1), res.end("done"));
      const site = await openSite(redisSession({ client, serializer, secret, cookie: { secure: false } }), page);
      sites.push(site);
      const answer = await site.get();
      expect([answer.status, answer.headers["set-cookie"]]).toEqual([500, undefined]);
      expect(site.errors).toMatchObject([expected]);
      expect(await client.dbSize()).toBe(0);
    },
  );
});
