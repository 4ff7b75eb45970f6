/** `req.user`: who sets it, with accounts and without, with passport and without; and what `deserializeUser` decides. */
import express, { type RequestHandler } from "express";
import passport from "passport";
import { redisSession } from "holdfast";
import { localAuth, requireLogin } from "holdfast/auth";
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

const ada = { id: "1", username: "Ada", createdAt: 0 };

type Found = (error: unknown, user?: unknown) => void;

interface Given {
  /** In the order in which they are mounted. */
  order: ("auth" | "passport")[];
  accounts?: AccountsInMemory;
  deserialize?: (stored: unknown) => unknown;
  userProperty?: string;
}

function site({ order, accounts, deserialize = () => false, userProperty = "user" }: Given) {
  const sessions = redisSession({ client, secret });
  const auth = localAuth({ sessions, accounts, throttle: false });
  const theirs = new passport.Passport();
  theirs.serializeUser((user, done) => done(null, (user as { id: string }).id));
  theirs.deserializeUser((stored: unknown, done: Found) => done(null, deserialize(stored)));
  const app = express().use(sessions);
  for (const part of order) {
    if (part === "auth") app.use(auth.middleware);
    else app.use([theirs.initialize({ userProperty }), theirs.session()] as RequestHandler[]);
  }
  app.post("/begin", async (req, res) => void res.json(await auth.begin(req, ada)));
  app.get("/me", (req, res) => {
    const { user = null, account = null } = req as { user?: unknown; account?: unknown };
    res.json({ user, account });
  });
  app.get("/hidden", requireLogin(), (_req, res) => void res.send("hidden"));
  app.get("/devices", auth.json().devices).get("/session", auth.json().session);
  app.get("/ended", (req, res) => {
    const before = req.user;
    req.session.destroy(() => res.json({ isStillThere: before !== undefined && req.user === before }));
  });
  return agent(app);
}

async function loggedIn(given: Given) {
  const visitor = site(given);
  await visitor.post("/begin").expect(200);
  return visitor;
}

describe("a login that the app began itself, without accounts", () => {
  it("is `req.user` on every page, as it was given, without any passport", async () => {
    const visitor = await loggedIn({ order: ["auth"] });
    for (let page = 0; page < 3; page++) {
      expect((await visitor.get("/me")).body.user).toEqual(ada);
      expect((await visitor.get("/hidden")).text).toBe("hidden");
    }
    expect((await visitor.get("/session")).body.user).toEqual(ada);
  });

  it.each([[["auth", "passport"]], [["passport", "auth"]]] as [("auth" | "passport")[]][])(
    "is what the app's `deserializeUser` makes of it: %o",
    async (order) => {
      const visitor = await loggedIn({ order, deserialize: (id) => ({ id, from: "the database" }) });
      expect((await visitor.get("/me")).body.user).toEqual({ id: "1", from: "the database" });
    },
  );

  it("leaves `req.user` alone if passport keeps users under another name", async () => {
    const deserialize = (id: unknown) => ({ id });
    const visitor = await loggedIn({ order: ["passport", "auth"], deserialize, userProperty: "account" });
    expect((await visitor.get("/me")).body).toEqual({ user: null, account: { id: "1" } });
  });

  it("is still there for the page that ends its session", async () => {
    const visitor = await loggedIn({ order: ["auth"] });
    expect((await visitor.get("/ended")).body).toEqual({ isStillThere: true });
    expect((await visitor.get("/me")).body.user).toBeNull();
  });
});

describe.each([
  ["without accounts", false],
  ["with accounts", true],
])("a user whom `deserializeUser` does not find, %s", (_name, hasAccounts) => {
  it.each([[["auth", "passport"]], [["passport", "auth"]]] as [("auth" | "passport")[]][])(
    "is not logged in, on that very request: %o",
    async (order) => {
      let accounts: AccountsInMemory | undefined;
      if (hasAccounts) {
        accounts = new AccountsInMemory();
        await accounts.create({ username: "Ada", email: undefined, passwordHash: "-" }); // has the id 1
      }
      for (const path of ["/me", "/hidden", "/devices", "/session"]) {
        const visitor = await loggedIn({ order, ...(accounts && { accounts }) });
        const { status, body } = await visitor.get(path);
        if (path === "/me") expect(body.user).toBeNull();
        else if (path === "/session") expect(body.user ?? null).toBeNull();
        else expect(status).toBe(401);
      }
    },
  );
});
