/** `req.session.save()`: it tells when the session is gone, and gives the full lifetime, also long after the answer. */
import type { RedisClientType } from "redis";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { redisSession, type RedisSessionOptions } from "holdfast";
import { openSite, type AnySession, type Handlers, type Site } from "../parity/support/site.js";
import { NotingStore } from "../parity/support/stores.js";
import { useRedis } from "../support/servers/use-redis.js";

const secret = "saving at once: a secret that is long enough for everyone";
const redis = useRedis();
let client: RedisClientType;
const sites: Site[] = [];
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close();
});

async function open(handlers: Handlers, options: Partial<RedisSessionOptions> = {}): Promise<Site> {
  const where = options.store ? {} : { client };
  const sessions = redisSession({ ...where, secret, cookie: { secure: false, maxAge: 60_000 }, ...options } as never);
  const site = await openSite(sessions as never, handlers);
  sites.push(site);
  return site;
}

const save = (session: AnySession) =>
  new Promise<string>((resolve) => {
    session.save((error?: unknown) => resolve(error ? String((error as { code?: string }).code) : "saved"));
  });

for (const layout of ["json", "hash"] as const) {
  const begin: Handlers = {
    "/login": (req, res) => (Object.assign(req.session, { user: { name: "ann" }, n: 1 }), res.end()),
  };

  test(`${layout}: a change of a session that was destroyed meanwhile is told; one that only takes away is not`, async () => {
    const gone = async (req: { session: AnySession }) => {
      void req.session["n"];
      await client.unlink(`sess:${req.session.id}`);
    };
    const site = await open(
      {
        ...begin,
        "/change": async (req, res) => (await gone(req), (req.session["n"] = 2), res.end(await save(req.session))),
        "/logout": async (req, res) => (
          await gone(req),
          delete req.session["user"].name,
          res.end(await save(req.session))
        ),
        "/silent": async (req, res) => (await gone(req), (req.session["n"] = 2), res.end("answered")),
      },
      { layout },
    );
    for (const [path, said] of [
      ["/change", "SESSION_GONE"],
      ["/logout", "saved"],
      ["/silent", "answered"],
    ] as const) {
      const visitor = site.visitor();
      await visitor.get("/login");
      const answer = await visitor.get(path);
      expect([path, answer.status, answer.text]).toEqual([path, 200, said]);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
    expect(await client.keys("sess:*")).toEqual([]);
  });

  test(`${layout}: after the answer, as over a socket, it renews a session that was made in that very request`, async () => {
    let kept!: AnySession;
    const site = await open(
      { "/connect": (req, res) => ((req.session["user"] = "ann"), (kept = req.session), res.end()) },
      { layout, touchInterval: 0 },
    );
    await site.visitor().get("/connect");
    const key = `sess:${kept.id}`;
    for (const change of [() => {}, () => (kept["n"] = 1)]) {
      await client.expire(key, 5);
      change();
      expect(await save(kept)).toBe("saved");
      await expect.poll(() => client.ttl(key)).toBeGreaterThan(50);
    }
  });

  test(`${layout}: it does not shorten the life of a session that was only touched since it was written`, async () => {
    const site = await open(
      { ...begin, "/save": async (req, res) => ((req.session["n"] = 2), res.end(await save(req.session))) },
      { layout },
    );
    const visitor = site.visitor();
    await visitor.get("/login");
    const [key] = (await client.keys("sess:*")) as [string];
    const old = JSON.stringify({
      originalMaxAge: 60_000,
      expires: new Date(Date.now() + 3000),
      httpOnly: true,
      path: "/",
    });
    if (layout === "hash") await client.hSet(key, "cookie", old);
    else await client.set(key, `{"cookie":${old},"n":1}`, { expiration: { type: "EX", value: 60 } });
    expect((await visitor.get("/save")).text).toBe("saved");
    expect(await client.ttl(key)).toBeGreaterThan(50);
    await client.unlink(key);
  });
}

test("another store's touch that fails is told in a warning, and the page is answered", async () => {
  const store = new NotingStore();
  const site = await open({ "/": (req, res) => ((req.session["n"] ??= 1), res.end("page")) }, { store });
  const heard: string[] = [];
  const hear = (warning: Error & { code?: string }) => void heard.push(warning.code!);
  process.on("warning", hear);
  const visitor = site.visitor();
  await visitor.get();
  store.fail("touch");
  expect((await visitor.get()).text).toBe("page");
  await expect.poll(() => heard).toContain("SESSION_TOUCH_FAILED");
  process.off("warning", hear);
});

test.each([
  ["get", "/read", 500, "out of order"],
  ["set", "/", 500, "out of order"],
  ["touch", "/read", 200, "1"],
  ["destroy", "/unset", 500, "out of order"],
] as const)(
  "another store's %s that is asynchronous and rejects is an error of the request, and not of the process",
  async (method, path, ...expected) => {
    const store = new NotingStore();
    const site = await open(
      {
        "/": (req, res) => ((req.session["n"] = (req.session["n"] ?? 0) + 1), res.end("page")),
        "/read": (req, res) => res.end(String(req.session["n"])),
        "/unset": (req, res) => (Object.assign(req, { session: null }), res.end("bye")),
      },
      { store, unset: "destroy" },
    );
    const visitor = site.visitor();
    await visitor.get();
    store[method] = async () => {
      throw new Error("out of order");
    };
    const { status, text } = await visitor.get(path);
    expect([status, text]).toEqual(expected);
  },
);

test("a row that can be no session throws nowhere, also where an app looks at it late", async () => {
  const store = new NotingStore();
  const seen: unknown[] = [];
  const site = await open(
    {
      "/begin": (req, res) => ((req.session["n"] = 1), res.end()),
      "/late": (req, res) => setTimeout(() => (seen.push(req.session["n"]), res.end()), 1),
    },
    { store },
  );
  for (const row of ['{"n":1}', '{"cookie":null}', '{"cookie":"x"}', '{"cookie":{"maxAge":"x"}}', "[]", "7"]) {
    const visitor = site.visitor();
    await visitor.get("/begin");
    const [id] = Object.keys(store.data) as [string];
    store.data[id] = row;
    expect((await visitor.get("/late")).status).toBe(200);
    delete store.data[id];
  }
  expect([seen, site.errors]).toEqual([Array.from({ length: 6 }), []]);
});
