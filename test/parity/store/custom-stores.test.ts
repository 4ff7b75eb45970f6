/** Any express-session store behind the middleware: synchronous, without touch, slow, wrapped; and which calls it gets. */
import { MemoryStore, type SessionData } from "express-session";
import { describe, expect, it } from "vitest";
import { useBench } from "../support/bench.js";
import { candidates } from "../support/middlewares.js";
import { sentCookie, sentId, type Handler } from "../support/site.js";
import { NotingStore, SynchronousStore } from "../support/stores.js";

const bench = useBench();

const write: Handler = (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  res.end(String(req.session.views));
};
const pages: Record<string, Handler> = {
  "/write": write,
  "/read": (req, res) => res.end(String(req.session.views)),
  "/unset": (req, res) => void (Object.assign(req, { session: null }), res.write("un"), res.end("set")),
  "/logout": (req, res) => void req.session.destroy(() => res.end("bye")),
  "/login": (req, res) =>
    void req.session.regenerate(() => {
      req.session.user = "ann";
      req.session.save(() => res.end("in"));
    }),
  "/reload": (req, res) => void req.session.reload(() => write(req, res)),
};

describe.each(candidates)("a store of one's own, behind $name", (candidate) => {
  it("that answers synchronously and has no touch serves every page", async () => {
    const store = new SynchronousStore();
    const site = await bench.site(candidate, { store, unset: "destroy", cookie: { maxAge: 60_000 } }, pages);
    const visitor = site.visitor();
    const texts: string[] = [];
    for (const path of ["/write", "/read", "/reload", "/login", "/write", "/unset", "/write", "/logout", "/read"]) {
      texts.push((await visitor.get(path)).text);
    }
    expect(texts).toEqual(["1", "1", "2", "in", "1", "unset", "1", "bye", "undefined"]);
    expect([store.data.size, site.errors]).toEqual([0, []]);
  });

  it("without touch is not written by a request that only reads", async () => {
    const store = new SynchronousStore();
    const visitor = (await bench.site(candidate, { store }, pages)).visitor();
    const id = sentId(await visitor.get("/write"));
    const before = store.data.get(id);
    await visitor.get("/read");
    expect(store.data.get(id)).toBe(before);
  });

  it("is asked once for a session, and once to keep what changed", async () => {
    const store = new NotingStore();
    const visitor = (await bench.site(candidate, { store }, pages)).visitor();
    await visitor.get("/write");
    expect(store.calls).toEqual(["set"]);
    await visitor.get("/write");
    expect(store.calls).toEqual(["set", "get", "set"]);
  });

  it("is asked to touch a session that was only read, with the new expiry", async () => {
    const store = new NotingStore();
    const visitor = (await bench.site(candidate, { store, cookie: { maxAge: 60_000 } }, pages)).visitor();
    const id = sentId(await visitor.get("/write"));
    const expiry = () => Date.parse(JSON.parse(store.data[id]!).cookie.expires);
    const before = expiry();
    await expect.poll(() => Date.now(), { interval: 2 }).toBeGreaterThan(before - 60_000 + 20);
    await visitor.get("/read");
    await expect.poll(expiry).toBeGreaterThan(before);
    expect(store.calls).toEqual(["set", "get", "touch"]);
  });

  it("is not asked to touch a new session that stays empty, nor one that was saved", async () => {
    const store = new NotingStore();
    const site = await bench.site(candidate, { store }, pages);
    await site.get("/read");
    expect(store.calls).toEqual([]);
    const all = await bench.site(candidate, { store, saveUninitialized: true }, pages);
    await all.get("/read");
    expect(store.calls).toEqual(["set"]);
  });

  it.each([null, undefined, false, 0, ""])("may say %j for a session that it does not have", async (nothing) => {
    const store = new SynchronousStore();
    const visitor = (await bench.site(candidate, { store }, pages)).visitor();
    await visitor.get("/write");
    store.get = (_sid: string, callback: (error: unknown, session?: any) => void) => callback(null, nothing);
    expect((await visitor.get("/write")).text).toBe("1");
  });

  it("that is slow is waited for: the answer ends when the session is stored", async () => {
    const store = new NotingStore();
    let release!: () => void;
    store.waiting.set("set", new Promise((resolve) => (release = resolve)));
    const site = await bench.site(candidate, { store }, write);
    let isHere = false;
    const answer = site.get().then((result) => ((isHere = true), result));
    await expect.poll(() => store.count("set")).toBe(1);
    await site
      .get("/", { Connection: "close" })
      .timeout(50)
      .catch(() => {}); // the server had time to answer
    expect(isHere).toBe(false);
    release();
    expect((await answer).text).toBe("1");
    expect(Object.keys(store.data)).toContain(sentId(await answer));
  });

  it("is given sessions made by its own createSession", async () => {
    class Upgrading extends MemoryStore {
      override createSession(req: any, data: SessionData) {
        return super.createSession(req, Object.assign(data, { version: 2 }));
      }
    }
    const site = await bench.site(
      candidate,
      { store: new Upgrading() },
      {
        ...pages,
        "/version": (req, res) => res.end(String(req.session.version)),
      },
    );
    const visitor = site.visitor();
    await visitor.get("/write");
    expect((await visitor.get("/version")).text).toBe("2");
  });

  it("is what req.sessionStore says, and can be used while a request runs", async () => {
    const store = new NotingStore();
    const site = await bench.site(
      candidate,
      { store },
      {
        ...pages,
        "/others": (req, res) => {
          const own = req.sessionStore === (store as unknown);
          store.all((_, sessions) => res.end(`${own} ${Object.keys(sessions!).length}`));
        },
      },
    );
    await site.get("/write");
    await site.get("/write");
    await site.get("/others").expect("true 2");
  });

  it("gets a destroy for unset: destroy, and no set", async () => {
    const store = new NotingStore();
    const visitor = (await bench.site(candidate, { store, unset: "destroy" }, pages)).visitor();
    await visitor.get("/write");
    const answer = await visitor.get("/unset");
    expect([answer.text, sentCookie(answer)]).toEqual(["unset", undefined]);
    expect(store.calls).toEqual(["set", "get", "destroy"]);
  });
});
