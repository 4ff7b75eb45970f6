/** docs/security.md: each test that it names exists; and what it says beyond those. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import express from "express";
import { RedisAccounts, requireRecentLogin } from "holdfast/auth";
import { redisSession } from "holdfast";
import type { RedisClientType } from "redis";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { authSite, rewrite } from "../support/auth-site.js";
import { useRedis } from "../support/servers/use-redis.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const rows = readFileSync(join(root, "docs/security.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, number, level, , state, how, tests]) => ({ number: number!, level, state, how, tests: tests! }));

/** OWASP ASVS 5.0, levels 1 and 2. */
const asked = {
  "7.1": 3,
  "7.2": 4,
  "7.3": 2,
  "7.4": 5,
  "7.5": 2,
  "7.6": 2,
  "3.3": 4,
  "6.1": 3,
  "6.2": 12,
  "6.3": 4,
  "6.4": 4,
};

describe("the tables", () => {
  it("have a row for each requirement, in order", () => {
    const expected = Object.entries(asked).flatMap(([section, count]) =>
      Array.from({ length: count }, (_, index) => `${section}.${index + 1}`),
    );
    expect(rows.map(({ number }) => number)).toEqual(expected);
  });

  it.each(rows)("$number: says how, or by which test", ({ level, state, how, tests }) => {
    expect(["1", "2"]).toContain(level);
    expect(["met", "with an option", "the app's", "not met"]).toContain(state);
    if (state !== "met") expect(how).not.toBe("");
    if (state === "with an option") expect(tests).not.toBe("");
    expect(how + tests).not.toBe("");
  });

  it.each(rows.filter(({ tests }) => tests !== ""))("$number: its tests exist", ({ tests }) => {
    for (const named of tests.split("<br>")) {
      const [, file, title] = /^`([^`]+)`: (.+)$/.exec(named) ?? expect.fail(`not "\`file\`: title": ${named}`);
      expect(file).toSatisfy((name: string) => existsSync(join(root, name)));
      const code = readFileSync(join(root, file!), "utf8");
      expect(['"', "'", "`"].some((quote) => code.includes(quote + title + quote))).toBe(true);
    }
  });
});

describe("what no other test shows", () => {
  const ada = { username: "Ada", password: "correct horse", email: "ada@example.org" };
  const redis = useRedis();
  let client: RedisClientType;

  beforeAll(async () => {
    client = await redis.client();
  });
  beforeEach(() => client.flushDb());

  const registered = async (options: object = {}) => {
    const site = authSite({ redis: client, ...options });
    await site.auth.register(ada);
    return site;
  };

  it("who logs in once more gets a new id, and the old one is worthless", async () => {
    const site = await registered();
    const visitor = site.visitor();
    const login = await visitor.post("/api/login").send(ada);
    const [old] = login.headers["set-cookie"]![0]!.split(";");
    const { id } = (await visitor.get("/me")).body;
    await visitor.post("/api/login").send(ada);
    const after = (await visitor.get("/me")).body;
    expect(after).toMatchObject({ user: { username: "Ada" } });
    expect(after.id).not.toBe(id);
    expect((await site.visitor().get("/me").set("Cookie", old!)).body.user).toBeNull();
  });

  it("an administrator ends the logins of one user, or of all", async () => {
    const site = await registered();
    const sessions = redisSession({ client, secret: "a secret of the tests, long enough" });
    const visitor = site.visitor();
    for (const end of [() => site.auth.endLogins("1"), () => sessions.store.clear()]) {
      await visitor.post("/api/login").send(ada);
      expect((await visitor.get("/me")).body.user).toMatchObject({ username: "Ada" });
      await end();
      expect((await visitor.get("/me")).body.user).toBeNull();
    }
  });

  it("ending a device asks for the password once more, where the app wants that", async () => {
    const site = await registered();
    const handlers = site.auth.json();
    site.app.post("/careful/end-others", requireRecentLogin(60), handlers.endOtherDevices);
    const visitor = site.visitor();
    await visitor.post("/api/login").send(ada);
    const { id } = (await visitor.get("/me")).body;
    await rewrite(client, id, (session) => (session.login.confirmed -= 61_000));
    const refused = await visitor.post("/careful/end-others").send({});
    expect([refused.status, refused.body]).toEqual([401, { ok: false, reason: "recent-login-required" }]);
    await visitor.post("/api/login").send(ada);
    expect((await visitor.post("/careful/end-others").send({})).body).toEqual({ ok: true });
  });

  it("the cookie can be called __Host-sid, and logging out takes it back", async () => {
    const { localAuth } = await import("holdfast/auth");
    const secret = "a secret of the tests, long enough";
    const sessions = redisSession({ client, secret, name: "__Host-sid", cookie: { secure: true } });
    const auth = localAuth({ sessions, accounts: new RedisAccounts({ client }) });
    const app = express().set("trust proxy", true);
    app.use(sessions, auth.middleware, express.json());
    app.post("/register", auth.json().register);
    app.post("/logout", auth.json().logOut);
    const { agent } = await import("supertest");
    const https = { "X-Forwarded-Proto": "https" };
    const [browser, line] = (await agent(app).post("/register").set(https).send(ada)).headers["set-cookie"]!;
    expect(line).toMatch(/^__Host-sid=s%3A[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(browser).toMatch(/^known-browser=[^;]+; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    const answer = await agent(app)
      .post("/logout")
      .set({ ...https, Cookie: line!.split(";")[0]! })
      .send({});
    expect(answer.headers["set-cookie"]![0]).toMatch(/^__Host-sid=; Path=\/; Expires=Thu, 01 Jan 1970 .*Secure/);
  });

  it.each([
    {},
    { secure: true, sameSite: "none" as const },
    { secure: true, sameSite: "none" as const, partitioned: true },
    { sameSite: "strict" as const, path: "/", domain: "shop.example" },
    { sameSite: true, httpOnly: false },
    { sameSite: false },
  ])("logging out takes back a cookie with the settings %o by a line with the same attributes", async (cookie) => {
    const { localAuth } = await import("holdfast/auth");
    const sessions = redisSession({ client, secret: "a secret of the tests, long enough", cookie });
    const auth = localAuth({ sessions, accounts: new RedisAccounts({ client }) });
    const app = express().set("trust proxy", true);
    app.use(sessions, auth.middleware, express.json());
    app.post("/register", auth.json().register);
    app.post("/logout", auth.json().logOut);
    const { agent } = await import("supertest");
    const post = (path: string, headers: object) =>
      agent(app)
        .post(path)
        .set({ "X-Forwarded-Proto": "https", ...headers });
    const [browser, line] = (await post("/register", {}).send(ada)).headers["set-cookie"]!;
    const [back] = (await post("/logout", { Cookie: line!.split(";")[0]! }).send({})).headers["set-cookie"]!;
    const attributes = (text: string) =>
      text
        .split("; ")
        .slice(1)
        .filter((attribute) => !/^(Expires|Max-Age)=/.test(attribute))
        .sort();
    expect(back).toMatch(/^connect\.sid=; .*Expires=Thu, 01 Jan 1970/);
    expect(attributes(back!)).toEqual(attributes(line!));
    expect(browser!.includes("Partitioned")).toBe(line!.includes("Partitioned"));
  });

  it("no handler answers with the session's id", async () => {
    const visitor = authSite({ redis: client }).visitor();
    const texts = [];
    for (const [path, body] of [
      ["register", ada],
      ["login", ada],
      ["login", { ...ada, password: "wrong horse" }],
      ["password", { current: ada.password, password: "better horse" }],
      ["end-others", {}],
    ] as const) {
      const { text } = await visitor.post(`/api/${path}`).send(body);
      const { id } = (await visitor.get("/me")).body;
      const others = [await visitor.get("/api/session"), await visitor.get("/api/devices")];
      for (const shown of [text, ...others.map((answer) => answer.text)]) expect(shown).not.toContain(id);
      texts.push(text);
    }
    expect(texts.map((text) => JSON.parse(text).ok)).toEqual([true, true, false, true, true]);
  });

  it("a password of 64 characters of one kind is as good as any", async () => {
    const site = authSite({ redis: client });
    for (const [index, password] of ["a".repeat(64), "1".repeat(64), " ".repeat(64), "é".repeat(256)].entries()) {
      const eve = { username: `eve${index}`, password };
      expect((await site.visitor().post("/api/register").send(eve)).status).toBe(201);
      expect((await site.visitor().post("/api/login").send(eve)).status).toBe(200);
      const cut = { ...eve, password: password.slice(0, -1) };
      expect((await site.visitor().post("/api/login").send(cut)).status).toBe(401);
    }
  });

  it("the sixth guess is refused by 429 with Retry-After", async () => {
    const site = await registered({ throttle: {} });
    const guess = (password: string) => site.visitor().post("/api/login").send({ username: "Ada", password });
    for (let i = 0; i < 5; i++) expect((await guess("wrong horse")).status).toBe(401);
    const refused = await guess(ada.password);
    expect([refused.status, refused.body]).toMatchObject([429, { ok: false, reason: "throttled" }]);
    const seconds = Number(refused.headers["retry-after"]);
    expect(seconds).toBeGreaterThan(890);
    expect(seconds).toBeLessThanOrEqual(900);
  });

  it("there are no accounts before somebody registers", async () => {
    const accounts = new RedisAccounts({ client });
    for (const name of ["admin", "root", "user", "test", "sa", "guest"]) {
      expect(await accounts.findByUsername(name)).toBeUndefined();
    }
    expect(await client.dbSize()).toBe(0);
  });
});
