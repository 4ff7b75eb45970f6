/** How a login begins: for the user who was checked and nobody else, with no secret in it, and wholly or not at all. */
import session, { MemoryStore } from "express-session";
import express, { type ErrorRequestHandler } from "express";
import { redisSession } from "holdfast";
import { hashPassword, localAuth, requireRecentLogin } from "holdfast/auth";
import type { RedisClientType } from "redis";
import { agent } from "supertest";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AccountsInMemory } from "../support/accounts-in-memory.js";
import { secret, valuesOf } from "../support/auth-site.js";
import { useRedis } from "../support/servers/use-redis.js";

const password = "correct horse";
const redis = useRedis();
let client: RedisClientType;
let passwordHash: string;

beforeAll(async () => {
  client = await redis.client();
  passwordHash = await hashPassword(password);
});
beforeEach(() => client.flushDb());

const middlewares = { "redisSession()": true, "express-session": false };

/** Ada is 1, Bob is 2. */
async function site({ isOurs = true, store = new MemoryStore() } = {}) {
  const accounts = new AccountsInMemory();
  for (const username of ["Ada", "Bob"]) await accounts.create({ username, email: undefined, passwordHash });
  const sessions = redisSession({ store, secret });
  const theirs = session({ store, secret, resave: false, saveUninitialized: false });
  const auth = localAuth({ client, accounts, throttle: false, keeps: ["cart"], ...(isOurs && { sessions }) });
  const app = express();
  app.use(isOurs ? sessions : theirs, auth.middleware, express.json());
  app.post("/body", async (req, res) => void res.json(await auth.logIn(req, req.body)));
  app.post("/begin", async (req, res) => {
    const account = (await accounts.findByUsername(req.body.username))!;
    await auth.begin(req, account, req.body.options);
    res.json(account.id);
  });
  app.post("/passport", (req, res, next) =>
    (req as any).logIn({ id: req.body.id }, (error: unknown) => (error ? next(error) : res.json({}))),
  );
  const json = auth.json();
  app.post("/login", json.logIn).post("/register", json.register);
  app.get("/session", json.session).get("/devices", json.devices);
  app.post("/put", (req, res) => void res.json(Object.assign(valuesOf(req), req.body)));
  app.get("/all", (req, res) => void res.json({ user: (req as { user?: unknown }).user ?? null, all: req.session }));
  app.get("/recent/:seconds", (req, res, next) =>
    requireRecentLogin(Number(req.params.seconds))(req, res, (error) => (error ? next(error) : res.send("recent"))),
  );
  app.use(((error, _req, res, _next) => {
    res.status(error.status ?? 500).json({ code: error.code, message: error.message });
  }) as ErrorRequestHandler);
  return { app, auth, accounts, store };
}

describe("what passport gets to store", () => {
  const wrong = ["1", { id: "1" }, 1, null, "", {}, { id: null }, []];
  const ways = wrong.flatMap((serialized) => [
    ["begin()", "/begin", { username: "Bob", options: { serialized } }] as const,
    ["logIn() with a body as it was sent", "/body", { username: "Bob", password, serialized }] as const,
  ]);

  it.each(ways)("means the user who logs in, or nobody is logged in: %s, %s, %o", async (_name, path, body) => {
    const visitor = agent((await site()).app);
    expect((await visitor.post(path).send(body)).body.code).toBe("HOLDFAST_USER_ID_INVALID");
    expect((await visitor.get("/all")).body).toMatchObject({ user: null });
    await visitor.post("/login").send({ username: "Ada", password });
    expect((await visitor.post(path).send(body)).body.code).toBe("HOLDFAST_USER_ID_INVALID");
    expect((await visitor.get("/session")).body.user).toMatchObject({ username: "Ada" }); // as before
  });

  it.each(["2", 2, { id: "2" }, { id: 2, tenant: "x" }])("is stored as it is: %o", async (serialized) => {
    const visitor = agent((await site()).app);
    await visitor.post("/begin").send({ username: "Bob", options: { serialized } });
    const { user, all } = (await visitor.get("/all")).body;
    expect([user.username, all.passport.user]).toEqual(["Bob", serialized]);
  });
});

it.each([
  ["/begin", { username: "Ada" }],
  ["/login", { username: "Ada", password }],
  ["/register", { username: "Eve", password }],
  ["/passport", { id: "1" }],
])("an account that %s logs in leaves its hash in the account store", async (path, body) => {
  const visitor = agent((await site()).app);
  await visitor.post(path).send(body);
  for (const page of ["/all", "/session", "/devices"]) {
    const { text } = await visitor.get(page);
    expect(text).not.toMatch(/argon2|passwordHash|isDisabled/);
    expect(JSON.parse(text).user?.id ?? "").not.toBeNull();
  }
});

it.each([1, 300, 3e9, 1e15, Infinity])(
  "a login that was never confirmed is not a recent one: within %d s",
  async (seconds) => {
    const visitor = agent((await site()).app);
    await visitor.post("/begin").send({ username: "Ada" });
    expect((await visitor.get(`/recent/${seconds}`)).body.reason).toBe("recent-login-required");
    await visitor.post("/begin").send({ username: "Ada", options: { confirmed: true } });
    expect((await visitor.get(`/recent/${seconds}`)).text).toBe("recent");
  },
);

describe.each(Object.entries(middlewares))("a login that fails, on %s", (_name, isOurs) => {
  /** Fails once. With `isDone`, the store has done it all the same. */
  class FailingStore extends MemoryStore {
    failing: "set" | "destroy" | undefined;
    isDone = false;
    #fails(method: "set" | "destroy", work: (done: () => void) => void, done?: (error?: unknown) => void): void {
      if (this.failing !== method) return work(() => done?.());
      this.failing = undefined;
      const fail = () => done?.(new Error("The store is down."));
      if (this.isDone) work(fail);
      else setImmediate(fail);
    }
    override set(sid: string, data: session.SessionData, done?: (error?: unknown) => void): void {
      this.#fails("set", (then) => super.set(sid, data, then), done);
    }
    override destroy(sid: string, done?: (error?: unknown) => void): void {
      this.#fails("destroy", (then) => super.destroy(sid, then), done);
    }
  }

  const ways = [
    ["/login", { username: "Ada", password }],
    ["/begin", { username: "Ada" }],
    ["/passport", { id: "1" }],
  ] as const;
  const failures = (["set", "destroy"] as const).flatMap((failing) =>
    [false, true].map((isDone) => ({ failing, isDone })),
  );

  it.each(ways.flatMap(([path, body]) => failures.map((failure) => ({ path, body, ...failure }))))(
    "begins nothing: $path, where the store fails to $failing (done all the same: $isDone)",
    async ({ path, body, failing, isDone }) => {
      const store = new FailingStore();
      const { app } = await site({ isOurs, store });
      const visitor = agent(app);
      await visitor.post("/put").send({ cart: ["rope"] });
      Object.assign(store, { failing, isDone });
      expect((await visitor.post(path).send(body)).status).toBe(500);
      expect(store.failing).toBeUndefined();
      expect((await visitor.get("/all")).body).toMatchObject({ user: null });
      const other = agent(app);
      await other.post("/begin").send({ username: "Ada" });
      expect((await other.get("/devices")).body.devices).toHaveLength(1);
    },
  );

  it("gives nobody what was kept of a login before", async () => {
    const store = new FailingStore();
    const { app } = await site({ isOurs, store });
    const visitor = agent(app);
    await visitor.post("/put").send({ cart: ["rope"], keptOf: { user: "1", keys: ["cart"] }, language: "en" });
    store.failing = "set";
    await visitor.post("/begin").send({ username: "Ada" });
    expect((await visitor.get("/all")).body.all).toMatchObject({ cart: ["rope"], language: "en" });
    await visitor.post("/begin").send({ username: "Bob" });
    expect((await visitor.get("/all")).body.all).not.toHaveProperty("cart");
  });
});

describe.each(["disableAccount", "removeAccount"] as const)(
  "an account on which %s is called as soon as it exists",
  (end) => {
    it("is not logged in by its registration, 40 times", async () => {
      const { app, auth } = await site();
      auth.events.on("registered", ({ user }) => void auth[end](user!));
      for (let n = 0; n < 40; n++) {
        const visitor = agent(app);
        const answer = await visitor.post("/register").send({ username: `eve${n}`, password });
        expect([answer.status, answer.body]).toEqual([403, { ok: false, reason: "disabled" }]);
        expect((await visitor.get("/all")).body).toMatchObject({ user: null });
      }
    });
  },
);

describe("timeouts that no clock or cookie can have", () => {
  const odd = [0, -1, NaN, Infinity, 1e13, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, "3600"];
  const options = ["timeouts", "rememberMe"].flatMap((name) => ["idle", "absolute"].map((part) => ({ name, part })));

  it.each(options.flatMap((option) => odd.map((value) => ({ ...option, value }))))(
    "are refused at the start: $name, $part: $value",
    ({ name, part, value }) => {
      const start = () => localAuth({ client, [name]: { [part]: value } });
      expect(start).toThrow(expect.objectContaining({ code: "HOLDFAST_OPTION_INVALID" }));
    },
  );

  it("the longest ones work", async () => {
    const longest = { idle: 1e12, absolute: 1e12 };
    const sessions = redisSession({ client, secret });
    const auth = localAuth({ sessions, timeouts: longest, rememberMe: longest });
    const app = express();
    app.use(sessions, auth.middleware);
    app.post("/:remember", async (req, res) => {
      await auth.begin(req, { id: 1, username: "Ada", createdAt: 0 }, { remember: req.params.remember === "remember" });
      res.json({});
    });
    app.get("/session", auth.json().session);
    for (const path of ["/remember", "/forget"]) {
      const visitor = agent(app);
      expect((await visitor.post(path)).status).toBe(200);
      expect((await visitor.get("/session")).body.user).toMatchObject({ id: "1" });
    }
  });
});
