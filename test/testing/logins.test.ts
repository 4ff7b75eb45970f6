/** Logins for the tests of an app: without a password, and with everything that `holdfast/auth` has, in memory. */
import express, { type Request } from "express";
import { agent as makeAgent } from "supertest";
import { afterEach, describe, expect, it, test, vi } from "vitest";
import { MemoryStore, redisSession } from "holdfast";
import {
  accountStoreContract,
  localAuth,
  RedisAccounts,
  requireLogin,
  requireRecentLogin,
  type LocalAuthOptions,
} from "holdfast/auth";
import { logInAs, loginCookie, sessionOf, testRedis, testSessions } from "holdfast/testing";
import { expectNothingUnhandled } from "../support/unhandled.js";

expectNothingUnhandled();
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

function site(options: LocalAuthOptions = {}) {
  const sessions = testSessions();
  const accounts = new RedisAccounts({ client: sessions.client, prefix: options.prefix });
  const auth = localAuth({ sessions, accounts, ...options });
  const app = express().set("env", "test");
  app.use(sessions, express.json(), auth.middleware);
  const api = auth.json();
  app.post("/register", api.register);
  app.post("/login", api.logIn);
  app.post("/logout", api.logOut);
  app.post("/end-others", api.endOtherDevices);
  app.get("/devices", api.devices);
  app.get("/me", requireLogin(), (req, res) => void res.json(req.user));
  app.get("/recent", requireRecentLogin(60), (_req, res) => void res.send("recent"));
  app.get("/basket", (req, res) => void res.json(basketOf(req) ?? null));
  return { sessions, app, auth, accounts, visitor: () => makeAgent(app) };
}

const basketOf = (req: Request) => (req.session as unknown as { basket?: string[] }).basket;
const ada = { id: "7", username: "ada" };

describe("logInAs()", () => {
  test("logs an agent in, which then is who it is said to be", async () => {
    const { sessions, visitor } = site();
    const agent = visitor();
    await agent.get("/me").expect(401);
    await logInAs(agent, sessions, ada);
    expect((await agent.get("/me").expect(200)).body).toMatchObject(ada);
    await agent.get("/recent").expect(200, "recent");
    expect(await sessionOf(agent, sessions)).toMatchObject({ passport: { user: "7" }, login: { user: ada } });
  });

  test("the login is on the list of devices, and ends like any other", async () => {
    const { auth, sessions, visitor } = site();
    const [laptop, phone] = [visitor(), visitor()];
    await logInAs(laptop, sessions, ada);
    await logInAs(phone, sessions, ada);
    expect((await laptop.get("/devices").expect(200)).body.devices).toHaveLength(2);
    await laptop.post("/end-others").send({}).expect(200);
    await phone.get("/me").expect(401);
    await laptop.get("/me").expect(200);
    await auth.endLogins("7");
    await laptop.get("/me").expect(401);
  });

  test("a logout ends it", async () => {
    const { sessions, visitor } = site();
    const agent = visitor();
    await logInAs(agent, sessions, ada);
    await agent.post("/logout").send({}).expect(200);
    await agent.get("/me").expect(401);
    expect(await sessionOf(agent, sessions)).toBeUndefined();
  });

  test("the sockets of a login that ends are told at once", async () => {
    const { sessions, app, auth, visitor } = site();
    const sockets: Request[] = [];
    app.get("/socket", (req, res) => {
      sockets.push(req);
      res.end();
    });
    const agent = visitor();
    await logInAs(agent, sessions, ada);
    await agent.get("/socket");
    const reasons: string[] = [];
    auth.onEnded(sockets[0]!, (reason) => reasons.push(reason));
    expect(await auth.check(sockets[0]!)).toMatchObject(ada);
    await new Promise((resolve) => setTimeout(resolve, 50)); // it listens
    expect(reasons).toEqual([]);
    await agent.post("/logout").send({});
    await expect.poll(() => reasons, { interval: 5 }).toEqual(["ended"]);
    expect(await auth.check(sockets[0]!)).toBeUndefined();
  });

  test("the session holds what it is told to", async () => {
    const { sessions, visitor } = site();
    const agent = visitor();
    await logInAs(agent, sessions, ada, { session: { basket: ["tea"] } });
    expect((await agent.get("/basket")).body).toEqual(["tea"]);
  });

  test("a login may be one that has not been confirmed lately, or that is remembered", async () => {
    const { sessions, visitor } = site();
    const agent = visitor();
    await logInAs(agent, sessions, ada, { confirmed: false });
    await agent.get("/me").expect(200);
    await agent.get("/recent").expect(401);
    await logInAs(agent, sessions, ada, { confirmed: new Date(Date.now() - 61_000) });
    await agent.get("/recent").expect(401);
    await logInAs(agent, sessions, ada, { remember: true });
    expect(await sessionOf(agent, sessions)).toMatchObject({ login: { remember: true } });
  });

  test("ids may be numbers; a prefix is that of the app; a password hash does not get into the session", async () => {
    const { sessions, visitor } = site({ prefix: "shop:" });
    const agent = visitor();
    await logInAs(agent, sessions, { ...ada, id: 7, passwordHash: "secret" } as object as typeof ada, {
      prefix: "shop:",
    });
    expect((await agent.get("/me").expect(200)).body).toMatchObject({ id: "7" });
    expect(await sessions.client.exists("shop:devices:7")).toBe(1);
    expect(JSON.stringify(await sessionOf(agent, sessions))).not.toContain("secret");
    await expect(logInAs(agent, sessions, { id: "" })).rejects.toThrow(/id/);
  });

  test("what passport stores may be the app's own", async () => {
    const { sessions, visitor } = site({ userIdOf: (stored) => (stored as { sub: string }).sub });
    const agent = visitor();
    await logInAs(agent, sessions, ada, { serialized: { sub: "7" } });
    await agent.get("/me").expect(200);
  });

  test("a login ends by its timeouts, by the clock of the test", async () => {
    const { sessions, visitor } = site({ timeouts: { idle: 900, absolute: 3600 } });
    const agent = visitor();
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    await logInAs(agent, sessions, ada);
    for (let minutes = 0; minutes < 50; minutes += 10) {
      vi.advanceTimersByTime(600_000);
      await agent.get("/me").expect(200);
    }
    vi.advanceTimersByTime(901_000);
    await agent.get("/me").expect(401);
    await logInAs(agent, sessions, ada);
    vi.advanceTimersByTime(901_000);
    await agent.get("/me").expect(401); // the first page after it began
  });

  test("loginCookie() is the same for any other client", async () => {
    const { sessions, visitor } = site();
    const cookie = await loginCookie(sessions, { id: 7n });
    expect((await visitor().get("/me").set("Cookie", cookie).expect(200)).body).toMatchObject({ id: "7" });
  });

  test("needs a Redis, and says so; and does not run in production", async () => {
    const sessions = redisSession({ store: new MemoryStore(), secret: "a secret of at least 32 characters" });
    await expect(loginCookie(sessions, ada)).rejects.toThrow(/testSessions\(\)/);
    vi.stubEnv("NODE_ENV", "production");
    const refused = expect.objectContaining({ code: "HOLDFAST_TESTING_IN_PRODUCTION" });
    await expect(loginCookie(sessions, ada)).rejects.toEqual(refused);
    await expect(logInAs(makeAgent(express()), sessions, ada)).rejects.toEqual(refused);
  });
});

describe("holdfast/auth in memory", () => {
  const password = "correct horse";

  test("registers, logs in, and refuses a wrong password", async () => {
    const { visitor } = site();
    const agent = visitor();
    await agent.post("/register").send({ username: "Ada", password }).expect(201);
    await agent.get("/me").expect(200);
    await visitor().post("/register").send({ username: "ADA", password }).expect(409);
    await visitor().post("/login").send({ username: "ada", password: "wrong horse" }).expect(401);
    await visitor().post("/login").send({ username: "ada", password }).expect(200);
  });

  test("limits guesses, and lets the window pass by the clock of the test", async () => {
    const { visitor } = site({ throttle: { perPair: { attempts: 2, window: 60 } } });
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const guess = async () => (await visitor().post("/login").send({ username: "ada", password: "wrong" })).status;
    expect([await guess(), await guess(), await guess()]).toEqual([401, 401, 429]);
    vi.advanceTimersByTime(61_000);
    expect(await guess()).toBe(401);
  });

  test("while Redis is down nobody logs in, with 503", async () => {
    const { sessions, visitor } = site();
    sessions.client.goDown();
    await visitor().post("/login").send({ username: "ada", password: "wrong" }).expect(503);
  });

  it.each(accountStoreContract.map(({ name, check }) => [name, check] as const))("accounts: %s", (_, check) =>
    check(new RedisAccounts({ client: testRedis() })),
  );
});
