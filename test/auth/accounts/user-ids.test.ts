/** Ids as apps have them: numbers become texts at every door, what cannot be an id is refused in words, and none is special. */
import { redisSession } from "holdfast";
import { localAuth, RedisAccounts, type AccountStore } from "holdfast/auth";
import express from "express";
import type { RedisClientType } from "redis";
import { agent } from "supertest";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AccountsInMemory } from "../../support/accounts-in-memory.js";
import { secret } from "../../support/auth-site.js";
import { useRedis } from "../../support/servers/use-redis.js";

const redis = useRedis();
let client: RedisClientType;

beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());

/** Users of the app's own, whose ids are as `id` has them. */
function ownUsers(id: unknown) {
  const sessions = redisSession({ client, secret });
  const auth = localAuth({ sessions, throttle: false });
  const app = express();
  app.use(sessions, auth.middleware, express.json());
  app.post("/sso", async (req, res) => {
    await auth.begin(req, { id: id as number, username: "Ada", createdAt: 0 }, { serialized: id });
    res.json({});
  });
  app.get("/devices", auth.json().devices);
  app.post("/end-others", auth.json().endOtherDevices);
  app.use(((error, _req, res, _next) => {
    res.status(error.status).json({ code: error.code, message: error.message });
  }) as express.ErrorRequestHandler);
  return { auth, visitor: () => agent(app) };
}

describe("a user whose id is a number", () => {
  it.each([7, 0, Number.MAX_SAFE_INTEGER, -3])(
    "%d: one device for each login, and an end of the others that leaves this one",
    async (id) => {
      const { auth, visitor } = ownUsers(id);
      const [laptop, phone] = [visitor(), visitor()];
      for (const one of [laptop, phone]) await one.post("/sso");
      const listed = async () => (await laptop.get("/devices")).body.devices;
      expect(await listed()).toHaveLength(2);
      expect(await listed()).toHaveLength(2);
      expect((await laptop.post("/end-others").send({})).body).toEqual({ ok: true });
      expect(await listed()).toHaveLength(1);
      expect((await phone.get("/devices")).status).toBe(401);
      await phone.post("/sso");
      expect(await listed()).toHaveLength(2);
      await auth.endLogins(id);
      expect((await laptop.get("/devices")).status).toBe(401);
    },
  );

  it("may come from an account store, and log in, change the password and be disabled", async () => {
    const texts = new AccountsInMemory();
    const numbered = (account: unknown) =>
      typeof account === "object" && account !== null
        ? { ...account, id: Number((account as { id: string }).id) }
        : account;
    const accounts = {
      create: async (account: never) => numbered(await texts.create(account)),
      findById: async (id: string) => numbered(await texts.findById(id)),
      findByUsername: async (name: string) => numbered(await texts.findByUsername(name)),
      findByEmail: async (email: string) => numbered(await texts.findByEmail(email)),
      changePassword: (id: string, from: string, to: string) => texts.changePassword(id, from, to),
      setDisabled: (id: string, isDisabled: boolean) => texts.setDisabled(id, isDisabled),
      remove: (id: string) => texts.remove(id),
    } as unknown as AccountStore;
    const sessions = redisSession({ client, secret });
    const auth = localAuth({ sessions, accounts, throttle: false });
    const app = express();
    app.use(sessions, auth.middleware, express.json());
    const json = auth.json();
    app.post("/register", json.register).post("/login", json.logIn).post("/password", json.changePassword);
    app.get("/devices", json.devices).get("/session", json.session);
    const [laptop, phone] = [agent(app), agent(app)];
    const ada = { username: "Ada", password: "correct horse" };
    expect((await laptop.post("/register").send(ada)).body.user.id).toBe("1");
    expect((await phone.post("/login").send(ada)).status).toBe(200);
    expect((await laptop.get("/devices")).body.devices).toHaveLength(2);
    const change = { current: ada.password, password: "better horse" };
    expect((await phone.post("/password").send(change)).body).toEqual({ ok: true });
    expect((await laptop.get("/session")).body.user).toBeNull();
    expect((await phone.get("/session")).body.user.id).toBe("1");
    expect(await auth.disableAccount(1)).toBe(true);
    expect((await phone.get("/session")).body.user).toBeNull();
  });
});

describe("what cannot be an id", () => {
  it.each([undefined, null, "", 1.5, Number.NaN, 2 ** 53, {}, [], true, "\ud800"])(
    "%j is refused in words, and nobody is logged in",
    async (id) => {
      const { auth, visitor } = ownUsers(id);
      const ada = visitor();
      const answer = await ada.post("/sso");
      expect([answer.status, answer.body.code]).toEqual([500, "HOLDFAST_USER_ID_INVALID"]);
      expect((await ada.get("/devices")).status).toBe(401);
      await expect(auth.endLogins(id as never)).rejects.toMatchObject({ code: "HOLDFAST_USER_ID_INVALID" });
      expect(await client.keys("devices:*")).toEqual([]);
    },
  );
});

it.each(["nobody", "undefined", "null", "anonymous", "-", "0", "epoch", "__proto__"])(
  "an account whose id is %j is found by its own names only",
  async (id) => {
    const account = { username: "Ada", passwordHash: "x", createdAt: "1", email: "ada@example.org" };
    await client.hSet(`user:${id}`, account);
    await client.set("username:ada", id);
    const accounts = new RedisAccounts({ client });
    expect(await accounts.findByUsername("Ada")).toMatchObject({ id, username: "Ada" });
    for (const name of ["eve", "nobody", "", id]) expect(await accounts.findByUsername(name)).toBeUndefined();
    for (const email of ["eve@example.org", "", id]) expect(await accounts.findByEmail(email)).toBeUndefined();
  },
);
