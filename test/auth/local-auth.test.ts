/** Login with passport-local, on any account store, through HTTP. */
import express from "express";
import session from "express-session";
import { agent } from "supertest";
import { describe, expect, it } from "vitest";
import { localAuth, normaliseUsername, requireLogin, type Account, type AccountStore } from "holdfast/auth";
import { workOf } from "../support/work.js";

/** The contract in a few lines: what an app with its own user table would write. */
class AccountsInMemory implements AccountStore {
  readonly all: Account[] = [];
  async create(account: { username: string; passwordHash: string }) {
    if (await this.findByUsername(account.username)) return "taken" as const;
    const made = { ...account, id: String(this.all.length + 1), createdAt: Date.now() };
    this.all.push(made);
    return made;
  }
  async findById(id: string) {
    return this.all.find((account) => account.id === id);
  }
  async findByUsername(username: string) {
    return this.all.find((account) => account.username.toLowerCase() === username.toLowerCase());
  }
}

function site(accounts: AccountStore = new AccountsInMemory()) {
  const auth = localAuth({ accounts });
  const app = express();
  app.use(session({ secret: "a secret for tests", resave: false, saveUninitialized: false }));
  app.use(express.json());
  app.use(auth.middleware);
  app.post("/note", (req, res) => {
    (req.session as unknown as Record<string, unknown>)["note"] = "kept";
    res.json({ id: req.sessionID });
  });
  app.post("/register", async (req, res) => void res.json(await auth.register(req.body)));
  app.post("/login", async (req, res) => void res.json(await auth.logIn(req, res)));
  app.post("/logout", async (req, res) => {
    await auth.logOut(req);
    res.json({});
  });
  app.get("/me", (req, res) => {
    const { note } = req.session as unknown as { note?: string };
    res.json({ user: (req as { user?: unknown }).user ?? null, id: req.sessionID, note });
  });
  app.get("/private", requireLogin(), (_req, res) => void res.send("private"));
  return app;
}

const ada = { username: "Ada", password: "correct horse" };

describe("localAuth", () => {
  it("registers, logs in and knows the user afterwards, without the password's hash", async () => {
    const visitor = agent(site());
    expect((await visitor.post("/register").send(ada)).body).toMatchObject({ ok: true, user: { username: "Ada" } });
    expect((await visitor.get("/me")).body.user).toBeNull();
    expect((await visitor.post("/login").send({ ...ada, username: "ada" })).body).toMatchObject({ ok: true });
    const { user } = (await visitor.get("/me")).body;
    expect(user).toEqual({ id: "1", username: "Ada", createdAt: expect.any(Number) });
  });

  it("keeps what the visitor had, under a new session id", async () => {
    const visitor = agent(site());
    const before = (await visitor.post("/note")).body.id;
    await visitor.post("/register").send(ada);
    await visitor.post("/login").send(ada);
    const after = (await visitor.get("/me")).body;
    expect(after.note).toBe("kept");
    expect(after.id).not.toBe(before);
  });

  it("log out ends the session and all that was in it", async () => {
    const visitor = agent(site());
    await visitor.post("/register").send(ada);
    await visitor.post("/login").send(ada);
    await visitor.post("/note");
    await visitor.post("/logout");
    const after = (await visitor.get("/me")).body;
    expect(after.user).toBeNull();
    expect(after.note).toBeUndefined();
  });

  it("answers the same for an unknown name and a wrong password", async () => {
    const visitor = agent(site());
    await visitor.post("/register").send(ada);
    const wrong = await visitor.post("/login").send({ ...ada, password: "wrong horse" });
    const unknown = await visitor.post("/login").send({ ...ada, username: "Eve" });
    expect(wrong.body).toEqual({ ok: false, reason: "wrong" });
    expect(unknown.body).toEqual(wrong.body);
  });

  it("works as hard for an unknown name as for a wrong password", async () => {
    const visitor = agent(site());
    await visitor.post("/register").send(ada);
    const logIn = (username: string) => visitor.post("/login").send({ username, password: "wrong horse" });
    await logIn("Eve");
    let [known, unknown] = [0, 0];
    for (let round = 0; round < 15; round++) {
      known += await workOf(async () => logIn("Ada"));
      unknown += await workOf(async () => logIn("Eve"));
    }
    // Without the work for nothing it would be a fifth.
    expect(unknown).toBeGreaterThan(known / 2);
    expect(unknown).toBeLessThan(known * 2);
  });

  it.each([
    ["nothing", {}],
    ["arrays", { username: ["Ada"], password: ["correct horse"] }],
    ["objects", { username: { $ne: null }, password: { length: 99 } }],
    ["numbers", { username: 1, password: 2 }],
  ])("answers `missing` to %s", async (_, body) => {
    const visitor = agent(site());
    expect((await visitor.post("/login").send(body)).body).toEqual({ ok: false, reason: "missing" });
  });

  it("does not take a password from the URL", async () => {
    const visitor = agent(site());
    await visitor.post("/register").send(ada);
    const answer = await visitor.post("/login?username=Ada&password=correct%20horse").send({});
    expect(answer.body).toEqual({ ok: false, reason: "missing" });
  });

  it.each([
    ["username-taken", { ...ada, username: "ADA" }],
    ["username-invalid", { ...ada, username: "a" }],
    ["username-invalid", { ...ada, username: "<script>" }],
    ["username-invalid", { ...ada, username: "x".repeat(31) }],
    ["password-too-short", { username: "Eve", password: "1234567" }],
    ["password-too-long", { username: "Eve", password: "x".repeat(257) }],
  ])("refuses to register: %s (%o)", async (reason, body) => {
    const visitor = agent(site());
    await visitor.post("/register").send(ada);
    expect((await visitor.post("/register").send(body)).body).toEqual({ ok: false, reason });
  });

  it("an account that is gone logs its sessions out", async () => {
    const accounts = new AccountsInMemory();
    const visitor = agent(site(accounts));
    await visitor.post("/register").send(ada);
    await visitor.post("/login").send(ada);
    accounts.all.length = 0;
    expect((await visitor.get("/me")).body.user).toBeNull();
  });

  it("trouble in the account store is an error, not a logout and not a wrong password", async () => {
    const accounts = new AccountsInMemory();
    const visitor = agent(site(accounts));
    await visitor.post("/register").send(ada);
    await visitor.post("/login").send(ada);
    accounts.findById = () => Promise.reject(new Error("the account store is away"));
    accounts.findByUsername = () => Promise.reject(new Error("the account store is away"));
    expect((await visitor.get("/me")).status).toBe(500);
    expect((await agent(site(accounts)).post("/login").send(ada)).status).toBe(500);
  });
});

describe("normaliseUsername", () => {
  it.each([
    ["Ada", "ada"],
    [" ada ", "ada"],
    ["ＡＤＡ", "ada"],
    ["ℌolm", "holm"], // a letter-like sign that becomes a capital only when it is folded
    ["ﬁnn", "finn"],
    ["A\u030Angstro\u0308m", "ångström"],
  ])("%s is %s", (username, normal) => expect(normaliseUsername(username)).toBe(normal));
});

describe("requireLogin", () => {
  it("sends a page to the login, with the way back", async () => {
    const answer = await agent(site()).get("/private?tab=2").set("Accept", "text/html");
    expect(answer.status).toBe(303);
    expect(answer.headers["location"]).toBe("/login?next=%2Fprivate%3Ftab%3D2");
  });

  it("answers 401 to a program", async () => {
    const answer = await agent(site()).get("/private").set("Accept", "application/json");
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ error: "login-required" });
  });

  it("lets a user pass", async () => {
    const visitor = agent(site());
    await visitor.post("/register").send(ada);
    await visitor.post("/login").send(ada);
    expect((await visitor.get("/private")).text).toBe("private");
  });
});
