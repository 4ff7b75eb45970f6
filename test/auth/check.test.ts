/** `auth.check`: who is logged in on a request that may be hours old, as Redis has it now. */
import express, { type Request, type RequestHandler } from "express";
import session, { MemoryStore } from "express-session";
import { redisSession, RedisSessionStore } from "holdfast";
import { localAuth, type LocalAuthOptions } from "holdfast/auth";
import type { RedisClientType } from "redis";
import { agent } from "supertest";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { rewrite, secret, valuesOf } from "../support/auth-site.js";
import { commandsDuring } from "../support/commands.js";
import { startRedis } from "../support/servers/redis-server.js";
import { useRedis } from "../support/servers/use-redis.js";

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());

const hour = 3_600_000;
const ada = { id: "7", username: "ada", createdAt: 0 };

const middlewares = {
  "redisSession, layout json": (connection: RedisClientType) => redisSession({ client: connection, secret }),
  "redisSession, layout hash": (connection: RedisClientType) =>
    redisSession({ client: connection, secret, layout: "hash" }),
  "redisSession with a store that compares nothing": () => redisSession({ store: new MemoryStore(), secret }),
  "express-session with our store": (connection: RedisClientType) =>
    session({ store: new RedisSessionStore({ client: connection }), secret, resave: false, saveUninitialized: false }),
};
type Kind = keyof typeof middlewares;

/** Requests that are kept at `/socket` stand for sockets: they never pass `auth.middleware`, and their response is over. */
function site(kind: Kind = "redisSession, layout json", options: Partial<LocalAuthOptions> = {}, connection = client) {
  const sessions = middlewares[kind](connection);
  const own = "store" in sessions && "keysFor" in sessions ? { sessions } : {};
  const auth = localAuth({ client: connection, ...own, ...options } as never); // with accounts only if a test says so
  const app = express();
  const sockets: Request[] = [];
  app.use(sessions as RequestHandler);
  app.get("/socket", (req, res) => {
    sockets.push(req);
    res.end();
  });
  app.use(auth.middleware);
  app.post("/login", async (req, res) => {
    await auth.begin(req, ada, { remember: req.query["remember"] !== undefined });
    res.json({ id: req.sessionID });
  });
  app.post("/passport", (req, res) => {
    valuesOf(req)["passport"] = { user: "7" };
    res.json({ id: req.sessionID });
  });
  app.get("/me", (req, res) => void res.json({ id: req.sessionID, user: valuesOf(req)["login"] ?? null }));
  app.post("/logout", auth.json().logOut).post("/end-others", auth.json().endOtherDevices);
  app.post("/destroy", (req, res) => req.session.destroy(() => res.end()));
  const visitor = agent(app);
  return {
    auth,
    app,
    visitor,
    async logIn(query = "", who = visitor): Promise<string> {
      return (await who.post(`/login${query}`)).body.id;
    },
    async socket(who = visitor): Promise<Request> {
      await who.get("/socket");
      return sockets.at(-1)!;
    },
  };
}

describe.each(Object.keys(middlewares) as Kind[])("%s", (kind) => {
  it("returns the user as long as the login is valid, whatever ends it", async () => {
    const ends: ((made: ReturnType<typeof site>) => Promise<unknown>)[] = [
      ({ visitor }) => visitor.post("/logout").send({}),
      ({ visitor }) => visitor.post("/destroy"),
      ({ auth }) => auth.endLogins("7"),
      ({ visitor }) => visitor.post("/login"),
      async ({ auth, app }) => {
        const phone = agent(app);
        await phone.post("/login");
        const [laptop] = (await auth.devices(await made.socket(phone))).filter(({ isThis }) => !isThis);
        expect(await auth.endDevice(await made.socket(phone), laptop!.id)).toEqual({ ok: true });
      },
    ];
    let made = site(kind);
    for (const end of ends) {
      made = site(kind);
      expect(await made.auth.check(await made.socket())).toBeUndefined();
      await made.logIn();
      const socket = await made.socket();
      for (let n = 0; n < 3; n++) expect(await made.auth.check(socket)).toEqual(ada);
      await end(made);
      for (let n = 0; n < 3; n++) expect(await made.auth.check(socket, { active: n > 0 })).toBeUndefined();
    }
  });

  it("takes over a session of passport alone, once, and lists it", async () => {
    const { auth, visitor, socket } = site(kind);
    await visitor.post("/passport");
    const req = await socket();
    expect(await auth.check(req)).toMatchObject({ id: "7" });
    expect(await auth.check(req)).toMatchObject({ id: "7" });
    expect(await client.hLen("devices:7")).toBe(2); // the epoch, and one login
    await auth.endLogins("7");
    expect(await auth.check(req)).toBeUndefined();
  });
});

describe("activity", () => {
  const seenIn = async (sid: string) => JSON.parse((await client.get(`sess:${sid}`))!).login.seen as number;
  const ago = async (sid: string, milliseconds: number) => {
    await rewrite(client, sid, ({ login }) => void (login.seen = login.since = Date.now() - milliseconds));
    const { login } = JSON.parse((await client.get(`sess:${sid}`))!);
    const { agent: browser, where } = JSON.parse((await client.hGet("devices:7", `d:${login.device}`))!);
    const entry = { since: login.since, seen: login.seen, remember: login.remember, agent: browser, where };
    await client.hSet("devices:7", `d:${login.device}`, JSON.stringify(entry));
    return login.device as string;
  };

  it("a check alone is none, and changes nothing in Redis; what the user does is, and is written once a minute", async () => {
    const { auth, logIn, socket } = site();
    const sid = await logIn();
    const device = await ago(sid, hour / 2);
    const req = await socket();
    const other = site(); // another process
    const before = [await client.get(`sess:${sid}`), await client.hGetAll("devices:7")];
    for (let n = 0; n < 5; n++) expect(await other.auth.check(req)).toEqual(ada);
    expect([await client.get(`sess:${sid}`), await client.hGetAll("devices:7")]).toEqual(before);
    const began = Date.now();
    expect(await auth.check(req, { active: true })).toEqual(ada);
    expect(await seenIn(sid)).toBeGreaterThanOrEqual(began);
    const entry = JSON.parse((await client.hGet("devices:7", `d:${device}`))!);
    expect(entry.seen).toBeGreaterThanOrEqual(began);
    expect(entry).toMatchObject({ agent: "unknown", where: "127.0.0.*" });
    const written = await client.get(`sess:${sid}`);
    for (let n = 0; n < 5; n++) expect(await auth.check(req, { active: true })).toEqual(ada);
    expect(await client.get(`sess:${sid}`)).toBe(written);
  });

  it("a login that was idle too long, or has lasted too long, is not valid any more", async () => {
    for (const [milliseconds, valid] of [
      [hour - 2000, true],
      [hour, false],
    ] as const) {
      const { logIn, socket } = site();
      await ago(await logIn(), milliseconds);
      const req = await socket();
      const { auth } = site();
      expect(await auth.check(req)).toEqual(valid ? ada : undefined);
      expect(await auth.check(req, { active: true })).toEqual(valid ? ada : undefined);
    }
  });

  it("checks do not keep a login alive that nobody uses, however often they come", async () => {
    const { auth, logIn, socket } = site("redisSession, layout json", { timeouts: { idle: 2 } });
    await logIn();
    const req = await socket();
    await expect.poll(() => auth.check(req), { timeout: 5000, interval: 50 }).toBeUndefined();
    const active = site("redisSession, layout json", { timeouts: { idle: 2 } });
    await active.logIn();
    const busy = await active.socket();
    const until = Date.now() + 4000;
    while (Date.now() < until) {
      expect(await active.auth.check(busy, { active: true })).toEqual(ada);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });

  it("gives the session its full lifetime", async () => {
    const { auth, logIn, socket } = site();
    const sid = await logIn("?remember");
    await ago(sid, hour);
    await client.expire(`sess:${sid}`, 100);
    const before = JSON.parse((await client.get(`sess:${sid}`))!).cookie.expires;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await auth.check(await socket(), { active: true })).toEqual(ada);
    expect(await client.ttl(`sess:${sid}`)).toBeGreaterThan(29 * 86_400);
    expect(Date.parse(JSON.parse((await client.get(`sess:${sid}`))!).cookie.expires)).toBeGreaterThan(
      Date.parse(before),
    );
  });

  it("merges with what pages save meanwhile, and with what the socket has not saved", async () => {
    const { auth, logIn, socket } = site();
    const sid = await logIn();
    await ago(sid, hour / 2);
    const req = await socket();
    valuesOf(req)["draft"] = "hello";
    await rewrite(client, sid, (stored) => void (stored.cart = ["teapot"]));
    await auth.check(req, { active: true });
    expect(JSON.parse((await client.get(`sess:${sid}`))!)).toMatchObject({ cart: ["teapot"] });
    expect(JSON.parse((await client.get(`sess:${sid}`))!)).not.toHaveProperty("draft");
    await new Promise<void>((resolve, reject) => req.session.save((error) => (error ? reject(error) : resolve())));
    expect(JSON.parse((await client.get(`sess:${sid}`))!)).toMatchObject({ cart: ["teapot"], draft: "hello" });
    expect(await auth.check(req)).toEqual(ada);
  });
});

describe("on a socket", () => {
  it("what changes the session id is refused before anything is changed; a logout works", async () => {
    const { auth, app, logIn, socket, visitor } = site();
    await logIn();
    await agent(app).post("/login");
    const req = await socket();
    const list = () => client.hGetAll("devices:7");
    const before = await list();
    await expect(auth.endOtherDevices(req)).rejects.toMatchObject({ code: "SESSION_COOKIE_UNSENT" });
    await expect(auth.begin(req, ada)).rejects.toMatchObject({ code: "SESSION_COOKIE_UNSENT" });
    expect(await list()).toEqual(before);
    expect((await visitor.get("/me")).body.user).not.toBeNull();
    expect(await auth.devices(req)).toHaveLength(2);
    await auth.logOut(req);
    expect(await auth.check(req)).toBeUndefined();
    expect((await visitor.get("/me")).body.user).toBeNull();
  });

  it("actions of a login that has ended since are refused", async () => {
    const { auth, app, logIn, socket } = site();
    await logIn();
    const req = await socket();
    expect(await auth.devices(req)).toHaveLength(1);
    await auth.endLogins("7");
    await agent(app).post("/login");
    expect(await auth.devices(req)).toEqual([]);
    expect(await auth.endDevice(req, "any")).toEqual({ ok: false, reason: "login-required" });
    expect(await auth.endOtherDevices(req)).toEqual({ ok: false, reason: "login-required" });
  });
});

describe("auth.middleware on a handshake without a response", () => {
  it("tells who is logged in, and takes the session of a login that has ended from the request alone", async () => {
    const { auth, logIn, socket, visitor } = site();
    const sid = await logIn();
    const req = await socket();
    const handshake = async () => {
      const shook = { headers: req.headers, method: "GET", url: "/", socket: req.socket } as Request;
      const sessions = redisSession({ client, secret });
      await new Promise((resolve) => sessions(shook, {}, resolve));
      await new Promise((resolve) => auth.middleware(shook, {} as never, resolve));
      return shook;
    };
    expect(await handshake()).toMatchObject({ sessionID: sid, session: { login: { user: ada } } });
    await auth.endLogins("7");
    expect((await handshake()).session).toBeUndefined();
    expect(await client.exists(`sess:${sid}`)).toBe(1);
    await visitor.get("/me"); // which cleans up
    expect(await client.exists(`sess:${sid}`)).toBe(0);
  });
});

describe("what cannot be answered", () => {
  it("a request that no session middleware has seen is refused in words", async () => {
    const { auth } = site();
    await expect(auth.check({ headers: {} } as never)).rejects.toMatchObject({
      code: "HOLDFAST_OPTION_INVALID",
      message: expect.stringContaining("io.engine.use(sessions)"),
    });
  });

  it("while Redis is frozen, it fails within the deadline, and is right again afterwards", async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const connection = await own.client();
    const { auth, logIn, socket } = site("redisSession, layout json", {}, connection);
    await logIn();
    const req = await socket();
    expect(await auth.check(req)).toEqual(ada);
    own.process.kill("SIGSTOP");
    await expect(auth.check(req)).rejects.toMatchObject({ code: "SESSION_STORE_UNAVAILABLE" });
    await expect(auth.check(req, { active: true })).rejects.toMatchObject({ code: "SESSION_STORE_UNAVAILABLE" });
    own.process.kill("SIGCONT");
    await expect.poll(() => auth.check(req).catch(() => "not yet"), { timeout: 10_000 }).toEqual(ada);
  });

  it("one round trip, if this process knows the login", async () => {
    const { auth, logIn, socket } = site();
    await logIn();
    const req = await socket();
    await auth.check(req);
    const checks = () => Promise.all(Array.from({ length: 50 }, () => auth.check(req)));
    expect(await commandsDuring(client, checks)).toEqual({ get: 50, hmget: 50 });
  });
});
