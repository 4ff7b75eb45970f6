/** Several middlewares, apps and mount points: each session where it belongs, and each request only one. */
import express, { Router } from "express";
import connect from "connect";
import { createServer, request } from "node:http";
import { describe, expect, it } from "vitest";
import { useBench } from "./support/bench.js";
import { candidates, type Middleware } from "./support/middlewares.js";
import { listen, sentCookie, sentId, setCookies, type SessionRequest } from "./support/site.js";
import { NotingStore } from "./support/stores.js";

const bench = useBench();

const count = (req: unknown, res: { end(text: string): void }) => {
  const { session } = req as SessionRequest;
  session.views = (session.views ?? 0) + 1;
  res.end(String(session.views));
};
const handler = (middleware: Middleware) => middleware as express.RequestHandler;
const serve = async (app: Parameters<typeof createServer>[1]) => bench.keep(await listen(createServer(app)));

describe.each(candidates)("several instances of $name", (candidate) => {
  it("on one path: the first serves the request, the second leaves it alone", async () => {
    const [first, second] = [new NotingStore(), new NotingStore()];
    const app = express();
    app.use(handler(bench.middleware(candidate, { name: "first", store: first })));
    app.use(handler(bench.middleware(candidate, { name: "second", store: second })));
    app.use(count);
    const visitor = (await serve(app)).visitor();
    const answer = await visitor.get();
    expect([sentCookie(answer, "first") && 1, sentCookie(answer, "second")]).toEqual([1, undefined]);
    expect((await visitor.get()).text).toBe("2");
    expect([first.calls, second.calls]).toEqual([["set", "get", "set"], []]);
  });

  it("the same one twice: one session, loaded and saved once", async () => {
    const store = new NotingStore();
    const middleware = handler(bench.middleware(candidate, { store, cookie: { maxAge: 60_000 } }));
    const visitor = (await serve(express().use(middleware).use(middleware).use(count))).visitor();
    await visitor.get();
    const answer = await visitor.get();
    expect([answer.text, setCookies(answer).length]).toEqual(["2", 1]);
    expect(store.calls).toEqual(["set", "get", "set"]);
  });

  it("on paths of their own: two sessions under two names, in one Redis", async () => {
    const app = express();
    app.use("/shop", handler(bench.middleware(candidate, { name: "shop", cookie: { path: "/shop" } })), count);
    app.use("/admin", handler(bench.middleware(candidate, { name: "admin", prefix: `${bench.prefix}admin:` })), count);
    const visitor = (await serve(app)).visitor();
    const shop = sentId(await visitor.get("/shop"), "shop");
    const admin = sentId(await visitor.get("/admin"), "admin");
    expect([(await visitor.get("/shop")).text, (await visitor.get("/admin")).text]).toEqual(["2", "2"]);
    expect((await bench.ids()).sort()).toEqual([shop, `admin:${admin}`].sort());
  });

  it("in two apps that share secret, name and Redis: one session for both", async () => {
    const [one, two] = await Promise.all([bench.site(candidate, {}, count), bench.site(candidate, {}, count)]);
    const visitor = one.visitor();
    await visitor.get();
    await two.get("/", { Cookie: visitor.cookies }).expect("2");
    expect((await visitor.get()).text).toBe("3");
  });

  it("leave a session alone that something else put on the request", async () => {
    const site = await bench.site(candidate, {}, count, {
      before: (req) => void Object.assign(req, { session: { views: 41 } }),
    });
    const answer = await site.get().expect(200, "42");
    expect([setCookies(answer), await bench.ids()]).toEqual([[], []]);
  });
});

describe.each(candidates)("where $name is used", (candidate) => {
  const middleware = () => bench.middleware(candidate);

  it.each<[string, () => Parameters<typeof createServer>[1]]>([
    ["an Express app", () => express().use(handler(middleware()), count)],
    [
      "a Connect app",
      () =>
        connect()
          .use(middleware() as connect.NextHandleFunction)
          .use(count as connect.SimpleHandleFunction),
    ],
    ["a router", () => express().use("/", Router().use(handler(middleware())).get("/", count))],
    [
      "a mounted app, for the app inside",
      () => express().use(handler(middleware())).use("/", express().get("/", count)),
    ],
    ["a mounted app, inside it", () => express().use("/", express().use(handler(middleware())).get("/", count))],
    ["one route", () => express().get("/", handler(middleware()), count)],
  ])("%s: the session is there from request to request", async (_, app) => {
    const visitor = (await serve(app())).visitor();
    const texts = [await visitor.get(), await visitor.get(), await visitor.get()].map((answer) => answer.text);
    expect(texts).toEqual(["1", "2", "3"]);
    expect(await bench.ids()).toHaveLength(1);
  });

  it("a mounted app: req.session is the one of the app around it, also when it has a middleware of its own", async () => {
    const inner = express().use(handler(bench.middleware(candidate, { name: "inner" })));
    inner.get("/in", count);
    const app = express().use(handler(middleware())).use("/app", inner);
    app.get("/out", count);
    const visitor = (await serve(app)).visitor();
    await visitor.get("/out");
    const answer = await visitor.get("/app/in");
    expect([answer.text, setCookies(answer)]).toEqual(["2", []]);
  });

  it("the handshake of a web socket, where there is no answer to write: the session can be read, saved and reloaded", async () => {
    const session = middleware();
    const site = await bench.site(candidate, {}, count);
    const visitor = site.visitor();
    const id = sentId(await visitor.get());
    const done = new Promise<unknown>((resolve) => {
      site.server.on("upgrade", (incoming, socket) => {
        const req = incoming as SessionRequest;
        session(req, {} as never, async (error) => {
          if (error) return resolve(error);
          await visitor.get();
          await new Promise((reloaded) => void req.session.reload(reloaded));
          req.session.views += 10;
          await new Promise((saved) => void req.session.save(saved));
          socket.destroy();
          resolve(req.session.views);
        });
      });
    });
    const headers = { Connection: "Upgrade", Upgrade: "websocket", Cookie: visitor.cookies };
    request(site.url, { headers, agent: false })
      .on("error", () => {})
      .end();
    expect(await done).toBe(12);
    expect(await bench.stored(id)).toMatchObject({ views: 12 });
  });

  it("an app whose error handling answers: the session is saved with the error page", async () => {
    const app = express().use(handler(middleware()));
    app.get("/", (req) => {
      (req as unknown as SessionRequest).session.flash = "that went wrong";
      throw new Error("broken");
    });
    app.use(((error, _req, res, _next) => void res.status(400).send(error.message)) as express.ErrorRequestHandler);
    const answer = await (await serve(app)).get().expect(400, "broken");
    expect(await bench.stored(sentId(answer))).toMatchObject({ flash: "that went wrong" });
  });

  it("an app that answers an unknown address: the session is saved with the 404", async () => {
    const app = express().use(handler(middleware()));
    app.use((req, _res, next) => (((req as unknown as SessionRequest).session.lost = true), next()));
    const answer = await (await serve(app)).get("/nowhere").expect(404);
    expect(await bench.stored(sentId(answer))).toMatchObject({ lost: true });
  });
});
