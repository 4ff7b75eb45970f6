/** passport's own `req.logIn` and `req.logOut` behind `auth.middleware`: whatever strategy calls them, a login of ours begins and ends. */
import express, { type RequestHandler } from "express";
import passport from "passport";
import { Strategy as LocalStrategy } from "passport-local";
import { redisSession } from "holdfast";
import { localAuth } from "holdfast/auth";
import type { RedisClientType } from "redis";
import { agent } from "supertest";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AccountsInMemory } from "../support/accounts-in-memory.js";
import { secret } from "../support/auth-site.js";
import { useRedis } from "../support/servers/use-redis.js";

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());

type Verified = (error: unknown, user?: unknown) => void;

/** Sends the visitor to a provider and, when they come back with a code, asks who they are: as OAuth 2 goes, without the provider. */
class ProviderStrategy extends (passport.Strategy as new () => passport.Strategy) {
  override readonly name = "provider";
  override authenticate(this: passport.StrategyCreated<this>, req: express.Request): void {
    const code = req.query["code"];
    if (code === undefined) return this.redirect("https://provider.example/authorize?state=1");
    const verified: Verified = (error, user) => (error ? this.error(error) : this.success(user as Express.User));
    setImmediate(() => verified(null, { id: Number(code), name: `User ${String(code)}` }));
  }
}

const orders = ["auth.middleware first", "passport first"] as const;

function site(
  order: (typeof orders)[number],
  serialized: (user: { id: number }) => unknown = ({ id }) => id,
  accounts?: AccountsInMemory,
) {
  const sessions = redisSession({ client, secret });
  const auth = localAuth({ sessions, accounts, throttle: false, keeps: ["cart"] });
  const theirs = new passport.Passport();
  theirs.serializeUser((user, done) => done(null, serialized(user as { id: number })));
  theirs.deserializeUser((id: unknown, done: Verified) => done(null, { id }));
  theirs.use(new ProviderStrategy());
  theirs.use(new LocalStrategy((username, _password, done) => done(null, { id: Number(username) })));
  const app = express();
  const passports = [theirs.initialize(), theirs.session()] as RequestHandler[];
  app.use(sessions, express.json());
  if (order === "auth.middleware first") app.use(auth.middleware, passports);
  else app.use(passports, auth.middleware);
  const done: RequestHandler = (req, res) => void res.json({ user: req.user ?? null });
  app.get("/callback", theirs.authenticate("provider") as RequestHandler, done);
  app.get("/once", theirs.authenticate("provider", { session: false }) as RequestHandler, done);
  app.get("/keeping", theirs.authenticate("provider", { keepSessionInfo: true }) as RequestHandler, done);
  app.post("/local", theirs.authenticate("local") as RequestHandler, done);
  app.post("/cart", (req, res) => {
    Object.assign(req.session, { cart: ["rope"], secret: 1 });
    res.json({});
  });
  app.get("/me", (req, res) => {
    const {
      cookie: _cookie,
      login: _login,
      passport: _passport,
      ...rest
    } = req.session as unknown as Record<string, unknown>;
    res.json({ user: req.user ?? null, isAuthenticated: req.isAuthenticated(), rest });
  });
  app.post("/out", (req, res, next) => req.logout((error) => (error ? next(error) : res.json({}))));
  app.post("/out-keeping", (req, res, next) =>
    req.logout({ keepSessionInfo: true }, (error) => (error ? next(error) : res.json({}))),
  );
  app.get("/devices", async (req, res) => void res.json(await auth.devices(req)));
  app.post("/end-others", auth.json().endOtherDevices);
  app.use(((error: { code?: string; status?: number }, _req, res, _next) => {
    res.status(error.status ?? 500).json({ code: error.code });
  }) as express.ErrorRequestHandler);
  return { auth, browser: () => agent(app), order };
}

/** As in MongoDB's driver: an object, of which JSON makes a text. */
class ObjectId {
  readonly #bytes: Buffer;
  constructor(id: number) {
    this.#bytes = Buffer.alloc(12, id);
  }
  toString(): string {
    return this.#bytes.toString("hex");
  }
  toJSON(): string {
    return this.toString();
  }
}

const idOf = async (browser: ReturnType<typeof agent>) => (await browser.get("/me")).body.user?.id ?? null;

describe.each(orders)("%s", (order) => {
  it("a strategy that comes back from a provider begins a login of ours, listed and under a new session id", async () => {
    const { browser } = site(order);
    const ada = browser();
    expect((await ada.get("/callback")).headers["location"]).toContain("provider.example");
    const before = (await ada.post("/cart").send({})).headers["set-cookie"]![0]!.split(";")[0]!;
    expect((await ada.get("/callback?code=7")).status).toBe(200);
    expect(String(await idOf(ada))).toBe("7");
    expect((await ada.get("/devices")).body).toMatchObject([{ isThis: true }]);
    expect((await browser().get("/me").set("Cookie", before)).body.user).toBeNull();
  });

  it("logging in, and ending the other logins, work as often as one likes", async () => {
    const { browser } = site(order);
    const laptop = browser();
    const phone = browser();
    for (let n = 0; n < 10; n++) {
      expect((await laptop.post("/local").send({ username: "7", password: "-" })).status).toBe(200);
      expect((await phone.get("/callback?code=7")).status).toBe(200);
      expect((await phone.get("/devices")).body).toHaveLength(2);
      expect((await phone.post("/end-others").send({})).body).toEqual({ ok: true });
      expect(await idOf(laptop)).toBeNull();
      expect(String(await idOf(phone))).toBe("7");
    }
  });

  it("what the visitor had goes along only with keepSessionInfo", async () => {
    const { browser } = site(order);
    for (const [path, rest] of [
      ["/callback", {}],
      ["/keeping", { cart: ["rope"], secret: 1 }],
    ] as const) {
      const visitor = browser();
      await visitor.post("/cart").send({});
      await visitor.get(`${path}?code=7`);
      expect((await visitor.get("/me")).body.rest).toEqual(rest);
    }
  });

  it("logout ends the login; what `keeps` names stays with keepSessionInfo, and nothing without", async () => {
    const { auth, browser } = site(order);
    const told: string[] = [];
    auth.events.on("logout", ({ user }) => told.push(user!));
    for (const [path, rest] of [
      ["/out", {}],
      ["/out-keeping", { cart: ["rope"] }],
    ] as const) {
      const visitor = browser();
      const cookie = (await visitor.get("/callback?code=7")).headers["set-cookie"]![0]!.split(";")[0]!;
      await visitor.post("/cart").send({});
      await visitor.post(path).send({});
      const { body } = await visitor.get("/me");
      expect(body).toMatchObject({ user: null, isAuthenticated: false });
      const { keptOf: _mark, ...left } = body.rest;
      expect(left).toEqual(rest);
      expect((await browser().get("/me").set("Cookie", cookie)).body.user).toBeNull();
    }
    expect(told).toEqual(["7", "7"]);
  });

  it("session: false logs in for this request only", async () => {
    const visitor = site(order).browser();
    expect((await visitor.get("/once?code=7")).body.user.id).toBe(7);
    expect(await idOf(visitor)).toBeNull();
  });

  it("a user whom the account store does not know, or who is disabled, is refused with a code", async () => {
    const accounts = new AccountsInMemory();
    const visitor = site(order, undefined, accounts).browser();
    expect((await visitor.get("/callback?code=7")).body.code).toBe("HOLDFAST_ACCOUNT_NOT_FOUND");
    await accounts.create({ username: "Ada", email: undefined, passwordHash: "-" }); // the first has the id 1
    expect((await visitor.get("/callback?code=1")).status).toBe(200);
    await accounts.setDisabled("1", true);
    expect((await visitor.get("/callback?code=1")).body.code).toBe("HOLDFAST_ACCOUNT_NOT_FOUND");
  });

  it.each<[string, (user: { id: number }) => unknown]>([
    ["the id itself", ({ id }) => new ObjectId(id)],
    ["in an object that is stored", ({ id }) => ({ id: new ObjectId(id), name: "Ada" })],
    ["in an object that says how it is stored", ({ id }) => ({ toJSON: () => ({ id: new ObjectId(id) }) })],
  ])("an id that has a text once it is stored, as MongoDB's have, is that text: %s", async (_name, serialized) => {
    const { browser } = site(order, serialized);
    const [laptop, phone] = [browser(), browser()];
    for (const device of [laptop, phone]) expect((await device.get("/callback?code=7")).status).toBe(200);
    expect((await laptop.get("/devices")).body).toHaveLength(2);
    expect((await laptop.get("/me")).body.isAuthenticated).toBe(true);
    expect(await client.exists(`devices:${new ObjectId(7)}`)).toBe(1);
    await laptop.post("/end-others").send({});
    expect((await phone.get("/me")).body.user).toBeNull();
  });

  it("what has an id at the login, and none once it is stored, is refused at the login, and not at the next page", async () => {
    const model = ({ id }: { id: number }) => ({ id, toJSON: () => ({ _id: id, name: "Ada" }) });
    const visitor = site(order, model).browser();
    expect((await visitor.get("/callback?code=7")).body.code).toBe("HOLDFAST_USER_ID_INVALID");
    expect((await visitor.get("/me")).body.user).toBeNull();
  });

  it("an id that is none is refused in words, and nobody is logged in", async () => {
    const visitor = site(order, () => ({ id: { nested: 1 } })).browser();
    expect((await visitor.get("/callback?code=7")).body.code).toBe("HOLDFAST_USER_ID_INVALID");
    expect(await idOf(visitor)).toBeNull();
  });
});
