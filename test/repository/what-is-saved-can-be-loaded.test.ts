/** Whatever express-session with connect-redis keeps, is kept; whatever could not be loaded again, is refused as it is saved. */
import { deepStrictEqual } from "node:assert";
import { RedisStore } from "connect-redis";
import session, { type SessionData } from "express-session";
import fc from "fast-check";
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redisSession, RedisSessionStore } from "holdfast";
import { warnOnce } from "../../lib/errors/index.js";
import { openSite, type Handlers, type Site } from "../parity/support/site.js";
import { useRedis } from "../support/servers/use-redis.js";

const secret = "loaded again: a secret that is long enough for everyone";
const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());

const nested = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth)) as unknown;
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

describe.each(["json", "hash"] as const)("the store, layout %s", (layout) => {
  const open = () => new RedisSessionStore({ client, layout });

  test("hands back what connect-redis hands back: 500 sessions, with all kinds of cookies and without", async () => {
    const [ours, peer] = [open(), new RedisStore({ client, prefix: "peer:" })];
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("\ud800", "[".repeat(3000), "\ufffd"),
    );
    const name = fc.oneof(fc.string(), fc.constantFrom("__proto__", "toString", "valueOf", "constructor", "then", ""));
    const number = fc.constantFrom(-0, Number.POSITIVE_INFINITY, Number.NaN, 1e300, 5);
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.date({ noInvalidDate: true })),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(name, tie("value"), { maxKeys: 4 }),
      ),
    }));
    const later = Date.now() + 3_600_000;
    const expires = fc.constantFrom(
      undefined,
      null,
      false,
      0,
      "",
      later,
      new Date(later),
      new Date(later).toISOString(),
    );
    const cookie = fc.option(
      fc.record(
        {
          expires,
          originalMaxAge: fc.constantFrom(null, false, 3_600_000),
          path: fc.constantFrom("/", "/a"),
          sameSite: value,
        },
        { requiredKeys: [] },
      ),
      { nil: undefined },
    );
    const data = fc
      .tuple(cookie, fc.dictionary(name, value, { maxKeys: 4 }))
      .map(([one, values]) => (one === undefined ? values : Object.assign(values, { cookie: one })));
    const property = fc.asyncProperty(data, async (one) => {
      await ours.set("a", one as unknown as SessionData);
      await peer.set("a", one as unknown as SessionData);
      deepStrictEqual(asJson(await ours.get("a")), asJson(await peer.get("a")));
    });
    await fc.assert(property, { numRuns: 500 });
  });

  test("takes what is nested a thousand levels deep, and refuses one level more, also in little text", async () => {
    const store = open();
    const deep = { cookie: { originalMaxAge: null }, a: nested(999) } as unknown as SessionData;
    await store.set("a", deep);
    expect(asJson(await store.get("a"))).toStrictEqual(asJson(deep));
    const tooDeep = { ...deep, a: nested(1000) } as unknown as SessionData;
    await expect(store.set("b", tooDeep)).rejects.toMatchObject({ code: "SESSION_NOT_SERIALIZABLE" });
  });

  test("a copy of what was read, or of its cookie, neither revives nor overwrites", async () => {
    const store = open();
    const first = { cookie: { originalMaxAge: null }, n: 1 } as unknown as SessionData;
    await store.set("a", first);
    const [one, other] = [await store.get("a"), await store.get("a")];
    await store.set("a", { ...other!, theirs: true } as SessionData);
    await store.set("a", { cookie: Object.assign({}, one!.cookie), n: 1, mine: true } as unknown as SessionData);
    expect(await store.get("a")).toMatchObject({ n: 1, mine: true, theirs: true });
    const copy = { ...(await store.get("a"))!, late: true } as SessionData;
    expect(JSON.stringify(copy)).not.toContain("holdfast");
    await store.destroy("a");
    expect(await store.set("a", copy)).toBe("gone");
    expect(await store.get("a")).toBeNull();
    await store.set("b", copy); // another session may begin as a copy
    expect(await store.get("b")).toMatchObject({ late: true });
  });

  test("a session class of its own, which keeps a copy of the cookie's settings under a symbol, is recognized as well", async () => {
    const store = open();
    await store.set("a", { cookie: { originalMaxAge: null, path: "/" }, n: 1 } as unknown as SessionData);
    const settings = Symbol("as @fastify/session does");
    const copied = async () => {
      const read = (await store.get("a")) as unknown as Record<string, unknown>;
      return { [settings]: { ...(read["cookie"] as object) }, ...read, cookie: { originalMaxAge: null, path: "/" } };
    };
    const [one, other] = [await copied(), await copied()];
    await store.set("a", Object.assign(one, { one: 1 }) as unknown as SessionData);
    await store.set("a", Object.assign(other, { other: 1 }) as unknown as SessionData);
    expect(await store.get("a")).toMatchObject({ n: 1, one: 1, other: 1 });
    const late = await copied();
    await store.destroy("a");
    expect(await store.set("a", Object.assign(late, { late: 1 }) as unknown as SessionData)).toBe("gone");
  });

  test("a lifetime that differs is never throttled away", async () => {
    const store = open();
    const lasting = (ms: number) =>
      ({ cookie: { expires: new Date(Date.now() + ms), originalMaxAge: ms } }) as SessionData;
    await store.set("a", lasting(60_000));
    for (const seconds of [3600, 5, 60]) {
      await store.touch("a", lasting(seconds * 1000));
      expect(await client.ttl("sess:a")).toBeCloseTo(seconds, -1);
    }
  });

  test("no date as an expiry is refused, and not called an answer of Redis", async () => {
    const wrong = { cookie: { expires: new Date(Number.NaN) } } as SessionData;
    await expect(open().set("a", wrong)).rejects.toMatchObject({ code: "SESSION_COOKIE_INVALID" });
  });
});

const ourSite = (layout: "json" | "hash", handlers: Handlers) =>
  openSite(redisSession({ client, secret, layout, cookie: { secure: false } }) as never, handlers);
const peerSite = (handlers: Handlers) => {
  const store = new RedisStore({ client, prefix: "peer:" });
  return openSite(session({ store, secret, resave: false, saveUninitialized: false }) as never, handlers);
};

type Change = (cookie: any, req: any) => void;
const settings: [string, Change][] = [
  ...[
    false,
    null,
    undefined,
    0,
    "",
    true,
    5,
    60_000,
    "2099-01-01",
    new Date(Date.now() + 60_000),
    new Date(Number.NaN),
    {},
  ].flatMap((value): [string, Change][] => [
    [`expires ${String(value)}`, (cookie) => (cookie.expires = value)],
    [`maxAge ${String(value)}`, (cookie) => (cookie.maxAge = value)],
    [`originalMaxAge ${String(value)}`, (cookie) => (cookie.originalMaxAge = value)],
  ]),
  ["maxAge and expires false", (cookie) => ((cookie.maxAge = false), (cookie.expires = false))],
  ["another object", (_cookie, req) => (req.session.cookie = { maxAge: 5000 })],
  ["a text", (_cookie, req) => (req.session.cookie = "x")],
  ...["domain", "path", "sameSite", "priority", "partitioned", "httpOnly"].flatMap((name) =>
    ["a;b", "lax", "high", true, false, null, 7].map((value): [string, Change] => [
      `${name} ${String(value)}`,
      (cookie) => (cookie[name] = value),
    ]),
  ),
];

describe.each(["json", "hash"] as const)("through HTTP, layout %s", (layout) => {
  const sites: Site[] = [];
  afterAll(async () => {
    for (const site of sites) await site.close();
  });

  test(`${settings.length} settings of a cookie: kept as by connect-redis, or refused with a code`, async () => {
    const visit = async (site: Site, change: string) => {
      const visitor = site.visitor();
      await visitor.get("/begin");
      const status = (await visitor.get(`/change?${change}`)).status;
      return { status, kept: (await visitor.get("/read")).text };
    };
    let change: Change = () => {};
    const handlers: Handlers = {
      "/begin": (req, res) => ((req.session["n"] = 1), res.end()),
      "/change": (req, res) => {
        req.session["n"] = 2;
        try {
          change(req.session.cookie, req);
        } catch {
          // express-session's `Cookie` refuses it at once
        }
        res.end();
      },
      "/read": (req, res) => res.end(String(req.session["n"])),
    };
    const ours = await ourSite(layout, handlers);
    const peer = await peerSite(handlers);
    sites.push(ours, peer);
    for (const [name, one] of settings) {
      change = one;
      const ourErrors = ours.errors.length;
      const mine = await visit(ours, "");
      const refused = ours.errors.slice(ourErrors).map((error) => (error as { code?: string }).code);
      // Where ours refuses, the peer may never answer.
      if (mine.status === 200) expect([name, mine.kept]).toEqual([name, (await visit(peer, "")).kept]);
      else expect([name, mine, refused]).toEqual([name, { status: 500, kept: "1" }, ["SESSION_COOKIE_INVALID"]]);
    }
  });
});

test("a text full of brackets in a session logs nobody out", async () => {
  const site = await ourSite("json", (req, res) => {
    req.session["draft"] ??= "[".repeat(1001) + "a".repeat(9500);
    req.session["n"] = (req.session["n"] ?? 0) + 1;
    res.end(String(req.session["n"]));
  });
  const visitor = site.visitor();
  await visitor.get();
  expect((await visitor.get()).text).toBe("2");
  await site.close();
});

test("no visitor uses up the warnings of others: a thousand of one code, then another", async () => {
  const heard: string[] = [];
  const hear = (warning: Error & { code?: string }) => void heard.push(warning.code!);
  const others = process.listeners("warning");
  process.removeAllListeners("warning").on("warning", hear);
  for (let i = 0; i < 1000; i++) warnOnce("SESSION_UNREADABLE", "test", `subject ${i}`);
  warnOnce("HOLDFAST_SECRET_SHORT", "test", "after all of them");
  await expect.poll(() => heard).toContain("HOLDFAST_SECRET_SHORT");
  process.off("warning", hear);
  for (const other of others) process.on("warning", other);
  expect(heard.length).toBeLessThanOrEqual(101);
});
