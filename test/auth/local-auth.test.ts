/** `localAuth` through HTTP, on redisSession() and on express-session with our store. */
import { once, type EventEmitter } from "node:events";
import type { RedisClientType } from "redis";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { localAuth, requireLogin, verifyPassword, type LocalAuth } from "holdfast/auth";
import express from "express";
import { agent } from "supertest";
import { AccountsInMemory } from "../support/accounts-in-memory.js";
import { authSite, rewrite, type AuthSiteOptions } from "../support/auth-site.js";
import { useRedis } from "../support/servers/use-redis.js";

const ada = { username: "Ada", password: "correct horse", email: "ada@example.org" };
const redis = useRedis();
let client: RedisClientType;

beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());

const hour = 3_600_000;

describe.each([
  ["redisSession", false],
  ["express-session with RedisSessionStore", true],
])("on %s", (_name, onExpressSession) => {
  const site = (options: Partial<AuthSiteOptions> = {}) => authSite({ redis: client, onExpressSession, ...options });
  /** A visitor who has registered, and is logged in by that. */
  const registered = async (options: Partial<AuthSiteOptions> = {}) => {
    const made = site(options);
    const visitor = made.visitor();
    expect((await visitor.post("/api/register").send(ada)).status).toBe(201);
    return { ...made, laptop: visitor };
  };
  const loggedIn = async (made: ReturnType<typeof site>, more: object = {}) => {
    const visitor = made.visitor();
    expect((await visitor.post("/api/login").send({ ...ada, ...more })).status).toBe(200);
    return visitor;
  };
  type Visitor = ReturnType<ReturnType<typeof site>["visitor"]>;
  const me = async (visitor: Visitor) => (await visitor.get("/me")).body;

  it("registers, logs in by name or by e-mail, and knows the user afterwards, without the hash", async () => {
    const made = await registered();
    const user = { id: "1", username: "Ada", email: "ada@example.org", createdAt: expect.any(Number) };
    expect((await me(made.laptop)).user).toEqual(user);
    expect((await me(await loggedIn(made, { username: "ADA" }))).user).toEqual(user);
    expect((await me(await loggedIn(made, { username: "Ada@Example.org" }))).user).toEqual(user);
  });

  it("log in gives a new id, keeps the cart, and makes a stolen earlier cookie worthless", async () => {
    const made = site();
    await made.auth.register(ada);
    const visitor = made.visitor();
    const stolen = (await visitor.post("/note")).headers["set-cookie"]![0]!.split(";")[0]!;
    const before = await me(visitor);
    await visitor.post("/api/login").send(ada);
    const after = await me(visitor);
    expect(after).toMatchObject({ note: "kept", user: { username: "Ada" } });
    expect(after.id).not.toBe(before.id);
    const thief = await made.visitor().get("/me").set("Cookie", stolen);
    expect(thief.body).toEqual({ user: null, id: expect.not.stringContaining(before.id) });
  });

  it("log out ends the session and all that was in it, and leaves nothing in Redis", async () => {
    const { laptop: visitor } = await registered();
    await visitor.post("/note");
    const { id } = await me(visitor);
    const answer = await visitor.post("/api/logout").send({});
    expect(answer.body).toEqual({ ok: true });
    expect(await me(visitor)).toEqual({ user: null, id: expect.not.stringContaining(id) });
    expect(await client.keys("sess:*")).toEqual([]);
  });

  it("a user who logs in on somebody else's session inherits nothing", async () => {
    const made = await registered();
    await made.auth.register({ username: "Eve", password: "another horse" });
    await made.laptop.post("/note");
    await made.laptop.post("/api/login").send({ username: "Eve", password: "another horse" });
    expect(await me(made.laptop)).toMatchObject({ user: { username: "Eve" } });
    expect((await me(made.laptop)).note).toBeUndefined();
    expect(await made.auth.devices({ session: null } as never)).toEqual([]);
  });

  describe("timeouts", () => {
    it.each([
      ["idle for an hour", (login: any) => (login.seen -= hour)],
      ["half a day old", (login: any) => (login.since -= 12 * hour)],
    ])("a login that is %s is over; the cart lives on, under a new id", async (_what, age) => {
      const made = await registered({ keeps: ["note"] });
      await made.laptop.post("/note");
      const before = await me(made.laptop);
      const expired = once(made.auth.events, "expired");
      await rewrite(client, before.id, (session) => age(session.login));
      const after = await me(made.laptop);
      expect(after).toMatchObject({ user: null, note: "kept" });
      expect(after.id).not.toBe(before.id);
      expect((await expired)[0]).toMatchObject({ user: "1", device: expect.any(String) });
      expect((await made.laptop.get("/private")).status).toBe(401);
      expect(await me(made.laptop)).toMatchObject({ user: null, note: "kept" });
    });

    it.each([
      ["idle for 59 minutes", (login: any) => (login.seen -= 0.98 * hour), {}],
      ["idle for ten days, with remember me", (login: any) => (login.seen -= 240 * hour), { remember: true }],
    ])("a login that was %s holds, and is seen anew", async (_what, age, more) => {
      const made = await registered();
      const visitor = await loggedIn(made, more);
      const { id } = await me(visitor);
      await rewrite(client, id, (session) => age(session.login));
      const asked = Date.now();
      expect(await me(visitor)).toMatchObject({ user: { username: "Ada" }, id });
      expect(JSON.parse((await client.get(`sess:${id}`))!).login.seen).toBeGreaterThanOrEqual(asked);
    });

    it("remember me: the cookie outlives the browser, and the session lives as long as the login may", async () => {
      const made = await registered();
      const visitor = made.visitor();
      const answer = await visitor.post("/api/login").send({ ...ada, remember: true });
      expect(answer.headers["set-cookie"]![0]).toMatch(/Expires=/);
      const { id } = await me(visitor);
      expect(await client.ttl(`sess:${id}`)).toBeGreaterThan(29 * 86_400);
    });

    it("requireRecentLogin lets pass whose password was checked a moment ago, and nobody else", async () => {
      const made = await registered();
      const visitor = await loggedIn(made);
      expect((await visitor.get("/sensitive")).text).toBe("sensitive");
      const { id } = await me(visitor);
      await rewrite(client, id, (session) => (session.login.confirmed -= 61_000));
      const refused = await visitor.get("/sensitive");
      expect([refused.status, refused.body]).toEqual([401, { ok: false, reason: "recent-login-required" }]);
      expect((await visitor.get("/private")).text).toBe("private");
      const page = await visitor.get("/sensitive").set("Accept", "text/html");
      expect(page.headers["location"]).toBe("/login?next=%2Fsensitive");
      await visitor.post("/api/login").send(ada);
      expect((await visitor.get("/sensitive")).text).toBe("sensitive");
    });
  });

  describe("devices", () => {
    const devicesOf = async (visitor: Visitor) => (await visitor.get("/api/devices")).body.devices;

    it("lists what, where, since when, last seen, and which one is this; without a session's id", async () => {
      const made = await registered();
      const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
      const phone = made.visitor();
      await phone.post("/api/login").set("User-Agent", firefox).set("X-Forwarded-For", "203.0.113.77").send(ada);
      const list = await devicesOf(phone);
      expect(list).toHaveLength(2);
      expect(list[0]).toEqual({
        id: expect.any(String),
        agent: "Firefox on Linux",
        where: "203.0.113.*",
        since: expect.any(Number),
        seen: expect.any(Number),
        remember: false,
        isThis: true,
      });
      expect(list[1]).toMatchObject({ isThis: false });
      const stored = JSON.stringify(await client.hGetAll("devices:1"));
      for (const visitor of [phone, made.laptop]) expect(stored).not.toContain((await me(visitor)).id);
    });

    it("who logs in again takes the place of the login before", async () => {
      const made = await registered();
      const before = await devicesOf(made.laptop);
      await made.laptop.post("/api/login").send(ada);
      const after = await devicesOf(made.laptop);
      expect(after).toHaveLength(1);
      expect(after[0].id).not.toBe(before[0].id);
    });

    it("ends one: it is logged out at its next request, and the others are not", async () => {
      const made = await registered();
      const [phone, tablet] = [await loggedIn(made), await loggedIn(made)];
      await phone.post("/note");
      const { id: sid } = await me(phone);
      const mine = await devicesOf(phone);
      const { id } = mine.find((device: { isThis: boolean }) => device.isThis);
      const revoked = once(made.auth.events, "revoked");
      expect((await tablet.post("/api/end-device").send({ device: id })).body).toEqual({ ok: true });
      expect(await devicesOf(tablet)).toHaveLength(2);
      expect(await me(phone)).toEqual({ user: null, id: expect.not.stringContaining(sid) });
      expect(await client.exists(`sess:${sid}`)).toBe(0);
      expect((await me(tablet)).user.username).toBe("Ada");
      expect((await me(made.laptop)).user.username).toBe("Ada");
      expect((await revoked)[0]).toMatchObject({ user: "1", device: id });
      expect((await tablet.post("/api/end-device").send({ device: id })).status).toBe(404);
      expect((await made.laptop.post("/api/end-device").send({ device: "epoch" })).status).toBe(404);
    });

    it("ends all others: this one goes on, under a new id, with its cart", async () => {
      const made = await registered();
      const [phone, tablet] = [await loggedIn(made), await loggedIn(made)];
      await tablet.post("/note");
      const before = await me(tablet);
      expect((await tablet.post("/api/end-others").send({})).body).toEqual({ ok: true });
      const after = await me(tablet);
      expect(after).toMatchObject({ user: { username: "Ada" }, note: "kept" });
      expect(after.id).not.toBe(before.id);
      expect(await devicesOf(tablet)).toHaveLength(1);
      for (const visitor of [phone, made.laptop]) expect((await me(visitor)).user).toBeNull();
    });

    it("a login that the list has lost is listed again; one that was ended is not", async () => {
      const made = await registered();
      const phone = await loggedIn(made);
      const [first, second] = [await me(made.laptop), await me(phone)];
      const { login } = JSON.parse((await client.get(`sess:${first.id}`))!);
      await client.hDel("devices:1", `d:${login.device}`);
      expect(await devicesOf(phone)).toHaveLength(1);
      expect((await me(made.laptop)).user.username).toBe("Ada");
      expect(await devicesOf(phone)).toHaveLength(2);
      await made.auth.endLogins("1");
      expect((await me(phone)).user).toBeNull();
      expect((await me(made.laptop)).user).toBeNull();
      expect(await client.exists([`sess:${first.id}`, `sess:${second.id}`])).toBe(0);
    });

    it("a list that is lost altogether brings no ended login back: everyone logs in anew", async () => {
      const made = await registered();
      const phone = await loggedIn(made);
      const copy = await client.get(`sess:${(await me(phone)).id}`);
      const { id } = await me(phone);
      await made.auth.endLogins("1");
      await me(phone);
      await client.del("devices:1");
      await loggedIn(made);
      await client.set(`sess:${id}`, copy!); // as a save that was under way
      expect((await me(phone)).user).toBeNull();
    });

    it("entries that are over disappear from the list, and in time from Redis", async () => {
      const made = await registered();
      const old = { since: 0, seen: 0, remember: false, agent: "", where: "" };
      const entries = Object.fromEntries(Array.from({ length: 44 }, (_, i) => [`d:old${i}`, JSON.stringify(old)]));
      await client.hSet("devices:1", { ...entries, "d:mark": "-1", "d:rubbish": "?" });
      for (let i = 0; i < 4; i++) await loggedIn(made);
      const fields = Object.keys(await client.hGetAll("devices:1"));
      expect(fields.filter((name) => /old|mark|rubbish/.test(name))).toEqual([]);
      expect(await devicesOf(made.laptop)).toHaveLength(5);
    });

    it("the list goes away by itself when nobody was there for longer than a login can last", async () => {
      await registered();
      const ttl = await client.ttl("devices:1");
      expect(ttl).toBeGreaterThan(30 * 86_400);
      expect(ttl).toBeLessThanOrEqual(30 * 86_400 + 60);
    });
  });

  describe("passwords", () => {
    it("a new one ends all other logins, and this one goes on under a new id", async () => {
      const made = await registered();
      const phone = await loggedIn(made);
      const before = await me(phone);
      const wrong = await phone.post("/api/password").send({ current: "wrong horse", password: "better horse" });
      expect([wrong.status, wrong.body]).toEqual([401, { ok: false, reason: "wrong" }]);
      const missing = await phone.post("/api/password").send({ password: "better horse" });
      expect([missing.status, missing.body]).toEqual([400, { ok: false, reason: "missing" }]);
      const short = await phone.post("/api/password").send({ current: ada.password, password: "short" });
      expect([short.status, short.body]).toEqual([422, { ok: false, reason: "password-too-short" }]);
      expect((await me(made.laptop)).user.username).toBe("Ada");
      const done = await phone.post("/api/password").send({ current: ada.password, password: "better horse" });
      expect(done.body).toEqual({ ok: true });
      const after = await me(phone);
      expect(after.user.username).toBe("Ada");
      expect(after.id).not.toBe(before.id);
      expect((await me(made.laptop)).user).toBeNull();
      expect((await made.laptop.post("/api/login").send(ada)).status).toBe(401);
      await loggedIn(made, { password: "better horse" });
    });

    it("nobody who is logged out changes one", async () => {
      const made = await registered();
      const stranger = made.visitor();
      const answer = await stranger.post("/api/password").send({ current: ada.password, password: "better horse" });
      expect([answer.status, answer.body]).toEqual([401, { ok: false, reason: "login-required" }]);
    });

    it("a common one is refused where the app asks for that", async () => {
      const made = site({ isCommonPassword: (password) => password === "12345678" });
      const answer = await made
        .visitor()
        .post("/api/register")
        .send({ ...ada, password: "12345678" });
      expect([answer.status, answer.body]).toEqual([422, { ok: false, reason: "password-common" }]);
    });

    it("one of an older system logs in, and is hashed anew by that", async () => {
      const made = site();
      const bcrypt = "$2b$04$"; // the lowest cost
      const { hash } = await import("@node-rs/bcrypt");
      const passwordHash = await hash(ada.password, 4);
      expect(passwordHash.startsWith(bcrypt)).toBe(true);
      await made.accounts.create({ ...ada, passwordHash });
      const visitor = await loggedIn(made);
      const after = made.accounts.all.get("1")!.passwordHash;
      expect(after).toMatch(/^\$argon2id\$/);
      expect(await verifyPassword(after, ada.password)).toBe(true);
      expect((await me(visitor)).user.username).toBe("Ada");
    });
  });

  it("many first logins with a hash of an older system at once all succeed", async () => {
    const made = site();
    const { hash } = await import("@node-rs/bcrypt");
    await made.accounts.create({ ...ada, passwordHash: await hash(ada.password, 4) });
    await Promise.all(Array.from({ length: 8 }, () => loggedIn(made)));
  });

  describe("the throttle", () => {
    const limits = { perPair: { attempts: 3, window: 60 } };
    const wrong = { ...ada, password: "wrong horse" };
    const sendFrom = (made: ReturnType<typeof site>, address: string, path: string, body: object) =>
      made.visitor().post(path).set("X-Forwarded-For", address).send(body);

    it("refuses whoever has failed too often, and says when to come back", async () => {
      const made = site({ throttle: limits });
      await made.auth.register(ada);
      for (const username of ["Ada", " ada", "ADA"]) {
        expect((await sendFrom(made, "192.0.2.1", "/api/login", { ...wrong, username })).status).toBe(401);
      }
      const refused = await sendFrom(made, "192.0.2.1", "/api/login", ada);
      expect([refused.status, refused.body.reason]).toEqual([429, "throttled"]);
      expect(Number(refused.headers["retry-after"])).toBeGreaterThan(50);
      expect(refused.body.retryAfter).toBe(Number(refused.headers["retry-after"]));
      const form = await sendFrom(made, "192.0.2.1", "/form/login", ada);
      expect(form.headers["location"]).toBe("/login?error=throttled");
      expect(form.headers["retry-after"]).toBeDefined();
      expect((await sendFrom(made, "198.51.100.9", "/api/login", ada)).status).toBe(200);
    });

    it("counts guesses of the current password, too", async () => {
      const made = site({ throttle: limits });
      await made.auth.register(ada);
      const visitor = await loggedIn(made);
      const change = { current: "wrong horse", password: "better horse" };
      const statuses = [];
      for (let i = 0; i < 4; i++) statuses.push((await visitor.post("/api/password").send(change)).status);
      expect(statuses).toEqual([401, 401, 401, 429]);
    });

    it("counts registrations by address", async () => {
      const made = site({ throttle: { perAction: { attempts: 2, window: 60 } } });
      const register = (n: number) =>
        sendFrom(made, "192.0.2.7", "/api/register", { username: `user${n}`, password: ada.password });
      expect([(await register(1)).status, (await register(2)).status, (await register(3)).status]).toEqual([
        201, 201, 429,
      ]);
    });
  });

  describe("accounts that end", () => {
    it.each(["disableAccount", "removeAccount"] as const)("%s ends all logins, and lets nobody in", async (action) => {
      const made = await registered();
      const phone = await loggedIn(made);
      expect(await made.auth[action]("1")).toBe(true);
      expect(await made.auth[action]("nobody")).toBe(false);
      for (const visitor of [phone, made.laptop]) expect((await me(visitor)).user).toBeNull();
      const answer = await phone.post("/api/login").send(ada);
      const reason = action === "disableAccount" ? "disabled" : "wrong";
      expect(answer.body).toEqual({ ok: false, reason });
      const wrong = await phone.post("/api/login").send({ ...ada, password: "wrong horse" });
      expect(wrong.body).toEqual({ ok: false, reason: "wrong" });
      if (action === "disableAccount") {
        expect(await made.auth.enableAccount("1")).toBe(true);
        await loggedIn(made);
      }
    });

    it("a login that races with the end of its account does not survive, 40 times", async () => {
      for (let round = 0; round < 40; round++) {
        const made = site();
        const result = await made.auth.register(ada);
        const id = result.ok ? result.user.id : "";
        await client.flushDb();
        const visitor = made.visitor();
        await Promise.all([
          visitor.post("/api/login").send(ada),
          new Promise((resolve) => setTimeout(resolve, round)).then(() => made.auth.disableAccount(id)),
        ]);
        expect((await me(visitor)).user).toBeNull();
      }
    });
  });

  it("trouble in the account store is an error, not a logout and not a wrong password", async () => {
    const made = await registered();
    const away = () => Promise.reject(new Error("the account store is away"));
    Object.assign(made.accounts, { findById: away, findByUsername: away });
    expect((await made.laptop.get("/me")).body.user.username).toBe("Ada"); // no account store is asked for a page
    expect((await made.laptop.post("/api/login").send(ada)).status).toBe(500);
  });

  it.each([
    ["nothing", {}],
    ["arrays", { username: ["Ada"], password: ["correct horse"] }],
    ["objects", { username: { $ne: null }, password: { length: 99 } }],
    ["numbers", { username: 1, password: 2 }],
  ])("answers `missing` to %s", async (_what, body) => {
    const answer = await site().visitor().post("/api/login").send(body);
    expect([answer.status, answer.body]).toEqual([400, { ok: false, reason: "missing" }]);
  });

  it("does not take a password from the URL", async () => {
    const { laptop: visitor } = await registered();
    const answer = await visitor.post("/api/login?username=Ada&password=correct%20horse").send({});
    expect(answer.body).toEqual({ ok: false, reason: "missing" });
  });

  it.each([
    [409, "username-taken", { ...ada, username: "ADA", email: "x@example.org" }],
    [409, "email-taken", { ...ada, username: "Eve", email: "ADA@example.org" }],
    [422, "email-invalid", { ...ada, username: "Eve", email: "ada" }],
    [422, "username-invalid", { ...ada, username: "a" }],
    [422, "username-invalid", { ...ada, username: "<script>" }],
    [422, "username-invalid", { ...ada, username: "x".repeat(31) }],
    [422, "password-too-short", { username: "Eve", password: "1234567" }],
    [422, "password-too-long", { username: "Eve", password: "x".repeat(257) }],
  ])("refuses to register: %s %s (%o)", async (status, reason, body) => {
    const { laptop: visitor } = await registered();
    const answer = await visitor.post("/api/register").send(body);
    expect([answer.status, answer.body]).toEqual([status, { ok: false, reason }]);
  });

  describe("forms", () => {
    it("go on to the page that was wanted, never to another site", async () => {
      const made = site();
      const visitor = made.visitor();
      const post = (path: string, fields: object) => visitor.post(path).type("form").send(fields);
      const first = await post("/form/register", { ...ada, next: "/private?tab=2" });
      expect([first.status, first.headers["location"]]).toEqual([303, "/private?tab=2"]);
      for (const next of ["https://evil.example/", "//evil.example", "/\\evil.example", ""]) {
        expect((await post("/form/login", { ...ada, next })).headers["location"]).toBe("/");
      }
      expect((await post("/form/end-others", {})).headers["location"]).toBe("/account");
      expect((await post("/form/logout", {})).headers["location"]).toBe("/");
      const wrong = await post("/form/login", { ...ada, password: "wrong horse", next: "/private" });
      expect(wrong.headers["location"]).toBe("/login?error=wrong&next=%2Fprivate");
      expect((await me(visitor)).user).toBeNull();
    });
  });
});

describe("same look, same time", () => {
  it("answers the same for an unknown name, an unknown address and a wrong password", async () => {
    const made = authSite({ redis: client });
    await made.auth.register(ada);
    const answers = await Promise.all(
      ["Ada", "Eve", "eve@example.org"].map((username) =>
        made.visitor().post("/api/login").send({ username, password: "wrong horse" }),
      ),
    );
    const looks = answers.map(({ status, body, headers }) => {
      const { date: _date, ...others } = headers;
      return JSON.stringify({ status, body, others });
    });
    expect(new Set(looks).size).toBe(1);
    expect(answers[0]!.body).toEqual({ ok: false, reason: "wrong" });
  });
});

describe("what it costs", () => {
  it("a page view of somebody who is logged in: the check goes along with the reading of the session", async () => {
    const made = authSite({ redis: client });
    await made.auth.register(ada);
    const visitor = made.visitor();
    await visitor.post("/api/login").send(ada);
    const sent: string[] = [];
    const order = watch(client, sent);
    await visitor.get("/private");
    order.stop();
    expect(sent).toEqual(["get sent", "hmGet sent", "get answered", "hmGet answered"]);
  });
});

describe("an app with strategies of its own", () => {
  it("keeps them, and has devices, timeouts and an end everywhere by `begin`", async () => {
    const made = authSite({ redis: client });
    const auth = localAuth({ client, throttle: false });
    const app = express();
    const { redisSession } = await import("holdfast");
    app.use(redisSession({ client, secret: "a secret of the tests, long enough" }));
    app.use(auth.middleware);
    app.use((req, _res, next) => {
      const { passport } = req.session as unknown as { passport?: { user: { key: string } } };
      Object.assign(req, { user: passport?.user }); // as passport.session() does
      next();
    });
    app.post("/sso", async (req, res) => {
      const user = { id: "u7", username: "u7", createdAt: 0 };
      await auth.begin(req, user, { serialized: { id: "u7", key: "their own" } });
      res.json({});
    });
    app.get("/me", requireLogin(), (req, res) => void res.json((req as { user?: unknown }).user));
    const [one, two] = [agent(app), agent(app)];
    await one.post("/sso");
    await two.post("/sso");
    expect((await one.get("/me")).body).toEqual({ id: "u7", key: "their own" });
    expect((await one.get("/me")).body).toEqual({ id: "u7", key: "their own" });
    await auth.endLogins("u7");
    expect((await one.get("/me")).status).toBe(401);
    expect((await two.get("/me")).status).toBe(401);
    await expect((auth as LocalAuth).register(ada)).rejects.toMatchObject({ code: "HOLDFAST_OPTION_INVALID" });
    expect(made).toBeDefined();
  });

  it("a session that passport logged in before this package came stays logged in, until its user's logins are ended", async () => {
    const made = authSite({ redis: client });
    await made.auth.register(ada);
    const visitor = made.visitor();
    const take = async () => {
      await visitor.post("/note");
      const { id } = (await visitor.get("/me")).body;
      await rewrite(client, id, (session) => (session.passport = { user: "1" }));
    };
    await take();
    expect((await visitor.get("/me")).body).toMatchObject({ user: { username: "Ada" }, note: "kept" });
    expect((await visitor.get("/api/devices")).body.devices).toHaveLength(1);
    expect((await visitor.get("/sensitive")).status).toBe(401);
    await made.auth.endLogins("1");
    expect((await visitor.get("/me")).body.user).toBeNull();
    await take();
    expect((await visitor.get("/me")).body.user).toBeNull();
  });
});

describe("1,000 parallel logins and revocations of one user", () => {
  it("nothing revoked lives, nothing living is missing from the list", async () => {
    const made = authSite({ redis: client });
    const { ok: _ok, ...result } = await made.auth.register(ada);
    const { user } = result as { user: { id: string; username: string; createdAt: number } };
    made.app.post("/begin", async (req, res) => {
      await made.auth.begin(req, user);
      res.json({ id: req.sessionID });
    });
    const server = made.app.listen(0);
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const call = async (path: string, cookie?: string, body?: object) => {
      const headers = { ...(cookie && { cookie }), ...(body && { "content-type": "application/json" }) };
      const init = { method: path.startsWith("/api/devices") || path === "/me" ? "GET" : "POST", headers };
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, body: body && JSON.stringify(body) });
      const cookies = response.headers.getSetCookie();
      return { body: (await response.json()) as any, cookie: cookies.at(-1)?.split(";")[0] ?? cookie };
    };

    const living: string[] = [];
    const ended: string[] = [];
    await Promise.all(
      Array.from({ length: 50 }, async (_, worker) => {
        for (let i = 0; i < 20; i++) {
          const login = await call("/begin");
          if ((worker + i) % 3 === 0) {
            const { devices = [] } = (await call("/api/devices", login.cookie)).body;
            const mine = devices.find((device: { isThis: boolean }) => device.isThis);
            if (!mine) continue; // ended by the one who ends all
            await call("/api/end-device", login.cookie, { device: mine.id });
            ended.push(login.cookie!);
          } else if (worker === 7 && i === 10) {
            const before = [...living];
            const after = await call("/api/end-others", login.cookie, {});
            ended.push(...before);
            living.push(after.cookie!);
          } else living.push(login.cookie!);
        }
      }),
    );
    for (const cookie of ended) expect((await call("/me", cookie)).body.user).toBeNull();
    const alive = [];
    for (const cookie of living) if ((await call("/me", cookie)).body.user) alive.push(cookie);
    expect(alive.length).toBeGreaterThan(100);
    const { devices } = (await call("/api/devices", alive[0])).body;
    expect(devices).toHaveLength(alive.length);
    server.close();
    server.closeAllConnections();
  }, 60_000);
});

/** Notes when reads are sent and answered. */
function watch(target: RedisClientType, notes: string[]) {
  const originals = { get: target.get, hmGet: target.hmGet };
  for (const name of ["get", "hmGet"] as const) {
    (target as any)[name] = (...args: unknown[]) => {
      notes.push(`${name} sent`);
      const answer = (originals[name] as any).apply(target, args) as Promise<unknown>;
      void answer.then(() => notes.push(`${name} answered`));
      return answer;
    };
  }
  return { stop: () => Object.assign(target, originals) };
}

describe("events", () => {
  it("tell an audit log what happened, without secrets", async () => {
    const made = authSite({ redis: client });
    const seen: [string, object][] = [];
    for (const name of [
      "registered",
      "login",
      "login-failed",
      "logout",
      "password-changed",
      "password-change-failed",
      "devices-ended",
    ] as const) {
      (made.auth.events as EventEmitter).on(name, (event: object) => seen.push([name, event]));
    }
    const visitor = made.visitor();
    await visitor.post("/api/register").send(ada);
    await visitor.post("/api/login").send({ ...ada, password: "wrong horse" });
    await visitor.post("/api/login").send({ username: "Eve", password: "wrong horse" });
    await visitor.post("/api/password").send({ current: "wrong horse", password: "better horse" });
    await visitor.post("/api/password").send({ current: ada.password, password: "better horse" });
    const { id } = (await visitor.get("/me")).body;
    await visitor.post("/api/logout").send({});
    expect(seen.map(([name]) => name)).toEqual([
      "registered",
      "login",
      "login-failed",
      "login-failed",
      "password-change-failed",
      "devices-ended",
      "devices-ended",
      "password-changed",
      "logout",
    ]);
    expect(seen[2]![1]).toMatchObject({ user: "1", reason: "wrong", address: expect.stringContaining("127.0.0.1") });
    expect(seen[3]![1]).toMatchObject({ user: undefined, reason: "wrong" });
    const text = JSON.stringify(seen);
    for (const word of ["horse", "Eve", "ada@", id]) expect(text).not.toContain(word);
  });
});

it("without a client it says so at the start", () => {
  // @ts-expect-error: neither `sessions` nor `client`
  expect(() => localAuth({ accounts: new AccountsInMemory() })).toThrow(/client/);
});
