/** What is said at the start, once and in words: warnings of the process, and errors with a code. */
import { MemoryStore } from "express-session";
import { createClient, type RedisClientType } from "redis";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { connectToRedis, redisSession, type RedisSessionOptionsBase, type SessionsWithClient } from "holdfast";
import { freePort } from "../support/servers/free-port.js";
import { redisServerPath } from "../support/programs.js";
import { startRedis } from "../support/servers/redis-server.js";
import { useRedis } from "../support/servers/use-redis.js";
import { startSite, Visitor } from "../support/web-site.js";
import { secret } from "../promises/candidates.js";

const redis = useRedis();
let client: RedisClientType;
let warnings: (Error & { code?: string })[];
const listen = (warning: Error) => warnings.push(warning);

beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => {
  warnings = [];
  process.on("warning", listen);
});
afterEach(() => {
  process.off("warning", listen);
  vi.unstubAllEnvs();
});

const said = async (code: string) => {
  await new Promise((resolve) => setImmediate(resolve)); // warnings are emitted in the next tick
  return warnings.filter((warning) => warning.code === code).map((warning) => warning.message);
};
const create = (options: object = {}) =>
  redisSession({ client, secret, ...options } as RedisSessionOptionsBase & SessionsWithClient);
const thrownBy = (work: () => unknown): Error & { code?: string } => {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
};

describe("warnings", () => {
  test("an unknown option, with the one that was meant, once", async () => {
    create({ saveUninitialised: true });
    create({ saveUninitialised: true });
    create({ flavour: "mint" });
    expect(await said("HOLDFAST_OPTION_UNKNOWN")).toEqual([
      expect.stringContaining("Did you mean `saveUninitialized`?"),
      expect.stringContaining("Leave it out"),
    ]);
  });

  test("ttl: 0", async () => {
    expect(create({ ttl: 0 }).store.ttl).toBe(86400);
    expect(await said("HOLDFAST_TTL_ZERO")).toHaveLength(1);
  });

  test("a short secret, which the warning does not repeat", async () => {
    create({ secret: "keyboard cat" });
    const [message] = await said("HOLDFAST_SECRET_SHORT");
    expect(message).not.toContain("keyboard cat");
  });

  test("no secret in development: a random one that works", async () => {
    vi.stubEnv("SESSION_SECRET", "");
    const sessions = create({ secret: undefined });
    expect(await said("HOLDFAST_SECRET_GENERATED")).toHaveLength(1);
    const site = await startSite(sessions, (req, res) => {
      res.end(String((req.session["n"] = (req.session["n"] ?? 0) + 1)));
    });
    const visitor = new Visitor(site);
    await visitor.get("/");
    expect((await visitor.get("/")).body).toBe("2");
    await site.close();
  });

  test("a client that is not connected", async () => {
    const idle = createClient({ url: redis.url });
    const sessions = create({ client: idle });
    expect(await said("HOLDFAST_CLIENT_NOT_CONNECTED")).toHaveLength(1);
    await expect(sessions.ready()).rejects.toMatchObject({ code: "HOLDFAST_CLIENT_NOT_CONNECTED" });
  });

  test("a proxy that says HTTPS and is not trusted", async () => {
    const site = await startSite(create(), (_req, res) => void res.end());
    await fetch(site.url, { headers: { "X-Forwarded-Proto": "https" } });
    await fetch(site.url, { headers: { "X-Forwarded-Proto": "https" } });
    expect(await said("HOLDFAST_PROXY_NOT_TRUSTED")).toEqual([expect.stringContaining("trust proxy")]);
    await site.close();
  });

  test("a secure cookie on a plain connection, which is not sent", async () => {
    const site = await startSite(create({ cookie: { secure: true } }), (req, res) => {
      req.session["a"] = 1;
      res.end();
    });
    expect((await new Visitor(site).get("/")).cookie).toBeUndefined();
    expect(await said("HOLDFAST_COOKIE_NEVER_SENT")).toHaveLength(1);
    await site.close();
  });
});

describe("errors", () => {
  test("no secret in production", () => {
    vi.stubEnv("NODE_ENV", "production");
    vi.stubEnv("SESSION_SECRET", "");
    expect(thrownBy(() => create({ secret: undefined })).code).toBe("HOLDFAST_SECRET_MISSING");
    vi.stubEnv("SESSION_SECRET", secret);
    create({ secret: undefined });
  });

  test.each<[string, object, string]>([
    [
      "an old ioredis client",
      { client: { get() {}, evalsha() {}, pipeline() {} } },
      "old or incomplete client of ioredis",
    ],
    ["a client that was not awaited", { client: Promise.resolve() }, "await it first"],
    ["something else", { client: {} }, "something else"],
  ])("a client of the wrong library: %s", (_name, options, words) => {
    const error = thrownBy(() => create(options));
    expect(error.code).toBe("HOLDFAST_CLIENT_INVALID");
    expect(error.message).toContain(words);
  });

  test.each<[object, string]>([
    [{ genid: "x" }, "`genid`"],
    [{ unset: "forget" }, "`unset`"],
    [{ ttl: -1 }, "`ttl`"],
    [{ ttl: "1h" }, "`ttl`"],
    [{ touchInterval: -1 }, "`touchInterval`"],
    [{ secret: [] }, "`secret`"],
    [{ url: "redis://x" }, "`client` and `url`"],
    [{ store: new MemoryStore() }, "`store` and `client`"],
    [{ layout: "xml" }, "`layout`"],
    [{ cookie: "text" }, "`cookie`"],
    [{ cookie: { maxAge: "1h" } }, "`cookie.maxAge`"],
    [{ name: "a b" }, "`name`"],
  ])("%o", (options, words) => {
    const error = thrownBy(() => create(options));
    expect(error.code).toBe("HOLDFAST_OPTION_INVALID");
    expect(error.message).toContain(words);
  });

  test("null counts as left out", () => {
    create({ store: null, genid: null, unset: null, cookie: null, url: null });
  });

  test("something that is no store", () => {
    const noEmitter = { get() {}, set() {}, createSession() {} };
    for (const store of [{}, noEmitter, redisSession.MemoryStore, "memory"] as never[]) {
      expect(thrownBy(() => redisSession({ secret, store })).code).toBe("HOLDFAST_STORE_INVALID");
    }
  });

  test.each(["not a url", "http://localhost", "redis://localhost/two"])("the address %s", (url) => {
    const error = thrownBy(() => redisSession({ secret, url }));
    expect(error.code).toBe("HOLDFAST_REDIS_URL_INVALID");
  });
});

describe("ready()", () => {
  test("resolves when Redis answers", async () => {
    await create().ready();
    const sessions = redisSession({ url: redis.url, secret });
    await sessions.ready();
    await sessions.close();
    await sessions.close();
  });

  test.each([
    [
      "nothing listens",
      async () => `redis://:hunter2@127.0.0.1:${await freePort()}`,
      "HOLDFAST_REDIS_UNREACHABLE",
      "nothing listens there",
    ],
    [
      "an unknown host",
      async () => "redis://:hunter2@no-such-host.invalid",
      "HOLDFAST_REDIS_UNREACHABLE",
      "host name is not known",
    ],
    [
      "a database that is not there",
      async () => `${redis.url}/99`,
      "HOLDFAST_REDIS_UNSUITABLE",
      "no database with that number",
    ],
  ])("%s: rejects in words, without the password", async (_name, url, code, words) => {
    const sessions = redisSession({ url: await url(), secret });
    const error = (await sessions.ready().catch((reason: unknown) => reason)) as Error & { code: string };
    await sessions.close();
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(error.message).not.toContain("hunter2");
  });

  test.skipIf(!redisServerPath)("a wrong password and a missing one", async () => {
    const guarded = await startRedis({ kind: "redis", args: ["--requirepass", "right"] });
    for (const [login, words] of [
      [":hunter2@", "refused the password"],
      ["", "asks for a password"],
    ] as const) {
      const connection = connectToRedis({ url: `redis://${login}127.0.0.1:${guarded.port}` });
      const error = (await connection.ready().catch((reason: unknown) => reason)) as Error & { code: string };
      await connection.close();
      expect(error.code).toBe("HOLDFAST_REDIS_REFUSED_LOGIN");
      expect(error.message).toContain(words);
      expect(error.message).not.toContain("hunter2");
    }
    await guarded.stop();
  });

  test("a server that accepts and never answers: within the connect timeout", async () => {
    const { createServer } = await import("node:net");
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    const connection = connectToRedis({ url: `redis://127.0.0.1:${port}`, connectTimeout: 300 });
    await expect(connection.ready()).rejects.toMatchObject({ code: "HOLDFAST_REDIS_UNREACHABLE" });
    await connection.close();
    silent.close();
  });
});

test("requests that come before the first connection wait for it", async () => {
  const sessions = redisSession({ url: redis.url, secret });
  const site = await startSite(sessions, (req, res) => {
    req.session["a"] = 1;
    res.end("done");
  });
  expect((await new Visitor(site).get("/")).status).toBe(200);
  await site.close();
  await sessions.close();
});

test("a client of yours stays open after close()", async () => {
  await create().close();
  expect(client.isReady).toBe(true);
});

test("sessions of a store of yours, without any Redis", async () => {
  const store = new MemoryStore();
  const sessions = redisSession({ store, secret });
  await sessions.ready();
  expect(sessions.client).toBeUndefined();
  expect(sessions.store).toBe(store);
  await sessions.close();
});
