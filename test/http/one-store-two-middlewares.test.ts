/** One store in express-session and in redisSession(): each serves its own requests, whichever was made first. */
import session from "express-session";
import type { RedisClientType } from "redis";
import { beforeAll, expect, test } from "vitest";
import { redisSession, RedisSessionStore } from "holdfast";
import { openSite, sentId, type Handlers, type Site } from "../parity/support/site.js";
import { useRedis } from "../support/servers/use-redis.js";

const secret = "two middlewares: a secret that is long enough for everyone";
const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});

const handlers: Handlers = {
  "/write": (req, res) => ((req.session["n"] = 1), res.end()),
  "/login": (req, res) =>
    void req.session.regenerate((error: unknown) => {
      if (error) throw error as Error;
      req.session["user"] = "ann";
      res.end();
    }),
  "/read": (req, res) => res.end(`${req.session["n"]} ${req.session["user"]}`),
};

test.each(["ours first", "express-session first"])("regenerate works in both: %s", async (order) => {
  const store = new RedisSessionStore({ client });
  const makers = {
    ours: () => redisSession({ store, secret, cookie: { secure: false } }),
    theirs: () => session({ store, secret, resave: false, saveUninitialized: false }),
  };
  const names = order === "ours first" ? (["ours", "theirs"] as const) : (["theirs", "ours"] as const);
  const sites: Site[] = [];
  for (const name of names) sites.push(await openSite(makers[name]() as never, handlers));
  for (const site of sites) {
    const visitor = site.visitor();
    const first = sentId(await visitor.get("/write"));
    const login = await visitor.get("/login");
    expect(login.status).toBe(200);
    expect(sentId(login)).not.toBe(first);
    expect((await visitor.get("/read")).text).toBe("undefined ann");
    expect(site.errors).toEqual([]);
    await site.close();
  }
});
