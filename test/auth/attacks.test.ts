/** What somebody may try who holds a cookie that is not theirs, or the patience to guess; and what breaks by itself. */
import { once } from "node:events";
import { connect } from "node:net";
import express, { type RequestHandler } from "express";
import passport from "passport";
import { redisSession } from "holdfast";
import { hashPassword, localAuth, requireLogin } from "holdfast/auth";
import type { RedisClientType } from "redis";
import { agent } from "supertest";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import { AccountsInMemory } from "../support/accounts-in-memory.js";
import { authSite, rewrite, secret } from "../support/auth-site.js";
import { callsOf } from "../support/commands.js";
import { useRedis } from "../support/servers/use-redis.js";

const ada = { username: "Ada", password: "correct horse", email: "ada@example.org" };
const redis = useRedis();
let client: RedisClientType;

beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());

const checks = () => callsOf(client, "hmget");

it.each(["/api/end-others", "/api/end-device", "/note"])(
  "a stolen cookie does not survive a new password by a request to %s that was held open",
  async (path) => {
    const made = authSite({ redis: client });
    await made.auth.register(ada);
    const server = made.app.listen(0);
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const send = (to: string, body?: object, cookie?: string) =>
      fetch(`http://127.0.0.1:${port}${to}`, {
        method: body ? "POST" : "GET",
        headers: { ...(body && { "content-type": "application/json" }), ...(cookie && { cookie }) },
        ...(body && { body: JSON.stringify(body) }),
      });
    const cookieOf = (answer: Response) => answer.headers.getSetCookie()[0]!.split(";")[0]!;
    const nameOf = async (cookie: string) =>
      ((await (await send("/me", undefined, cookie)).json()) as { user: { username: string } | null }).user?.username;
    const stolen = cookieOf(await send("/api/login", ada));
    const owner = cookieOf(await send("/api/login", ada));
    await nameOf(stolen);

    const checked = await checks();
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (data) => (answer += String(data)));
    const head = `Host: x\r\nConnection: close\r\nCookie: ${stolen}\r\nContent-Type: application/json\r\nContent-Length: 2`;
    socket.write(`POST ${path} HTTP/1.1\r\n${head}\r\n\r\n`);
    await vi.waitFor(async () => expect(await checks()).toBeGreaterThan(checked), 15_000);
    const changed = await send("/api/password", { current: ada.password, password: "better horse" }, owner);
    expect(changed.status).toBe(200);
    const mine = cookieOf(changed);
    const since = performance.now();
    // Longer than a check that was made early counts.
    await vi.waitFor(() => expect(performance.now() - since).toBeGreaterThan(600), 2000);
    socket.write("{}");
    await once(socket, "close");
    expect(answer).not.toContain("Ada");
    const given = /set-cookie: ([^;]+)/i.exec(answer)?.[1];
    if (given) expect(await nameOf(given)).toBeUndefined();
    expect(await nameOf(stolen)).toBeUndefined();
    expect(await nameOf(mine)).toBe("Ada");
    server.close();
    server.closeAllConnections();
  },
);

it.each(["endOtherDevices", "endDevice"] as const)(
  "%s does nothing for a login that was ended since its request began",
  async (action) => {
    const made = authSite({ redis: client });
    const visitor = made.visitor();
    await visitor.post("/api/register").send(ada);
    const [device] = (await visitor.get("/api/devices")).body.devices;
    made.app.post("/slow", async (req, res) => {
      await made.auth.endLogins("1");
      const other = made.visitor();
      await other.post("/api/login").send(ada);
      res.json({
        result: await made.auth[action](req, device.id),
        still: (await other.get("/me")).body.user?.username,
      });
    });
    const { body } = await visitor.post("/slow");
    expect(body).toEqual({ result: { ok: false, reason: "login-required" }, still: "Ada" });
    expect((await visitor.get("/me")).body.user).toBeNull();
  },
);

it("a login that was ended and has expired since keeps nothing", async () => {
  const made = authSite({ redis: client });
  const visitor = made.visitor();
  await visitor.post("/api/register").send(ada);
  await visitor.post("/note");
  const { id } = (await visitor.get("/me")).body;
  await made.auth.endLogins("1");
  await rewrite(client, id, (session) => (session.login.seen -= 3_600_000));
  expect((await visitor.get("/me")).body.note).toBeUndefined();
});

it("passport's own logout logs out, also where it keeps what is in the session", async () => {
  const sessions = redisSession({ client, secret });
  const auth = localAuth({ sessions, accounts: new AccountsInMemory(), throttle: false });
  const theirs = new passport.Passport();
  theirs.deserializeUser((id: string, done) => done(null, { id }));
  const app = express();
  app.use(sessions, auth.middleware);
  app.use(theirs.initialize() as RequestHandler, theirs.session() as RequestHandler, express.json());
  app.post("/register", auth.json().register);
  app.post("/logout", (req, res, next) => {
    const { logout } = req as unknown as { logout(options: object, done: (error?: unknown) => void): void };
    logout.call(req, { keepSessionInfo: true }, (error) => (error ? next(error) : void res.json({})));
  });
  app.get("/private", requireLogin(), (_req, res) => void res.send("in"));
  const visitor = agent(app);
  await visitor.post("/register").send(ada);
  expect((await visitor.get("/private")).status).toBe(200);
  await visitor.post("/logout");
  expect((await visitor.get("/private")).status).toBe(401);
});

it("counts say nothing of who exists: two spellings of an address share theirs, whether there is an account or not", async () => {
  const made = authSite({ redis: client, throttle: {} });
  await made.auth.register({ ...ada, email: "ada@bücher.example" });
  const sixth = async (name: string) => {
    const guess = async (username: string) =>
      (await made.visitor().post("/api/login").send({ username, password: "wrong horse" })).status;
    for (let i = 0; i < 5; i++) await guess(`${name}@bücher.example`);
    return guess(`${name}@xn--bcher-kva.example`);
  };
  expect([await sixth("eve"), await sixth("ada")]).toEqual([429, 429]);
  const byName = await made.visitor().post("/api/login").send({ username: "Ada", password: "wrong horse" });
  expect(byName.status).toBe(401); // that the name belongs to the address is nobody's business
});

it("one user cannot fill Redis with logins", async () => {
  const made = authSite({ redis: client });
  const { user } = (await made.auth.register(ada)) as { user: { id: string; username: string; createdAt: number } };
  made.app.post("/begin", async (req, res) => {
    await made.auth.begin(req, user);
    res.json({});
  });
  const marks = Array.from({ length: 2000 }, (_, n) => [`d:${n}`, `-${Date.now()}`]);
  await client.hSet("devices:1", Object.fromEntries(marks));
  const visitor = made.visitor();
  await visitor.post("/begin");
  expect(await client.hLen("devices:1")).toBeLessThan(10);
  expect((await visitor.get("/me")).body.user.username).toBe("Ada");
});

it.each([
  ["timeouts", "idle", Number.NaN],
  ["timeouts", "absolute", 0],
  ["rememberMe", "idle", "3600"],
])("%s.%s of %s is refused at the start, for it would mean none", (option, part, value) => {
  const make = () => localAuth({ client, [option]: { [part]: value } });
  expect(make).toThrow(expect.objectContaining({ code: "HOLDFAST_OPTION_INVALID" }));
});

it("a login that cannot be checked again leaves nobody logged in", async () => {
  const made = authSite({ redis: client });
  await made.auth.register(ada);
  const visitor = made.visitor();
  Object.assign(made.accounts, { findById: () => Promise.reject(new Error("the account store is away")) });
  expect((await visitor.post("/api/login").send(ada)).status).toBe(500);
  expect((await visitor.get("/me")).body.user).toBeNull();
});

it("a listener that throws is a warning, and no failed login", async () => {
  const made = authSite({ redis: client });
  await made.auth.register(ada);
  const warned = once(process, "warning");
  made.auth.events.on("login", () => {
    throw new Error("the audit log is full");
  });
  expect((await made.visitor().post("/api/login").send(ada)).status).toBe(200);
  expect((await warned)[0]).toMatchObject({ code: "HOLDFAST_LISTENER_FAILED" });
});

it("eight characters are eight, and not four that take two units each", async () => {
  const visitor = authSite({ redis: client }).visitor();
  const answer = await visitor.post("/api/register").send({ username: "Eve", password: "🐴🐴🐴🐴" });
  expect(answer.body).toEqual({ ok: false, reason: "password-too-short" });
});

it("what a browser claims to be is kept short", async () => {
  const made = authSite({ redis: client });
  await made.auth.register(ada);
  const visitor = made.visitor();
  await visitor
    .post("/api/login")
    .set("User-Agent", `${"x".repeat(400)}/1.0 (${"y".repeat(400)})`)
    .send(ada);
  const [device] = (await visitor.get("/api/devices")).body.devices;
  expect(device.agent.length).toBeLessThanOrEqual(90);
});

it("without a session it says so, before a password is checked", async () => {
  const auth = localAuth({ client, accounts: new AccountsInMemory(), throttle: false });
  await auth.register(ada);
  const request = { headers: {}, socket: {} } as never;
  await expect(auth.logIn(request, ada)).rejects.toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", status: 503 });
});

it.each([
  ["a name", { username: "ada\u200b\u3164" }],
  ["letters of two alphabets", { username: "\u0430da" }],
  ["an address", { email: "a\u200bda@example.org" }],
  ["a list of addresses", { email: "ada@example.org,eve@example.org" }],
])("who came with %s that nobody may have now still logs in, and nobody else registers it", async (_, odd) => {
  const made = authSite({ redis: client });
  const passwordHash = await hashPassword(ada.password);
  await made.accounts.create({ username: "Somebody", email: undefined, passwordHash, ...odd });
  const name = Object.values(odd)[0]!;
  const login = await made.visitor().post("/api/login").send({ username: name, password: ada.password });
  expect(login.status).toBe(200);
  const again = await made
    .visitor()
    .post("/api/register")
    .send({ ...ada, ...odd });
  expect(again.body).toEqual({ ok: false, reason: `${Object.keys(odd)[0]}-invalid` });
});
