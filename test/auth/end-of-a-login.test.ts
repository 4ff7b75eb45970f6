/** However a login ends: what belonged to it is gone, for the next user, for a stolen cookie, and for requests under way. */
import session, { MemoryStore, type Store } from "express-session";
import express, { type RequestHandler } from "express";
import passport from "passport";
import { redisSession, RedisSessionStore } from "holdfast";
import { hashPassword, localAuth } from "holdfast/auth";
import type { RedisClientType } from "redis";
import { agent } from "supertest";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AccountsInMemory } from "../support/accounts-in-memory.js";
import { secret, valuesOf } from "../support/auth-site.js";
import { useRedis } from "../support/servers/use-redis.js";

const ada = { username: "Ada", password: "correct horse" };
const bob = { username: "Bob", password: "correct horse" };
/** What ada's pages put into her session; the app has named the cart alone. */
const contents = { cart: ["teapot"], secondFactor: true, address: "1 Mill Lane" };

const redis = useRedis();
let client: RedisClientType;
let passwordHash: string;

beforeAll(async () => {
  client = await redis.client();
  passwordHash = await hashPassword(ada.password);
});
beforeEach(() => client.flushDb());

type Site = Awaited<ReturnType<typeof site>>;
type Visitor = ReturnType<typeof agent>;

const day = 86_400_000;

/** The middleware and its store. */
const kinds = {
  "redisSession()": () => {
    const sessions = redisSession({ client, secret });
    return { sessions, store: sessions.store as Store, auth: { sessions } };
  },
  "express-session with RedisSessionStore": () => onExpressSession(new RedisSessionStore({ client })),
  "redisSession() with a store that compares nothing": () => {
    const store = new MemoryStore();
    const sessions = redisSession({ store, secret });
    return { sessions, store: store as Store, auth: { sessions } };
  },
  "express-session with a store that compares nothing": () => onExpressSession(new MemoryStore()),
};

function onExpressSession(store: Store) {
  return { sessions: session({ store, secret, resave: false, saveUninitialized: false }), store, auth: {} };
}

async function site(kind: keyof typeof kinds) {
  const { sessions, store, auth: parts } = kinds[kind]();
  const accounts = new AccountsInMemory();
  const auth = localAuth({ client, ...parts, accounts, throttle: false, keeps: ["cart", "toolbox"] });
  for (const { username } of [ada, bob]) await accounts.create({ username, email: undefined, passwordHash });
  const theirs = new passport.Passport();
  theirs.serializeUser((user, done) => done(null, (user as { id: string }).id));
  theirs.deserializeUser((id: string, done) => done(null, { id }));
  const app = express();
  app.use(sessions, express.json(), auth.middleware);
  app.use(theirs.initialize() as RequestHandler, theirs.session() as RequestHandler);
  const json = auth.json();
  app.post("/logout", json.logOut).post("/password", json.changePassword);
  app.post("/end-others", json.endOtherDevices).post("/end-device", json.endDevice);
  app.get("/devices", json.devices);
  app.post("/put", (req, res) => {
    Object.assign(valuesOf(req), req.body);
    res.json({});
  });
  app.get("/all", (req, res) => {
    const { cookie: _cookie, passport: _passport, login: _login, keptOf: _keptOf, ...all } = valuesOf(req);
    res.json({ user: (req as { user?: { id: string } }).user?.id ?? null, all, sid: req.sessionID });
  });
  app.post("/passport-logout", (req, res, next) => {
    (req as any).logOut(req.body, (error: unknown) => (error ? next(error) : res.json({})));
  });
  app.post("/become-bob", (req, res) => {
    (valuesOf(req)["passport"] as { user: string }).user = "2";
    res.json({});
  });
  app.post("/forget", (req, res) => {
    delete valuesOf(req)["passport"];
    res.json({});
  });
  app.post("/login", async (req, res) => {
    const { username, remember = false } = req.body as { username: string; remember?: boolean };
    const user = (await accounts.findByUsername(username))!;
    await auth.begin(req, { id: user.id, username, createdAt: 0 }, { remember }); // what logIn() does, without hashing
    res.json({});
  });
  let arrived = () => {};
  let letGo = () => {};
  const held = { arrived: new Promise<void>((resolve) => (arrived = resolve)), letGo: () => letGo() };
  const go = new Promise<void>((resolve) => (letGo = resolve));
  app.post("/held", async (req, res) => {
    valuesOf(req)["cart"] = ["teapot", "kettle"];
    arrived();
    await go;
    valuesOf(req)["held"] = true;
    res.json({});
  });
  const get = (sid: string) =>
    new Promise<any>((resolve, reject) => store.get(sid, (error, data) => (error ? reject(error) : resolve(data))));
  const set = (sid: string, data: any) =>
    new Promise<void>((resolve, reject) => store.set(sid, data, (error) => (error ? reject(error) : resolve())));
  return { app, auth, get, set, held };
}

/** Changes what is stored of a session, as if time had passed. */
async function rewrite(made: Site, visitor: Visitor, change: (data: any) => void): Promise<void> {
  const { sid } = (await visitor.get("/all")).body;
  const data = JSON.parse(JSON.stringify(await made.get(sid)));
  change(data);
  await made.set(sid, data);
}

async function loggedIn(made: Site, who: object): Promise<Visitor> {
  const visitor = agent(made.app);
  expect((await visitor.post("/login").send(who)).status).toBe(200);
  return visitor;
}

interface Way {
  readonly keeps: "what is named" | "nothing";
  readonly remember?: boolean;
  end(made: Site, visitor: Visitor): Promise<unknown>;
}

const thisDevice = async (visitor: Visitor) =>
  (await visitor.get("/devices")).body.devices.find((device: { isThis: boolean }) => device.isThis).id;

/** How a login ends. */
const ways: Record<string, Way> = {
  "the idle timeout": {
    keeps: "what is named",
    end: (made, visitor) => rewrite(made, visitor, ({ login }) => (login.seen -= 3_600_000)),
  },
  "the absolute timeout": {
    keeps: "what is named",
    end: (made, visitor) => rewrite(made, visitor, ({ login }) => (login.since -= day / 2)),
  },
  "the idle timeout with remember me": {
    keeps: "what is named",
    remember: true,
    end: (made, visitor) => rewrite(made, visitor, ({ login }) => (login.seen -= 14 * day)),
  },
  "the absolute timeout with remember me": {
    keeps: "what is named",
    remember: true,
    end: (made, visitor) => rewrite(made, visitor, ({ login }) => (login.since -= 30 * day)),
  },
  "the idle timeout of a login of passport's that was taken over": {
    keeps: "what is named",
    async end(made, visitor) {
      await rewrite(made, visitor, (data) => delete data.login);
      await rewrite(made, visitor, ({ login }) => (login.seen -= 3_600_000));
    },
  },
  "another device that ends this one": {
    keeps: "nothing",
    end: async (made, visitor) =>
      (await loggedIn(made, ada)).post("/end-device").send({ device: await thisDevice(visitor) }),
  },
  "another device that ends all others": {
    keeps: "nothing",
    end: async (made) => (await loggedIn(made, ada)).post("/end-others").send({}),
  },
  "a new password": {
    keeps: "nothing",
    end: async (made) =>
      (await loggedIn(made, ada)).post("/password").send({ current: ada.password, password: ada.password }),
  },
  "an account that is disabled": {
    keeps: "nothing",
    async end(made) {
      await made.auth.disableAccount("1");
      await made.auth.enableAccount("1");
    },
  },
  "endLogins()": { keeps: "nothing", end: (made) => made.auth.endLogins("1") },
  "endLogins() and the idle timeout": {
    keeps: "nothing",
    async end(made, visitor) {
      await rewrite(made, visitor, ({ login }) => (login.seen -= 3_600_000));
      await made.auth.endLogins("1");
    },
  },
  logOut: { keeps: "nothing", end: (_made, visitor) => visitor.post("/logout").send({}) },
  "passport's logOut": { keeps: "nothing", end: (_made, visitor) => visitor.post("/passport-logout").send({}) },
  "passport's logOut with keepSessionInfo": {
    keeps: "what is named",
    end: (_made, visitor) => visitor.post("/passport-logout").send({ keepSessionInfo: true }),
  },
  "a passport that forgot its user": {
    keeps: "what is named",
    end: (_made, visitor) => visitor.post("/forget"),
  },
};

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])("on %s", (kind) => {
  const comparesSaves = kind.includes("RedisSessionStore") || kind === "redisSession()";

  describe.each(Object.entries(ways))("after %s", (_name, { keeps, remember = false, end }) => {
    const named = keeps === "nothing" ? {} : { cart: contents.cart };
    /** Ada's login on this browser has ended. */
    const ended = async () => {
      const made = await site(kind);
      const browser = await loggedIn(made, { ...ada, remember });
      await browser.post("/put").send(contents);
      const { sid } = (await browser.get("/all")).body;
      const stolen = await stolenFrom(browser);
      await end(made, browser);
      return { made, browser, stolen, sid: sid as string };
    };
    const seen = async (visitor: Visitor) => (await visitor.get("/all")).body;
    const stolenFrom = async (visitor: Visitor) =>
      (visitor as any).jar.getCookies({ path: "/", domain: "127.0.0.1", secure: false, script: false }).toValueString();

    it("an anonymous visitor has what the app has named, and the next user nothing of the former", async () => {
      const { made, browser } = await ended();
      expect(await seen(browser)).toMatchObject({ user: null, all: named });
      expect((await seen(browser)).all).toEqual(named);
      await browser.post("/put").send({ language: "en" });
      expect((await browser.post("/login").send(bob)).status).toBe(200);
      expect(await seen(browser)).toMatchObject({ user: "2" });
      expect((await seen(browser)).all).toEqual({ language: "en" });
      void made;
    });

    it("the next user has nothing of the former, also without a page in between", async () => {
      const { browser } = await ended();
      expect((await browser.post("/login").send(bob)).status).toBe(200);
      expect(await seen(browser)).toMatchObject({ user: "2", all: {} });
      expect((await seen(browser)).all).toEqual({});
    });

    it("nobody else has it either after the anonymous visitor has logged out, however often", async () => {
      const { browser } = await ended();
      for (let n = 0; n < 2; n++) {
        await browser.post("/passport-logout").send({ keepSessionInfo: true });
        expect((await seen(browser)).all).toEqual(named);
      }
      await browser.post("/login").send(bob);
      expect((await seen(browser)).all).toEqual({});
    });

    it("the same user goes on with what the app has named, and it is theirs again", async () => {
      const { browser } = await ended();
      await seen(browser);
      expect((await browser.post("/login").send(ada)).status).toBe(200);
      expect((await seen(browser)).all).toEqual(named);
      await browser.post("/login").send(bob);
      expect((await seen(browser)).all).toEqual({});
    });

    it("whoever holds the old cookie reads no more than that, also where a late save brought the session back", async () => {
      const { made, browser, stolen, sid } = await ended();
      const copy = await made.get(sid);
      const thief = async () => {
        const { body } = await agent(made.app).get("/all").set("Cookie", stolen);
        expect(body.user).toBeNull();
        expect({ ...named, ...body.all }).toEqual(named);
      };
      await thief();
      await seen(browser);
      await thief();
      if (comparesSaves || !copy) return;
      await made.set(sid, JSON.parse(JSON.stringify(copy)));
      await thief();
    });
  });

  it.each(Object.entries(ways).filter(([name]) => !name.includes("taken over")))(
    "a request that began before %s, and saves afterwards, brings nothing back",
    async (_name, { remember = false, end }) => {
      const made = await site(kind);
      const browser = await loggedIn(made, { ...ada, remember });
      await browser.post("/put").send(contents);
      const cookie = (browser as any).jar
        .getCookies({ path: "/", domain: "127.0.0.1", secure: false, script: false })
        .toValueString();
      const held = agent(made.app)
        .post("/held")
        .set("Cookie", cookie)
        .send({})
        .then((answer) => answer);
      await made.held.arrived;
      await end(made, browser);
      await browser.get("/all");
      made.held.letGo();
      const late = (await held).headers["set-cookie"]?.[0]?.split(";")[0];
      for (const sent of [cookie, late].filter((one) => one !== undefined)) {
        const { body } = await agent(made.app).get("/all").set("Cookie", sent);
        expect(body.user).toBeNull();
        expect(body.all).not.toHaveProperty("secondFactor");
        expect(body.all).not.toHaveProperty("address");
      }
      const after = (await browser.get("/all")).body;
      expect(after.user).toBeNull();
      expect(Object.keys(after.all).filter((key) => key !== "cart")).toEqual([]);
    },
  );

  describe.each(["/logout", "/passport-logout", "/forget", "/end-others"])(
    "a session that passport logged in before this package came, and that %s ends,",
    (path) => {
      /** The cookie of such a session, and what the store has of it. */
      const old = async (made: Site) => {
        const first = agent(made.app);
        await first.post("/put").send(contents);
        const { sid } = (await first.get("/all")).body;
        const copy = JSON.parse(JSON.stringify(await made.get(sid)));
        copy.passport = { user: "1" };
        await made.set(sid, copy);
        const { value } = (first as any).jar.getCookie("connect.sid", { path: "/", domain: "127.0.0.1" });
        const cookie = `connect.sid=${value}`;
        const send = (method: "get" | "post", to: string) => agent(made.app)[method](to).set("Cookie", cookie).send({});
        return { sid: sid as string, copy, cookie, send };
      };
      const end = async (made: Site, { cookie, send }: Awaited<ReturnType<typeof old>>) => {
        if (path !== "/end-others") return send("post", path);
        const laptop = await loggedIn(made, ada);
        await laptop.post(path).send({});
        return agent(made.app).get("/all").set("Cookie", cookie);
      };

      it("is not logged in again by a request that began before it was taken over", async () => {
        const made = await site(kind);
        const before = await old(made);
        const held = before.send("post", "/held").then((answer) => answer);
        await made.held.arrived;
        expect((await before.send("get", "/all")).body.user).toBe("1");
        await end(made, before);
        await before.send("get", "/all");
        made.held.letGo();
        const late = (await held).headers["set-cookie"]?.[0]?.split(";")[0];
        for (const sent of [before.cookie, late].filter((one) => one !== undefined)) {
          expect((await agent(made.app).get("/all").set("Cookie", sent)).body.user).toBeNull();
        }
      });

      it("is not logged in again by a late save of what it was before", async () => {
        const made = await site(kind);
        const before = await old(made);
        expect((await before.send("get", "/all")).body.user).toBe("1");
        await end(made, before);
        await before.send("get", "/all");
        await made.set(before.sid, before.copy);
        expect((await before.send("get", "/all")).body.user).toBeNull();
      });

      it("is one login, however many requests take it over at the same moment", async () => {
        const made = await site(kind);
        const before = await old(made);
        const answers = await Promise.all([1, 2, 3, 4].map(() => before.send("get", "/all")));
        expect(answers.map(({ body }) => body.user)).toEqual(["1", "1", "1", "1"]);
        expect((await before.send("get", "/devices")).body.devices).toMatchObject([{ isThis: true }]);
      });
    },
  );

  it.each(["/become-bob", "/login"])(
    "somebody else who takes the session over by %s inherits nothing",
    async (path) => {
      const made = await site(kind);
      const browser = await loggedIn(made, ada);
      await browser.post("/put").send(contents);
      await browser.post(path).send(bob);
      const { body } = await browser.get("/all");
      expect(body).toMatchObject({ user: "2" });
      expect(body.all).toEqual({});
      expect((await (await loggedIn(made, ada)).get("/devices")).body.devices).toHaveLength(1);
    },
  );

  it("what passport keeps of a login that had ended is dropped when it logs in somebody else", async () => {
    const made = await site(kind);
    const browser = await loggedIn(made, ada);
    await browser.post("/put").send(contents);
    await rewrite(made, browser, ({ login }) => (login.seen -= 3_600_000));
    await browser.get("/all");
    await rewrite(made, browser, (data) => (data.passport = { user: "2" })); // as without auth.middleware
    const { body } = await browser.get("/all");
    expect(body).toMatchObject({ user: "2" });
    expect(body.all).toEqual({});
  });

  it("logging in once more ends the login before, also where a late save brings its session back", async () => {
    const made = await site(kind);
    const browser = await loggedIn(made, ada);
    await browser.post("/put").send(contents);
    const { sid } = (await browser.get("/all")).body;
    const copy = JSON.parse(JSON.stringify(await made.get(sid)));
    const cookie = (browser as any).jar
      .getCookies({ path: "/", domain: "127.0.0.1", secure: false, script: false })
      .toValueString();
    await browser.post("/login").send(ada);
    expect((await browser.get("/all")).body).toMatchObject({ user: "1", all: contents });
    await made.set(sid, copy);
    const thief = async () => (await agent(made.app).get("/all").set("Cookie", cookie)).body;
    expect(await thief()).toMatchObject({ user: null, all: {} });
    expect((await thief()).all).toEqual({});
    expect((await browser.get("/devices")).body.devices).toHaveLength(1);
  });

  it("ending the others, and a new password, keep all that this login has", async () => {
    const made = await site(kind);
    const browser = await loggedIn(made, ada);
    await browser.post("/put").send(contents);
    await browser.post("/end-others").send({});
    expect((await browser.get("/all")).body).toMatchObject({ user: "1", all: contents });
    await browser.post("/password").send({ current: ada.password, password: "better horse" });
    expect((await browser.get("/all")).body).toMatchObject({ user: "1", all: contents });
  });

  it("what an anonymous visitor had goes along at a login", async () => {
    const made = await site(kind);
    const browser = agent(made.app);
    await browser.post("/put").send({ cart: ["teapot"], language: "en" });
    await browser.post("/login").send(ada);
    expect((await browser.get("/all")).body.all).toEqual({ cart: ["teapot"], language: "en" });
  });
});

it.each([[["login"]], [["cookie", "cart"]], ["cart"], [[1]], [["keptOf"]]])(
  "keeps: %j is refused at the start",
  (keeps) => {
    expect(() => localAuth({ client, keeps: keeps as never })).toThrow(
      expect.objectContaining({ code: "HOLDFAST_OPTION_INVALID" }),
    );
  },
);
