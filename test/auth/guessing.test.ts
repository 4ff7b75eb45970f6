/** One budget for an account, under whatever name; strangers and thieves use up nothing of its owner's. */
import type { RedisClientType } from "redis";
import request from "supertest";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { localAuth, type LocalAuthOptions } from "holdfast/auth";
import { redisSession } from "holdfast";
import { derivedKeys } from "../../lib/http/index.js";
import { KnownBrowsers } from "../../lib/auth/throttle/known-browsers.js";
import { AccountsInMemory } from "../support/accounts-in-memory.js";
import { authSite } from "../support/auth-site.js";
import { useRedis } from "../support/servers/use-redis.js";
import { workOf } from "../support/work.js";

const ada = { username: "Ada", password: "correct horse", email: "ada@example.org" };
const home = "198.51.100.7";
const away = "203.0.113.9";
const redis = useRedis();
let client: RedisClientType;

beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());

async function site(options: Partial<LocalAuthOptions> = {}) {
  const made = authSite({ redis: client, throttle: {}, ...options });
  await made.auth.register(ada);
  type Visitor = ReturnType<typeof made.visitor>;
  const logIn = (visitor: Visitor, username: string, password: string, from = away) =>
    visitor.post("/api/login").set("X-Forwarded-For", from).send({ username, password });
  /** A stranger without cookies. */
  const guess = async (username: string, from = away, password = "wrong horse") =>
    (await logIn(made.visitor(), username, password, from)).status;
  const guesses = async (times: number, username: string, from = away) => {
    const statuses: number[] = [];
    for (let n = 0; n < times; n++) statuses.push(await guess(username, from));
    return statuses;
  };
  return { ...made, logIn, guess, guesses };
}

describe("one budget for an account", () => {
  it("name and address share five, and a stranger cannot tell them from names that nobody has", async () => {
    const { auth, guesses, guess } = await site();
    const reasons: string[] = [];
    auth.events.on("login-failed", ({ user, reason }) =>
      reasons.push(`${user === undefined ? "nobody" : "ada"} ${reason}`),
    );
    const known = [...(await guesses(6, "Ada")), ...(await guesses(6, "ada@example.org"))];
    const unknown = [...(await guesses(6, "Eve", home)), ...(await guesses(6, "eve@example.org", home))];
    expect(known).toEqual([401, 401, 401, 401, 401, 429, 401, 401, 401, 401, 401, 429]);
    expect(unknown).toEqual(known);
    expect(reasons.filter((reason) => reason === "ada wrong")).toHaveLength(5);
    expect(await guess("ada@example.org", away, ada.password)).toBe(429);
  });

  it("the sixth is not looked at, under whatever name, and takes the same work", async () => {
    const { guesses, guess } = await site();
    await guesses(5, "Ada");
    let [hidden, nobody] = [0, 0];
    for (let n = 0; n < 4; n++) {
      hidden += await workOf(async () => expect(await guess("ada@example.org", away, ada.password)).toBe(401));
      nobody += await workOf(async () => expect(await guess(`eve${n}@example.org`)).toBe(401));
    }
    expect(hidden).toBeGreaterThan(nobody / 2);
    expect(hidden).toBeLessThan(nobody * 2);
  });

  it("the form for a new password shares it", async () => {
    const { visitor, logIn, guesses } = await site({ throttle: { browserCookie: false } });
    const owner = visitor();
    await logIn(owner, "Ada", ada.password);
    const change = (current: string, password = "better horse") =>
      owner.post("/api/password").set("X-Forwarded-For", away).send({ current, password });
    for (let n = 0; n < 3; n++) expect((await change("wrong horse")).status).toBe(401);
    expect(await guesses(2, "Ada")).toEqual([401, 401]);
    expect((await change(ada.password)).status).toBe(429);
  });

  it("a new password that is refused for its form costs no hash and no attempt", async () => {
    const { visitor, logIn } = await site();
    const owner = visitor();
    await logIn(owner, "Ada", ada.password);
    const hash = await workOf(async () => void (await logIn(visitor(), "Eve", "wrong horse")));
    const bad = () => owner.post("/api/password").send({ current: "wrong horse", password: "short" });
    await bad();
    const work = await workOf(async () => {
      for (let n = 0; n < 3; n++) expect((await bad()).body).toEqual({ ok: false, reason: "password-too-short" });
    });
    expect(work / 3).toBeLessThan(hash);
    expect((await owner.post("/api/password").send({ current: ada.password, password: "better horse" })).status).toBe(
      200,
    );
  });

  it("many who log in at once with the right password are let in or told to wait, and never that it is wrong", async () => {
    const { guess } = await site();
    const answers: number[] = [];
    const one = async () => {
      for (let n = 0; n < 8; n++) answers.push(await guess("Ada", away, ada.password));
    };
    await Promise.all(Array.from({ length: 20 }, one));
    expect(answers.filter((status) => status !== 200 && status !== 429)).toEqual([]);
    expect(answers).toContain(200);
  });

  it("an attempt whose password could not be checked is given back", async () => {
    const { accounts, guess, logIn, visitor } = await site();
    const find = accounts.findByUsername.bind(accounts);
    Object.assign(accounts, { findByUsername: () => Promise.reject(new Error("the account store is away")) });
    for (let n = 0; n < 8; n++) expect(await guess("Ada")).toBe(500);
    Object.assign(accounts, { findByUsername: find });
    expect((await logIn(visitor(), "Ada", ada.password)).status).toBe(200);
  });
});

it.each([
  ["at a known address", false],
  ["in a known browser", true],
])("logins that succeed have a limit of their own %s, which says nothing to a stranger", async (_, isOneBrowser) => {
  const { logIn, visitor, guess } = await site({ throttle: { perLogin: { attempts: 3, window: 60 } } });
  const statuses: number[] = [];
  const browser = visitor();
  for (let n = 0; n < 5; n++)
    statuses.push((await logIn(isOneBrowser ? browser : visitor(), "Ada", ada.password, home)).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  expect([await guess("Ada"), await guess("Eve")]).toEqual([401, 401]);
});

it("a login that is refused because there were too many counts nowhere: the next one succeeds as soon as it may", async () => {
  const limits = { perLogin: { attempts: 1, window: 1 }, perPair: { attempts: 3, window: 60 } };
  const { logIn, visitor } = await site({ throttle: limits });
  const status = async () => (await logIn(visitor(), "Ada", ada.password, home)).status;
  await expect.poll(status, { timeout: 10_000 }).toBe(200);
  const statuses: number[] = [];
  while (statuses.filter((one) => one === 429).length < 6) statuses.push(await status());
  await expect.poll(status, { timeout: 10_000, interval: 100 }).toBe(200);
});

describe("the owner is not locked out", () => {
  const limits = { perAccount: { attempts: 10, window: 60 }, perPair: { attempts: 3, window: 60 } };

  it.each([
    ["that registered", "/api/register"],
    ["that logged in", "/api/login"],
  ])(
    "in a browser %s, wherever it is, while strangers guess from many addresses and from next door",
    async (_, path) => {
      const { visitor, logIn, guess, guesses } = await site({ throttle: limits });
      const owner = visitor();
      const who = path === "/api/register" ? { ...ada, username: "Bob", email: "bob@example.org" } : ada;
      expect((await owner.post(path).set("X-Forwarded-For", home).send(who)).status).toBeLessThan(300);
      for (let wave = 0; wave < 3; wave++) {
        for (let n = 0; n < 12; n++) await guess(who.username, `10.0.${wave}.${n}`);
        await guesses(4, who.username, "192.0.2.1");
        expect(await guess(who.username, "192.0.2.200", who.password)).toBe(429);
        const next = await logIn(owner, who.username, who.password, "192.0.2.1");
        expect(next.status).toBe(200);
      }
    },
  );

  it("at an address from which they registered or had a login begun, even without the cookie", async () => {
    const { auth, app, visitor, logIn, guess } = await site({ throttle: { ...limits, browserCookie: false } });
    app.post("/begin", async (req, res) => {
      await auth.begin(req, { id: "1", username: "Ada", createdAt: 0 });
      res.json({});
    });
    await visitor().post("/begin").set("X-Forwarded-For", home);
    for (let n = 0; n < 20; n++) await guess("Ada", `10.0.0.${n}`);
    expect(await guess("Ada", away, ada.password)).toBe(429);
    expect((await logIn(visitor(), "Ada", ada.password, home)).status).toBe(200);
    const bob = { username: "Bob", password: ada.password };
    await visitor().post("/api/register").set("X-Forwarded-For", home).send(bob);
    for (let n = 0; n < 20; n++) await guess("Bob", `10.0.1.${n}`);
    expect((await logIn(visitor(), "Bob", ada.password, home)).status).toBe(200);
  });

  it.each([
    [
      "the session, at the owner's own address",
      (jar: string) =>
        jar
          .split("; ")
          .filter((part) => part.startsWith("connect.sid"))
          .join("; "),
      home,
    ],
    ["all cookies", (jar: string) => jar, away],
  ])("by a thief of %s who guesses at the form for a new password", async (_, steal, from) => {
    const { app, logIn, visitor } = await site();
    const owner = visitor();
    const login = await logIn(owner, "Ada", ada.password, home);
    const jar = (login.headers["set-cookie"] as unknown as string[]).map((line) => line.split(";")[0]!).join("; ");
    const change = (current: string) => ({ current, password: "better horse" });
    const statuses: number[] = [];
    for (let n = 0; n < 7; n++) {
      const guess = request(app).post("/api/password").set("Cookie", steal(jar)).set("X-Forwarded-For", from);
      statuses.push((await guess.send(change("wrong horse"))).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const changed = await owner.post("/api/password").set("X-Forwarded-For", home).send(change(ada.password));
    expect(changed.status).toBe(200);
  });

  it("but who has the cookie guesses no more than anybody: five from an address, and a limit over all", async () => {
    const { app, logIn, visitor } = await site({ throttle: limits });
    const login = await logIn(visitor(), "Ada", ada.password, home);
    const cookie = (login.headers["set-cookie"] as unknown as string[])
      .find((line) => line.startsWith("known"))!
      .split(";")[0]!;
    let looked = 0;
    for (let n = 0; n < 30; n++) {
      const guess = request(app)
        .post("/api/login")
        .set("Cookie", cookie)
        .set("X-Forwarded-For", `10.0.0.${n % 10}`);
      if ((await guess.send({ username: "Ada", password: "wrong horse" })).status === 401) looked++;
    }
    expect(looked).toBe(10);
    // For another account it is worth nothing.
    const other = () => request(app).post("/api/login").set("Cookie", cookie).set("X-Forwarded-For", away);
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++)
      statuses.push((await other().send({ username: "Eve", password: "wrong horse" })).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
  });
});

describe("the cookie of a known browser", () => {
  const day = 86_400;
  /** One that has logged in to these accounts; the cookie as it was sent. */
  function cookieOf(secrets: string[], accounts: string[], before = ""): { line: string; cookie: string } {
    const browsers = new KnownBrowsers({
      cookieName: "known",
      knownFor: 30 * day,
      keys: () => derivedKeys(secrets, "test"),
    });
    let cookie = before;
    let line = "";
    for (const account of accounts) {
      const res = { headersSent: false, appendHeader: (_: string, value: string) => (line = value) };
      browsers.remember({ headers: { cookie }, res } as never, account);
      cookie = line.split(";")[0]!;
    }
    return { line, cookie };
  }
  const knows = (secrets: string[], cookie: string, account: string) => {
    const browsers = new KnownBrowsers({
      cookieName: "known",
      knownFor: 30 * day,
      keys: () => derivedKeys(secrets, "test"),
    });
    return browsers.browserOf({ headers: { cookie } } as never)?.(account) !== undefined;
  };

  it("knows the accounts that logged in last, four at most, and stays short; it names none", () => {
    const { cookie } = cookieOf(["one"], ["ada", "bob", "eve", "joe", "zoe", "ada"]);
    expect(["ada", "bob", "eve", "joe", "zoe"].map((account) => knows(["one"], cookie, account))).toEqual([
      true,
      false,
      true,
      true,
      true,
    ]);
    expect(cookie.length).toBeLessThan(350);
    expect(decodeURIComponent(cookie)).not.toMatch(/ada|bob/);
  });

  it("counts only if it is signed: with any of the secrets, none of them empty", () => {
    const { cookie } = cookieOf(["old"], ["ada"]);
    expect(knows(["new", "old"], cookie, "ada")).toBe(true);
    expect(knows(["new"], cookie, "ada")).toBe(false);
    expect(knows(["new", ""], cookieOf([""], ["ada"]).cookie, "ada")).toBe(false);
    const at = "known=".length + 3;
    const forged = cookie.slice(0, at) + (cookie[at] === "x" ? "y" : "x") + cookie.slice(at + 1);
    expect(knows(["old"], forged, "ada")).toBe(false);
    const rotated = cookieOf(["new", "old"], ["bob"], cookie).cookie;
    expect(["ada", "bob"].map((account) => knows(["new"], rotated, account))).toEqual([true, true]);
    for (const rubbish of ["known=", "known=x", `known=${"x".repeat(5000)}`, "known=%", ""])
      expect(knows(["old"], rubbish, "ada")).toBe(false);
  });

  it("is over after its time, whatever the browser says", () => {
    const { cookie } = cookieOf(["one"], ["ada"]);
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      vi.setSystemTime(Date.now() + 29 * day * 1000);
      expect(knows(["one"], cookie, "ada")).toBe(true);
      vi.setSystemTime(Date.now() + 2 * day * 1000);
      expect(knows(["one"], cookie, "ada")).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is kept from scripts and other sites, and is secure where the session's is", async () => {
    const { visitor, logIn } = await site();
    const login = await logIn(visitor(), "Ada", ada.password);
    const line = (login.headers["set-cookie"] as unknown as string[]).find((text) => text.startsWith("known-browser="));
    expect(line).toMatch(/; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  it.each([
    ["browserCookie", "no name"],
    ["browserSecret", ""],
    ["browserSecret", []],
    ["browserSecret", ["one", ""]],
  ])("throttle.%s: %j is refused at the start", (option, value) => {
    const sessions = redisSession({ client, secret: "s".repeat(32) });
    const make = () => localAuth({ sessions, accounts: new AccountsInMemory(), throttle: { [option]: value } });
    expect(make).toThrow(
      expect.objectContaining({ code: "HOLDFAST_OPTION_INVALID", message: expect.stringContaining(option) }),
    );
  });
});

it.each([-1, 1])("windows are Redis': the app's clock may step by a day (%i)", async (days) => {
  const { guesses } = await site({ throttle: { perPair: { attempts: 2, window: 3 } } });
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    expect(await guesses(2, "Ada")).toEqual([401, 401]);
    vi.setSystemTime(Date.now() + days * 86_400_000);
    expect(await guesses(1, "Ada")).toEqual([429]);
    for (const key of await client.keys("throttle:*")) expect(await client.ttl(key)).toBeLessThanOrEqual(3600);
    await expect.poll(async () => (await guesses(1, "Ada"))[0], { timeout: 5000, interval: 100 }).toBe(401);
  } finally {
    vi.useRealTimers();
  }
});
