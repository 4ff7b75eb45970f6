/**
 * docs/guides/troubleshooting.md: each symptom of its tables is reproduced here, or names the test that does so, and a
 * symptom that is added to the page needs its proof.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import express from "express";
import { Redis } from "ioredis";
import type { RedisClientType } from "redis";
import request, { agent } from "supertest";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { HoldfastError, MemoryStore, redisSession, RedisSessionStore, sum, type RedisSessionOptions } from "holdfast";
import { secret } from "../../promises/candidates.js";
import { freePort } from "../../support/servers/free-port.js";
import { redisServerPath } from "../../support/programs.js";
import { startRedis } from "../../support/servers/redis-server.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { root, rowsOf } from "../support/pages.js";

const page = "docs/guides/troubleshooting.md";
const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());

type Values = Record<string, any>;
type Work = (session: Values, res: express.Response, req: express.Request) => unknown;

/** An app with `/login`, `/` and what a case adds; errors become their status and code. */
function site(options: object = {}, pages: Record<string, Work> = {}): express.Express {
  const app = express().set("env", "test");
  app.use(redisSession({ client, secret, ...options } as RedisSessionOptions) as express.RequestHandler);
  const all: Record<string, Work> = {
    "/login": (session, res) => {
      session["user"] = "ada";
      res.end();
    },
    "/": (session, res) => res.send(String(session["user"])),
    ...pages,
  };
  for (const [path, work] of Object.entries(all))
    app.get(path, async (req, res) => void (await work(req.session as unknown as Values, res, req)));
  app.use(((error, _req, res, next) => {
    if (!HoldfastError.is(error)) return next(error);
    res.status(error.status).send(error.code);
  }) satisfies express.ErrorRequestHandler);
  return app;
}

const setCookie = (answer: request.Response) => (answer.headers["set-cookie"] as unknown as string[] | undefined)?.[0];
const cookieOf = (answer: request.Response) => setCookie(answer)!.split(";")[0]!;
const loginAt = async (app: express.Express) => cookieOf(await request(app).get("/login"));
const userAt = async (app: express.Express, cookie: string) => (await request(app).get("/").set("Cookie", cookie)).text;
const codeOf = async (options: object, work: Work) => (await agent(site(options, { "/do": work })).get("/do")).text;

const proofs: Record<string, Record<string, string | (() => Promise<void>)>> = {
  "Logged out": {
    "at random, with several processes": async () => {
      vi.spyOn(process, "emitWarning").mockImplementation(() => {});
      const [one, other] = [site({ secret: undefined }), site({ secret: undefined })];
      const cookie = await loginAt(one);
      expect([await userAt(one, cookie), await userAt(other, cookie)]).toEqual(["ada", "undefined"]);
    },
    "at random, when traffic is high": async () => {
      if (!redisServerPath) return;
      const full = await startRedis({
        kind: "redis",
        args: ["--maxmemory", "3mb", "--maxmemory-policy", "volatile-lru"],
      });
      onTestFinished(() => full.stop());
      const small = await full.client();
      const cookie = await loginAt(site({ client: small }));
      for (let i = 0; i < 3000; i++) await small.set(`sess:visitor-${i}`, "x".repeat(1000), { EX: 1000 });
      expect(await small.info("stats")).not.toMatch(/evicted_keys:0\r/);
      const app = site({ client: small });
      // Enough at once that the memory is filled anew: a session that was just read would be the last to go.
      for (let i = 0; (await userAt(app, cookie)) === "ada" && i < 10; i++) {
        const more = Array.from({ length: 5000 }, (_, n) => `sess:more-${i}-${n}`);
        await Promise.all(more.map((key) => small.set(key, "x".repeat(1000), { EX: 1000 })));
      }
      expect(await userAt(app, cookie)).toBe("undefined");
    },
    "everybody, after a deployment": async () => {
      const cookie = await loginAt(site());
      const next = "another secret, of at least 32 characters";
      expect(await userAt(site({ secret: next }), cookie)).toBe("undefined");
      expect(await userAt(site({ prefix: "other:" }), cookie)).toBe("undefined");
      expect(await userAt(site({ secret: [next, secret] }), cookie)).toBe("ada");
    },
    "everybody, after a restart of Redis": async () => {
      const port = await freePort();
      const before = await startRedis({ port });
      const sessions = { client: undefined, url: before.url };
      const cookie = await loginAt(site({ client: await before.client() }));
      await before.stop();
      const after = await startRedis({ port });
      onTestFinished(() => after.stop());
      expect(await userAt(site({ ...sessions, url: undefined, client: await after.client() }), cookie)).toBe(
        "undefined",
      );
    },
    "on every request": "test/docs/guides/proxies.test.ts",
    "after some time without a visit": async () => {
      const app = site({ ttl: 2 });
      const cookie = await loginAt(app);
      expect(await client.ttl((await client.keys("sess:*"))[0]!)).toBeLessThanOrEqual(2);
      await expect.poll(() => client.keys("sess:*")).toEqual([]);
      expect(await userAt(app, cookie)).toBe("undefined");
    },
    "when the browser is closed": async () => {
      expect(setCookie(await request(site()).get("/login"))).not.toMatch(/Expires|Max-Age/i);
      const lasting = site({ cookie: { maxAge: 30 * 86_400_000 } });
      expect(setCookie(await request(lasting).get("/login"))).toMatch(/Expires/);
    },
    "after exactly `maxAge`, though the visitor was active": async () => {
      const again = async (options: object) => {
        const app = site({ cookie: { maxAge: 60_000 }, ...options });
        return setCookie(
          await request(app)
            .get("/")
            .set("Cookie", await loginAt(app)),
        );
      };
      expect([await again({}), await again({ rolling: true })]).toEqual([
        undefined,
        expect.stringContaining("Expires"),
      ]);
    },
    "returning from a payment or login provider": "test/auth/cross-site-login.test.ts",
    "always, in one browser": async () => {
      const app = site();
      const cookie = await loginAt(app);
      expect(await userAt(app, `connect.sid=s%3Aold.signature; ${cookie}`)).toBe("undefined");
      expect(await userAt(site({ name: "connect.sid" }), cookie)).toBe("ada");
    },
  },

  "No cookie": {
    "no `Set-Cookie`, in development": "test/docs/guides/proxies.test.ts",
    "no `Set-Cookie`, behind a proxy": "test/docs/guides/proxies.test.ts",
    "no `Set-Cookie`, although `req.session` exists": async () => {
      expect(setCookie(await request(site()).get("/"))).toBeUndefined();
      expect(setCookie(await request(site({ saveUninitialized: true })).get("/"))).toBeDefined();
    },
    "no `Set-Cookie` when the session is first changed late": async () => {
      const app = site(
        {},
        {
          "/late": (session, res) => {
            res.write("begun ");
            session["user"] = "ada";
            res.end();
          },
        },
      );
      expect(setCookie(await request(app).get("/late"))).toBeUndefined();
    },
    "the browser blocks `Set-Cookie`": "test/docs/guides/single-page-apps.test.ts",
    "only some paths have a session": async () => {
      const app = express().use(redisSession({ client, secret, cookie: { path: "/shop" } }) as express.RequestHandler);
      app.get(/.*/, (req, res) => void res.send(String((req as { session?: object }).session !== undefined)));
      expect([(await request(app).get("/shop")).text, (await request(app).get("/")).text]).toEqual(["true", "false"]);
    },
    "a page fails with `SESSION_COOKIE_INVALID`": async () => {
      const code = await codeOf({}, (session, res) => {
        session["cookie"].expires = new Date(NaN);
        session["user"] = "ada";
        res.end();
      });
      expect(code).toBe("SESSION_COOKIE_INVALID");
    },
  },

  "Data is missing": {
    "one of two entries in a list is gone": "test/session/merge-rules.test.ts",
    "a counter counts too little": async () => {
      const counted = async (options: object) => {
        const waiting: (() => void)[] = [];
        const app = site(options, {
          "/count": async (session, res) => {
            session["n"] = (session["n"] ?? 0) + 1;
            await new Promise<void>((resolve) => {
              waiting.push(resolve);
              if (waiting.length === 2) for (const go of waiting) go();
            });
            res.end();
          },
          "/n": (session, res) => res.send(String(session["n"])),
        });
        const cookie = await loginAt(app);
        await Promise.all([1, 2].map(() => request(app).get("/count").set("Cookie", cookie)));
        return (await request(app).get("/n").set("Cookie", cookie)).text;
      };
      expect([await counted({}), await counted({ merge: { n: sum } })]).toEqual(["1", "2"]);
    },
    "a change is gone, without an error": "test/promises/a-dead-session-stays-dead.test.ts",
    "a change is lost after a redirect": "test/promises/a-success-was-saved.test.ts",
    "what overlapping requests changed is gone: a lost update, a race condition":
      "test/promises/no-update-is-lost.test.ts",
    "the session is not saved: a change after `res.end()` is gone": async () => {
      let changed: () => void;
      const isChanged = new Promise<void>((resolve) => (changed = resolve));
      const app = site(
        {},
        {
          "/late": (session, res) => {
            session["early"] = true;
            res.on("finish", () => {
              session["late"] = true;
              changed();
            });
            res.end();
          },
          "/all": (session, res) => res.json(session),
        },
      );
      const cookie = cookieOf(await request(app).get("/late"));
      await isChanged;
      const { body } = await request(app).get("/all").set("Cookie", cookie);
      expect([body.early, body.late]).toEqual([true, undefined]);
    },
    "dates are strings, `Map` and `Set` are `{}`": async () => {
      const app = site(
        {},
        {
          "/put": (session, res) => {
            Object.assign(session, { at: new Date(0), map: new Map([[1, 2]]), set: new Set([1]) });
            res.end();
          },
          "/look": (session, res) => res.json([typeof session["at"], session["map"], session["set"]]),
        },
      );
      const cookie = cookieOf(await request(app).get("/put"));
      expect((await request(app).get("/look").set("Cookie", cookie)).body).toEqual(["string", {}, {}]);
    },
    "`req.session` is undefined": async () => {
      const app = express();
      const tell: express.RequestHandler = (req, res) => void res.send(typeof (req as { session?: object }).session);
      app.get("/before", tell);
      app.use(redisSession({ client, secret }) as express.RequestHandler).get("/after", tell);
      expect([(await request(app).get("/before")).text, (await request(app).get("/after")).text]).toEqual([
        "undefined",
        "object",
      ]);
    },
    "another request's change is not there yet": "test/parity/reload-and-save.test.ts",
    "an old value for a moment, in another process": "test/repository/near-cache.test.ts",
    "on a WebSocket, nothing is saved": "test/http/frameworks.test.ts",
    "warning `SESSION_UNREADABLE`": "test/drills/hostile.test.ts",
    "warning `HOLDFAST_ENCRYPTION_KEY_UNKNOWN`, and those visitors are logged out":
      "test/repository/encrypted-sessions.test.ts",
  },

  Errors: {
    "503, `SESSION_STORE_UNAVAILABLE`": "test/http/when-down.test.ts",
    "`ECONNREFUSED`, 503 with the reason `down`": async () => {
      const sessions = redisSession({ url: `redis://127.0.0.1:${await freePort()}`, secret });
      onTestFinished(() => sessions.close());
      vi.spyOn(process, "emitWarning").mockImplementation(() => {});
      const failure = await sessions.ready().catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "HOLDFAST_REDIS_UNREACHABLE", reason: "down" });
      expect(causesOf(failure)).toContain("ECONNREFUSED");
    },
    "`MaxRetriesPerRequestError` as the `cause` of a 503": async () => {
      const other = new Redis({ port: await freePort(), maxRetriesPerRequest: 1, retryStrategy: () => 20 });
      other.on("error", () => {});
      onTestFinished(() => other.disconnect());
      vi.spyOn(process, "emitWarning").mockImplementation(() => {});
      const store = new RedisSessionStore({ client: other });
      const failure = await store.get("an id").catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", status: 503 });
      expect(causesOf(failure)).toContain("MaxRetriesPerRequestError");
    },
    "`NOAUTH`, `WRONGPASS`, `NOPERM`, `OOM`, `READONLY`, `MOVED`, ... as the `cause` of a 503":
      "test/redis/every-client.test.ts",
    "503, `SESSION_CONTENDED`": "test/repository/overlapping-saves.test.ts",
    "503, `SESSION_NOT_REPLICATED`": "test/repository/durability.test.ts",
    "500, `SESSION_NOT_SERIALIZABLE`": async () => {
      for (const value of [1n, circle()])
        expect(await codeOf({}, (session, res) => (Object.assign(session, { value }), res.end()))).toBe(
          "SESSION_NOT_SERIALIZABLE",
        );
    },
    "500, `SESSION_TOO_LARGE`": async () => {
      const work: Work = (session, res) => ((session["big"] = "x".repeat(2000)), res.end());
      expect(await codeOf({ maxBytes: 1000 }, work)).toBe("SESSION_TOO_LARGE");
    },
    "500, `SESSION_REPLACED`": async () => {
      const work: Work = (_session, res, req) => (((req as { session: object }).session = { user: "ada" }), res.end());
      expect(await codeOf({}, work)).toBe("SESSION_REPLACED");
      const kept: Work = (session, res) => (Object.assign(session, { user: "ada" }), res.send("kept"));
      expect(await codeOf({}, kept)).toBe("kept");
    },
    "a plain 503 page that is not from your app": "test/http/frameworks.test.ts",
    "`Warning: connect.session() MemoryStore is not designed for a production environment, as it will leak memory`":
      async () => {
        const program = `require("express-session")({ secret: "x", resave: false, saveUninitialized: false })`;
        const env = { ...process.env, NODE_ENV: "production" };
        const { stderr } = spawnSync(process.execPath, ["-e", program], { cwd: root, env, encoding: "utf8" });
        expect(stderr.replaceAll("\n", " ")).toMatch(/connect\.session\(\) MemoryStore is not .* leak memory/);
      },
    "`EROFS: read-only file system` from session-file-store, or `SQLITE_READONLY` from connect-sqlite3": () => {
      const sources = readdirSync(join(root, "lib"), { recursive: true, encoding: "utf8" });
      const inApps = sources.filter((name) => name.endsWith(".ts") && !name.startsWith("cli"));
      const writes = /\b(writeFile|appendFile|mkdir|mkdtemp|createWriteStream|copyFile)(Sync)?\(/;
      expect(inApps.length).toBeGreaterThan(100);
      expect(inApps.filter((name) => writes.test(readFileSync(join(root, "lib", name), "utf8")))).toEqual([]);
      return Promise.resolve();
    },
    'at start: "The option … exclude each other"': async () => {
      const both = { client, store: new MemoryStore(), secret } as unknown as RedisSessionOptions;
      expect(() => redisSession(both)).toThrow(/^The option .* exclude each other/);
    },
    'at start: "The option `client` …"': async () => {
      const wrong = { client: { get() {}, touch() {} }, secret } as unknown as RedisSessionOptions;
      expect(() => redisSession(wrong)).toThrow(/option `client`/);
    },
    "`ERR_HTTP_HEADERS_SENT`: `Cannot set headers after they are sent`": async () => {
      let thrown: unknown;
      const app = site(
        {},
        {
          "/twice": (session, res) => {
            session["user"] = "ada";
            res.send("first");
            try {
              res.setHeader("X-Second", "1");
            } catch (error) {
              thrown = error;
            }
          },
        },
      );
      expect((await request(app).get("/twice")).text).toBe("first");
      expect(String(thrown)).toContain("Cannot set headers after they are sent");
    },
  },

  "Slow, or stuck": {
    "each page takes some milliseconds more than without a session": "test/promises/reading-is-one-round-trip.test.ts",
    "requests wait for 5 seconds, then 503": "test/drills/frozen.test.ts",
    "a test run does not exit": "test/http/start.test.ts",
    "logins take long, or 503 `HOLDFAST_LOGINS_BUSY`": "test/auth/passwords/hashing-gate.test.ts",
    "memory of Redis grows": "test/repository/first-visit.test.ts",
  },
};

/** What an error and its causes say of themselves. */
function causesOf(error: unknown): string {
  return error instanceof Error ? `${error.name} ${String(error)} ${causesOf(error.cause)}` : "";
}

function circle(): object {
  const one: { self?: object } = {};
  one.self = one;
  return one;
}

it("every symptom of the page has its proof, and every proof a symptom", () => {
  const all = Object.values(proofs).flatMap((table) => Object.keys(table));
  expect(rowsOf(page, "you see").map(([symptom]) => symptom)).toEqual(all);
});

describe.each(Object.entries(proofs))("%s", (_, table) => {
  it.each(Object.entries(table))("%s", async (_symptom, proof) => {
    onTestFinished(() => void vi.restoreAllMocks());
    if (typeof proof === "string") expect(existsSync(join(root, proof))).toBe(true);
    else await proof();
  });
});
