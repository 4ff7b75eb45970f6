/** Sessions for the tests of an app: in memory, with the promises that hold where there is one process. */
import { randomBytes } from "node:crypto";
import express, { type Express, type Request } from "express";
import inject from "light-my-request";
import type { RequestListener } from "node:http";
import { agent as makeAgent } from "supertest";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { append, HoldfastError, MemoryStore, redisSession, RedisSessionStore, sum } from "holdfast";
import {
  beginSession,
  sessionCookie,
  sessionOf,
  testRedis,
  testSessions,
  type TestSessions,
  type TestSessionsOptions,
} from "holdfast/testing";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { Meeting } from "../support/web-site.js";

expectNothingUnhandled();

const values = (req: Request) => req.session as unknown as Record<string, any>;
const meetings = new Map<string, Meeting>();

/** `/add/x` counts and adds a key; with a meeting, requests wait for each other after they have read the session. */
function appWith(sessions: TestSessions): Express {
  const app = express().set("env", "test");
  app.use(sessions);
  app.get("/add/:key", async (req, res) => {
    values(req)["views"] ??= 0;
    await meetings.get("add")?.arrive();
    values(req)["views"]++;
    values(req)[req.params.key] = true;
    res.json({ ...values(req) });
  });
  app.get("/slow", async (req, res) => {
    void values(req)["views"];
    await meetings.get("slow")?.arrive();
    await meetings.get("end")?.arrive();
    values(req)["late"] = true;
    res.send("late");
  });
  app.get("/logout", async (req, res) => {
    await meetings.get("slow")?.arrive();
    req.session.destroy(() => res.send("bye"));
  });
  app.get("/read", (req, res) => void res.json({ ...values(req), cookie: undefined }));
  return app;
}

function site(options: TestSessionsOptions = {}) {
  const sessions = testSessions(options);
  const app = appWith(sessions);
  return { sessions, app, agent: makeAgent(app) };
}

beforeEach(() => meetings.clear());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe.each(["json", "hash"] as const)("testSessions(), layout %s", (layout) => {
  test("keeps a visitor's session, and no other visitor's", async () => {
    const { agent, app } = site({ layout });
    await agent.get("/add/one");
    expect((await agent.get("/read")).body).toEqual({ views: 1, one: true });
    expect((await makeAgent(app).get("/read")).body).toEqual({});
  });

  test("ten overlapping requests lose nothing, 20 times", async () => {
    const { agent, sessions } = site({ layout, merge: { views: sum } });
    for (let round = 0; round < 20; round++) {
      await beginSession(agent, sessions, { views: 5 });
      meetings.set("add", new Meeting(10));
      await Promise.all(Array.from({ length: 10 }, (_, i) => agent.get(`/add/k${i}`).expect(200)));
      const keys = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, true]));
      expect(await sessionOf(agent, sessions)).toEqual({ views: 15, ...keys });
    }
  });

  test("two apps that share a Redis in memory, as two processes share theirs, lose nothing, 20 times", async () => {
    const client = testRedis();
    const both = [1, 2].map(() => redisSession({ client, layout, secret, merge: { views: sum } }));
    const apps = both.map((sessions) => appWith(sessions as TestSessions));
    for (let round = 0; round < 20; round++) {
      const cookie = await sessionCookie(both[0]!, { views: 5 });
      meetings.set("add", new Meeting(10));
      const visit = (i: number) =>
        makeAgent(apps[i % 2])
          .get(`/add/k${i}`)
          .set("Cookie", cookie)
          .expect(200);
      await Promise.all(Array.from({ length: 10 }, (_, i) => visit(i)));
      expect(await sessionOf(cookie, both[1]!)).toMatchObject({ views: 15, k0: true, k9: true });
    }
  });

  test("without a rule the later one wins, and keys of both are kept", async () => {
    const { agent, sessions } = site({ layout });
    await beginSession(agent, sessions, { views: 5 });
    meetings.set("add", new Meeting(2));
    await Promise.all([agent.get("/add/a"), agent.get("/add/b")]);
    expect(await sessionOf(agent, sessions)).toEqual({ views: 6, a: true, b: true });
  });

  test("a slow request does not bring a destroyed session back, 20 times", async () => {
    const { agent, sessions } = site({ layout });
    for (let round = 0; round < 20; round++) {
      meetings.clear();
      await beginSession(agent, sessions, { views: 1 });
      meetings.set("slow", new Meeting(2)).set("end", new Meeting(2));
      const slow = agent.get("/slow").then((response) => response);
      await agent.get("/logout").expect(200, "bye");
      await meetings.get("end")!.arrive();
      await slow;
      expect(await sessionOf(agent, sessions)).toBeUndefined();
      expect(await sessions.store.length()).toBe(0);
    }
  });

  test("what was saved in one layout is read in the other", async () => {
    const client = testRedis();
    const [one, other] = (["json", "hash"] as const).map((form) => redisSession({ client, layout: form, secret }));
    const cookie = await sessionCookie(one!, { views: 1 });
    expect(await sessionOf(cookie, other!)).toEqual({ views: 1 });
    const agent = makeAgent(appWith(other as TestSessions));
    await agent.get("/add/more").set("Cookie", cookie).expect(200);
    expect(await sessionOf(cookie, one!)).toEqual({ views: 2, more: true });
  });

  test("a session ends with its lifetime, by the clock of the test", async () => {
    const { agent, sessions } = site({ layout, cookie: { maxAge: 3600_000 } });
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const cookie = await sessionCookie(sessions, { views: 1 });
    vi.advanceTimersByTime(3599_000);
    expect(await sessionOf(cookie, sessions)).toEqual({ views: 1 });
    vi.advanceTimersByTime(2000);
    expect(await sessionOf(cookie, sessions)).toBeUndefined();
    expect(await sessions.store.length()).toBe(0);
    expect((await agent.get("/read").set("Cookie", cookie)).body).toEqual({});
  });

  test("whoever keeps reading keeps the session, and looking at it from the test does not", async () => {
    const { agent, sessions } = site({ layout, rolling: true, cookie: { maxAge: 3600_000 } });
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    await agent.get("/add/one");
    const cookie = await sessionCookie(sessions, { views: 1 });
    for (let i = 0; i < 4; i++) {
      vi.advanceTimersByTime(1800_000);
      await agent.get("/read").expect(200);
      await sessionOf(cookie, sessions);
    }
    expect(await sessionOf(agent, sessions)).toEqual({ views: 1, one: true });
    expect(await sessionOf(cookie, sessions)).toBeUndefined();
  });
});

const secret = "a secret of at least 32 characters";

describe("a Redis that goes down", () => {
  test("pages get 503 with Retry-After, without their message, and then all is as before", async () => {
    const { agent, sessions } = site();
    await agent.get("/add/one");
    sessions.client.goDown();
    const response = await agent.get("/read");
    expect([response.status, response.get("Retry-After")]).toEqual([503, "1"]);
    sessions.client.comeBack();
    expect((await agent.get("/read")).body).toEqual({ views: 1, one: true });
  });

  test("while it takes no writes, pages are read, and a change is an error and no success", async () => {
    const { agent, sessions } = site();
    await agent.get("/add/one");
    sessions.client.goDown("writes");
    expect((await agent.get("/read")).body).toEqual({ views: 1, one: true });
    const response = await agent.get("/add/two");
    expect([response.status, response.get("Retry-After")]).toEqual([503, "1"]);
    sessions.client.comeBack();
    expect(await sessionOf(agent, sessions)).toEqual({ views: 1, one: true });
  });

  test("with `whenDown: anonymous` pages are served, with an empty session", async () => {
    const { agent, sessions } = site({ whenDown: "anonymous" });
    await agent.get("/add/one");
    sessions.client.goDown();
    const response = await agent.get("/read");
    expect([response.status, response.body]).toEqual([200, {}]);
  });

  test("nothing is warned of", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on("warning", note);
    const { agent, sessions } = site();
    sessions.client.goDown();
    await agent
      .get("/read")
      .set("Cookie", await sessionCookie(testSessions({ secret })))
      .expect(200);
    await agent.get("/add/one").expect(503);
    sessions.client.comeBack();
    await agent.get("/add/one").expect(200);
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });

  test("sessionOf() and sessionCookie() say what is wrong", async () => {
    const sessions = testSessions();
    const cookie = await sessionCookie(sessions);
    sessions.client.goDown();
    const unavailable = expect.objectContaining({ code: "SESSION_STORE_UNAVAILABLE", reason: "down" });
    await expect(sessionOf(cookie, sessions)).rejects.toEqual(unavailable);
    await expect(sessionCookie(sessions)).rejects.toEqual(unavailable);
  });
});

describe("a session for a test", () => {
  test("is that of a supertest agent, which the app can change and end", async () => {
    const { agent, sessions } = site();
    await beginSession(agent, sessions, { views: 41 });
    expect((await agent.get("/add/one")).body).toMatchObject({ views: 42 });
    await agent.get("/logout");
    expect((await agent.get("/read")).body).toEqual({});
  });

  test("replaces the one that the agent had", async () => {
    const { agent, sessions } = site();
    await agent.get("/add/one");
    await beginSession(agent, sessions, { views: 1 });
    expect((await agent.get("/read")).body).toEqual({ views: 1 });
  });

  test("is read by whoever sends its cookie, which is signed", async () => {
    const { app, sessions } = site();
    const cookie = await sessionCookie(sessions, { list: ["a", { b: [1] }] });
    expect(cookie).toMatch(/^connect\.sid=s%3A[^;=]+$/);
    expect((await makeAgent(app).get("/read").set("Cookie", cookie)).body).toEqual({ list: ["a", { b: [1] }] });
    expect(await sessionOf(`${cookie}x`, sessions)).toBeUndefined();
    expect(await sessionOf(cookie, testSessions({ secret }))).toBeUndefined();
    expect(await sessionOf("", sessions)).toBeUndefined();
  });

  test.each([
    ["of another name", { name: "sid" }],
    ["that needs TLS", { cookie: { secure: true } }],
    ["of a domain", { cookie: { domain: "shop.example" } }],
    ["whose settings depend on the request", { cookie: () => ({ maxAge: 60_000 }) }],
    ["of sessions that are compressed", { compress: 1 }],
    ["of sessions under hashes of their ids", { hashIds: true }],
    ["of sessions whose ids are being hashed", { hashIds: "move" }],
    ["of sessions that are encrypted", { encrypt: randomBytes(32) }],
    ["with ids of the app's own", { genid: () => `own.id.${Math.random()}` }],
  ] satisfies [string, TestSessionsOptions][])("works with a cookie %s", async (_, options) => {
    const { agent, sessions } = site(options);
    await beginSession(agent, sessions, { views: 1 });
    expect((await agent.get("/read")).body).toEqual({ views: 1 });
    expect(await sessionOf(agent, sessions)).toEqual({ views: 1 });
  });

  test("cannot be begun under a path, and says so", async () => {
    const { sessions } = site({ cookie: { path: "/shop" } });
    await expect(sessionCookie(sessions)).rejects.toThrow(/`cookie.path`/);
  });

  test("is that of a request without a network, too", async () => {
    const { app, sessions } = site();
    const cookie = await sessionCookie(sessions, { views: 1 });
    const response = await inject(app as RequestListener, { url: "/add/one", headers: { cookie } });
    expect([response.statusCode, response.json()]).toMatchObject([200, { views: 2, one: true }]);
    expect(await sessionOf(cookie, sessions)).toEqual({ views: 2, one: true });
  });

  test("may be empty", async () => {
    const { agent, sessions } = site();
    await beginSession(agent, sessions);
    expect(await sessionOf(agent, sessions)).toEqual({});
  });

  test("is the same for sessions in a MemoryStore", async () => {
    const sessions = redisSession({ store: new MemoryStore(), secret });
    const cookie = await sessionCookie(sessions, { views: 1 });
    expect(await sessionOf(cookie, sessions)).toEqual({ views: 1 });
  });
});

describe("testSessions()", () => {
  test("has a store like any other", async () => {
    const { sessions } = site();
    for (let i = 0; i < 3; i++) await sessionCookie(sessions, { i });
    expect(sessions.store).toBeInstanceOf(RedisSessionStore);
    expect(await sessions.store.length()).toBe(3);
    const all = (await sessions.store.all()) as unknown as { i: number }[];
    expect(all.map(({ i }) => i).sort()).toEqual([0, 1, 2]);
    await sessions.store.clear();
    expect(await sessions.store.ids()).toEqual([]);
  });

  test("each call has sessions of its own; one client may have several", async () => {
    const [one, other] = [testSessions(), testSessions()];
    await sessionCookie(one);
    expect([await one.store.length(), await other.store.length()]).toEqual([1, 0]);
    const client = testRedis();
    const shared = [redisSession({ client, secret }), redisSession({ client, secret, prefix: "other:" })];
    await sessionCookie(shared[0]!);
    expect(await Promise.all(shared.map(({ store }) => (store as RedisSessionStore).length()))).toEqual([1, 0]);
    await client.flushDb();
    expect(await (shared[0]!.store as RedisSessionStore).length()).toBe(0);
  });

  test("takes the options of the app, of which those about the server have no effect", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on("warning", note);
    const options = { url: "redis://nowhere.invalid", connectTimeout: 10, durability: { replicas: 2 }, nearCache: {} };
    const sessions = testSessions({ ...options, merge: { list: append }, touchInterval: 5 });
    await sessions.ready();
    expect(await sessionOf(await sessionCookie(sessions, { views: 1 }), sessions)).toEqual({ views: 1 });
    await sessions.close();
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });

  test("is closed by `await using`", async () => {
    let disposed: TestSessions;
    {
      await using sessions = testSessions();
      disposed = sessions;
    }
    expect(disposed[Symbol.asyncDispose]).toBeTypeOf("function");
  });

  test("refuses an option that cannot work, as redisSession() does", () => {
    expect(() => testSessions({ unset: "?" as never })).toThrow(HoldfastError);
  });
});

test("nothing of it runs in production", async () => {
  const sessions = testSessions();
  vi.stubEnv("NODE_ENV", "production");
  const refused = expect.objectContaining({ code: "HOLDFAST_TESTING_IN_PRODUCTION" });
  expect(testSessions).toThrow(expect.objectContaining({ message: expect.stringContaining('"production"') }));
  expect(testRedis).toThrow(/NODE_ENV/);
  await expect(sessionCookie(sessions)).rejects.toEqual(refused);
  await expect(beginSession(makeAgent(express()), sessions)).rejects.toEqual(refused);
  await expect(sessionOf("", sessions)).rejects.toEqual(refused);
});
