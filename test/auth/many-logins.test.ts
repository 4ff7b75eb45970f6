/** The list of devices at its limit, the time that a login has lasted when clocks step, and logins that were not checked. */
import express from "express";
import type { RedisClientType } from "redis";
import { agent } from "supertest";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { redisSession } from "holdfast";
import { localAuth, requireLogin, requireRecentLogin } from "holdfast/auth";
import { DeviceList } from "../../lib/auth/logins/device-list.js";
import { defaultTimeouts } from "../../lib/auth/logins/login-record.js";
import { guardClient } from "../../lib/redis/index.js";
import { AccountsInMemory } from "../support/accounts-in-memory.js";
import { authSite, secret } from "../support/auth-site.js";
import { useRedis } from "../support/servers/use-redis.js";

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());
afterEach(() => void vi.useRealTimers());

const ada = { username: "Ada", password: "correct horse" };
const hour = 3_600_000;

describe("a user with more logins than the list holds", () => {
  it("loses about a hundred that were seen longest ago, for good, and no other", async () => {
    const list = new DeviceList(guardClient(client as never), { prefix: "", timeouts: defaultTimeouts });
    const began = Date.now() - 5000;
    const logins = [];
    for (let n = 0; n < 2000; n++) {
      const device = `device-${n}`;
      const entry = { since: began - n, seen: began + n, remember: false, agent: "-", where: "-" };
      logins.push({ device, since: entry.since, entry, epoch: (await list.add("ada", device, entry))! });
    }
    const left = new Set((await list.list("ada")).map(({ id }) => id));
    expect(left.size).toBeGreaterThan(1890);
    expect(left.size).toBeLessThan(1910);
    const isOut = ({ device }: { device: string }) => !left.has(device);
    expect(logins.filter(isOut).map(({ device }) => device)).toEqual(
      logins.slice(0, logins.length - left.size).map(({ device }) => device),
    );
    for (const login of logins.filter(isOut)) {
      expect((await list.stateOf("ada", login)).status).toBe("ended");
      expect(await list.noteSeen("ada", login, login.entry)).toBe(false); // not written anew as one that was lost
    }
    for (const login of logins.filter((one) => !isOut(one)))
      expect((await list.stateOf("ada", login)).status).toBe("holds");
  });
});

describe.each([
  ["forward", hour + 60_000],
  ["back", -hour - 60_000],
  ["a day forward", 24 * hour],
  ["a day back", -24 * hour],
])("when the clock steps %s", (_name, step) => {
  it("a visitor in this process stays logged in", async () => {
    const made = authSite({ redis: client, timeouts: { idle: 3600, absolute: 12 * 3600 } });
    await made.auth.register(ada);
    const visitor = made.visitor();
    await visitor.post("/api/login").send(ada);
    expect((await visitor.get("/private")).status).toBe(200);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + step });
    for (let n = 0; n < 3; n++) expect((await visitor.get("/private")).status).toBe(200);
    vi.useRealTimers();
    expect((await visitor.get("/private")).status).toBe(200);
  });
});

it("time that has passed logs a visitor out, also where the clock was set back meanwhile", async () => {
  const made = authSite({ redis: client, timeouts: { idle: 1, absolute: 12 * 3600 } });
  await made.auth.register(ada);
  const visitor = made.visitor();
  await visitor.post("/api/login").send(ada);
  expect((await visitor.get("/private")).status).toBe(200);
  const seen = performance.now();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - hour });
  await expect.poll(() => performance.now() - seen, { interval: 20, timeout: 5000 }).toBeGreaterThan(1100);
  expect((await visitor.get("/private")).status).toBe(401);
});

describe("that logins of a user were ended", () => {
  const passed = async (takeOverUntil: Date | undefined) => {
    const list = new DeviceList(guardClient(client as never), { prefix: "", timeouts: defaultTimeouts, takeOverUntil });
    const entry = { since: Date.now(), seen: Date.now(), remember: false, agent: "-", where: "-" };
    await list.add("ada", "first", entry);
    await list.endAll("ada");
    const isTakenOver = (await list.add("ada", "passport's own", entry, { unlessRevoked: true })) !== undefined;
    return { isTakenOver, seconds: await client.ttl("devices:ada") };
  };
  it("is remembered for ever, because a session that passport made could be any age", async () =>
    expect(await passed(undefined)).toEqual({ isTakenOver: false, seconds: -1 }));
  it("is remembered as long as such sessions are taken over", async () => {
    const { isTakenOver, seconds } = await passed(new Date(Date.now() + 100 * 24 * hour));
    expect(isTakenOver).toBe(false);
    expect(seconds).toBeGreaterThan(99 * 24 * 3600);
    expect(seconds).toBeLessThanOrEqual(100 * 24 * 3600);
  });
  it("is remembered no longer than a login lasts, once none is taken over", async () => {
    const { seconds } = await passed(new Date(0));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(30 * 24 * 3600 + 60);
  });
});

describe("who has proved just now who they are", () => {
  const site = () => {
    const sessions = redisSession({ client, secret });
    const auth = localAuth({ sessions, accounts: new AccountsInMemory(), throttle: false });
    const app = express();
    app.use(sessions, auth.middleware);
    const begin = (confirmed: boolean | Date | undefined) => async (req: express.Request, res: express.Response) => {
      await auth.begin(req, { id: 7, username: "Ada", createdAt: 0 }, { confirmed });
      res.json({});
    };
    app.get("/sso", begin(undefined)).get("/password", begin(true));
    app.get("/fresh", begin(new Date(Date.now() - 10_000))).get("/stale", begin(new Date(Date.now() - 120_000)));
    app.get("/invalid", begin(new Date(Number.NaN))).get("/future", begin(new Date(Date.now() + hour)));
    app.get("/sensitive", requireRecentLogin(60), (_req, res) => void res.send("in"));
    return agent(app);
  };
  it.each([
    ["/sso", 401],
    ["/password", 200],
    ["/fresh", 200],
    ["/stale", 401],
    ["/invalid", 401],
    ["/future", 200], // counts as now: the provider's clock is ahead
  ])("%s: %i", async (path, status) => {
    const visitor = site();
    await visitor.get(path);
    expect((await visitor.get("/sensitive")).status).toBe(status);
  });
});

describe("where auth.middleware does not stand", () => {
  it("devices() and json().session know nothing of a login that was ended, and requireLogin() refuses in words", async () => {
    const sessions = redisSession({ client, secret });
    const accounts = new AccountsInMemory();
    const auth = localAuth({ sessions, accounts, throttle: false });
    await auth.register(ada);
    const app = express();
    app.use(sessions, express.json());
    app.post("/login", auth.json().logIn).get("/session", auth.json().session).get("/devices", auth.json().devices);
    app.get(
      "/private",
      (req, _res, next) => (Object.assign(req, { user: { id: "1" } }), next()),
      requireLogin(),
      (_req, res) => void res.send("in"),
    );
    app.use(
      ((error: { code?: string }, _req, res, _next) =>
        void res.status(500).json({ code: error.code })) as express.ErrorRequestHandler,
    );
    const visitor = agent(app);
    await visitor.post("/login").send(ada);
    expect((await visitor.get("/session")).body.user).toMatchObject({ username: "Ada" });
    expect((await visitor.get("/private")).body).toEqual({ code: "HOLDFAST_LOGIN_UNCHECKED" });
    await auth.endLogins("1");
    expect((await visitor.get("/session")).body.user).toBeNull();
    expect((await visitor.get("/devices")).body).toMatchObject({ reason: "login-required" });
  });
});
