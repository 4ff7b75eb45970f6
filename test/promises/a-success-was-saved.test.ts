/** Promise 5: an answer is held until Redis has acknowledged the change; if it did not, the client gets an error. */
import session, { MemoryStore } from "express-session";
import express, { type NextFunction, type Request, type Response } from "express";
import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { redisSession } from "holdfast";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { startSite, Visitor, type Handler, type Middleware, type Site } from "../support/web-site.js";
import { secret } from "./candidates.js";

/** A store whose writes fail, or wait until they are let go. */
class StubbornStore extends MemoryStore {
  failing = false;
  held: (() => void)[] | undefined;
  onHeld: (() => void) | undefined;

  override set(...args: Parameters<MemoryStore["set"]>): void {
    if (this.failing) return process.nextTick(args[2]!, new Error("disk full"));
    if (this.held) {
      this.held.push(() => super.set(...args));
      this.onHeld?.();
    } else super.set(...args);
  }
}

const answers: Record<string, Handler> = {
  "end with data": (_req, res) => void res.end("done"),
  "end without data": (_req, res) => void res.end(),
  "explicit writeHead": (_req, res) =>
    void res.writeHead(201, { "Content-Type": "text/plain", ETag: '"1"' }).end("done"),
  "writeHead with an array of headers": (_req, res) =>
    void res.writeHead(201, ["X-A", "1", "Content-Length", "4"]).end("done"),
  redirect: (_req, res) => void res.writeHead(302, { Location: "/next" }).end(),
  "Content-Length set": (_req, res) => {
    res.setHeader("Content-Length", 4);
    res.end("done");
  },
  "first part of a stream": (_req, res) => {
    res.write("do");
    res.end("ne");
  },
  "flushed headers": (_req, res) => {
    res.flushHeaders();
    res.end("done");
  },
};

let store: StubbornStore;
let site: Site;
const open = async (middleware: Middleware, answer: Handler) => {
  site = await startSite(middleware, (req, res, url) => {
    req.session["count"] = (req.session["count"] ?? 0) + 1;
    return answer(req, res, url);
  });
};
beforeEach(() => {
  store = new StubbornStore();
});
afterEach(() => site.close());

const ours = () => redisSession({ store: store, secret }) as Middleware;

describe.each(Object.entries(answers))("%s", (_name, answer) => {
  test("waits for the save", async () => {
    await open(ours(), answer);
    store.held = [];
    let answered = false;
    const visit = new Visitor(site).get("/").finally(() => (answered = true));
    await expect.poll(() => store.held?.length).toBe(1);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(answered).toBe(false);
    for (const letGo of store.held) letGo();
    const { status, body } = await visit;
    expect(status).toBeLessThan(400);
    expect(["done", ""]).toContain(body);
  });

  test("becomes an error when the save fails, with nothing left of the success", async () => {
    await open(ours(), answer);
    store.failing = true;
    const { status, body, headers, cookie } = await new Visitor(site).get("/");
    expect(status).toBe(500);
    expect(body).toBe("disk full");
    expect(cookie).toBeUndefined();
    for (const name of ["location", "etag", "content-type"]) expect(headers.get(name)).toBeNull();
  });

  test("the control: express-session answers before it has saved", async () => {
    const plain = session({ store, secret, resave: false, saveUninitialized: false }) as unknown as Middleware;
    await open(plain, answer);
    store.failing = true;
    expect((await new Visitor(site).get("/")).status).toBeLessThan(400);
  });
});

test("while an answer waits, a second one cannot mix into it", async () => {
  const errors: unknown[] = [];
  await open(ours(), (_req, res) => {
    res.statusCode = 201;
    res.setHeader("X-First", "1");
    res.end("first");
    expect(res.headersSent).toBe(true);
    try {
      res.setHeader("X-Second", "2");
    } catch (error) {
      errors.push(error);
    }
    res.statusCode = 500;
    res.end("second");
  });
  const { status, body, headers } = await new Visitor(site).get("/");
  expect([status, body, headers.get("x-first"), headers.get("x-second")]).toEqual([201, "first", "1", null]);
  expect(errors).toEqual([expect.objectContaining({ code: "ERR_HTTP_HEADERS_SENT" })]);
});

test("a change made after the head of a stream is saved before the stream ends", async () => {
  await open(ours(), async (req, res) => {
    res.write("head ");
    await new Promise((resolve) => setImmediate(resolve));
    req.session["late"] = true;
    res.end("tail");
  });
  const visitor = new Visitor(site);
  expect((await visitor.get("/")).body).toBe("head tail");
  const saved = await new Promise<any>((resolve) => store.get(visitor.id, (_error, data) => resolve(data)));
  expect(saved).toMatchObject({ count: 1, late: true });
});

test("a stream whose late save fails is cut off instead of ending as if all were well", async () => {
  await open(ours(), async (req, res) => {
    res.write("head ");
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    store.failing = true;
    req.session["late"] = true;
    res.end("tail");
  });
  await expect(new Visitor(site).get("/")).rejects.toThrow(TypeError);
});

test("a long stream arrives whole, with back-pressure, when its head had to wait", async () => {
  const chunk = "x".repeat(64 * 1024);
  await open(ours(), async (_req, res) => {
    for (let i = 0; i < 100; i++) {
      if (!res.write(chunk)) await new Promise((resolve) => res.once("drain", resolve));
    }
    res.end();
  });
  expect((await new Visitor(site).get("/")).body.length).toBe(100 * chunk.length);
});

test("Express' error handling gets the error, and its answer is what the client sees", async () => {
  const app = express();
  app.use(redisSession({ store: store, secret }));
  app.get("/", (req, res) => {
    (req.session as unknown as { a: number }).a = 1;
    res.set("Cache-Control", "public").json({ ok: true });
  });
  app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
    res.status(503).json({ sorry: error.message });
  });
  store.failing = true;
  site = await startSite(app, () => {});
  const { status, body, headers } = await new Visitor(site).get("/");
  expect([status, JSON.parse(body), headers.get("cache-control")]).toEqual([503, { sorry: "disk full" }, null]);
  expect(headers.get("content-length")).toBe(String(body.length));
});

describe("with Redis", () => {
  let redis: TestRedis;
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(() => redis.stop());

  test("a redirect never overtakes its save: the next page always sees what was written, 200 times", async () => {
    const sessions = redisSession({ url: redis.url, secret });
    await open(sessions, (req, res, url) => {
      if (url.pathname === "/go") {
        req.session["token"] = url.searchParams.get("n");
        res.writeHead(302, { Location: "/next" }).end();
      } else res.end(String(req.session["token"]));
    });
    const visitor = new Visitor(site);
    for (let n = 0; n < 200; n++) {
      await visitor.get(`/go?n=${n}`);
      expect((await visitor.get("/next")).body).toBe(String(n));
    }
    await sessions.close();
  });

  test("Redis that refuses writes makes 503 with Retry-After, and says why without the session's id", async () => {
    const client = await redis.client();
    const errors: Error[] = [];
    const sessions = redisSession({ client, secret });
    await open(
      (req, res, next) => sessions(req, res, (error) => (error && errors.push(error as Error), next(error))),
      (_, res) => {
        res.end("done");
      },
    );
    const visitor = new Visitor(site);
    await visitor.get("/");
    await client.configSet("maxmemory", "1");
    const { status, headers } = await visitor.get("/");
    expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
    expect(errors).toEqual([expect.objectContaining({ code: "SESSION_STORE_UNAVAILABLE" })]);
    expect(errors[0]!.message).toContain("out of memory");
    expect(errors[0]!.message).not.toContain(visitor.id);
    await client.configSet("maxmemory", "0");
    expect((await visitor.get("/")).status).toBe(200);
  });

  test("close() waits for the saves under way", async () => {
    const sessions = redisSession({ url: redis.url, secret });
    await sessions.ready();
    const done = Array.from({ length: 50 }, (_, i) => sessions.store.set(`s${i}`, { cookie: {}, i } as never));
    await sessions.close();
    await expect(Promise.all(done)).resolves.toHaveLength(50);
    expect(await (await redis.client()).dbSize()).toBe(50);
  });
});

test("a client that hangs up does no harm, and its change is saved", async () => {
  await open(ours(), (_req, res) => void res.end("x".repeat(1e6)));
  store.held = [];
  await new Promise<void>((resolve) => {
    const request = httpRequest(site.url, () => {});
    request.on("error", () => {});
    request.end();
    store.onHeld = () => {
      request.destroy();
      resolve();
    };
  });
  for (const letGo of store.held.splice(0)) letGo();
  store.held = undefined;
  await expect.poll(() => Object.keys((store as unknown as { sessions: object }).sessions).length).toBe(1);
  expect((await new Visitor(site).get("/")).status).toBe(200);
});
