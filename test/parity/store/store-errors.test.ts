/** A store that fails: who is told of the error, and what the visitor gets. */
import { MemoryStore } from "express-session";
import { describe, expect, it } from "vitest";
import { useBench } from "../support/bench.js";
import { candidates, type ParityOptions } from "../support/middlewares.js";
import { openNotingSite } from "../support/noting-site.js";
import { sentCookie, sentId, setCookies, type Handler, type SessionRequest } from "../support/site.js";

const bench = useBench();

type Method = "save" | "reload" | "regenerate" | "destroy";
const outcome = (req: SessionRequest, method: Method): Promise<string> =>
  new Promise((resolve) => void req.session[method]((error?: Error) => resolve(error ? error.message : "done")));

describe.each(candidates)("errors of the store, for $name", (candidate) => {
  const begin = (pages?: Record<string, Handler>, options?: Partial<ParityOptions>) =>
    openNotingSite(bench, candidate, pages, options);

  describe("when a session is looked for", () => {
    it("goes to the error handling, and the handler does not run", async () => {
      let runs = 0;
      const { store, site, visitor } = await begin({ "/count": (_, res) => void (runs++, res.end()) });
      const error = store.fail("get");
      const answer = await visitor.get("/count");
      expect([answer.status, answer.text, setCookies(answer), runs]).toEqual([500, "no get today", [], 0]);
      expect(site.errors).toEqual([error]);
    });

    it("does not touch visitors without a session", async () => {
      const { store, site } = await begin();
      store.fail("get");
      await site.get("/write").expect(200, "1");
    });

    it("goes to the error handling also when the store throws", async () => {
      const { store, visitor } = await begin();
      store.get = () => {
        throw new Error("out of order");
      };
      const answer = await visitor.get("/write");
      expect([answer.status, answer.text]).toEqual([500, "out of order"]);
    });

    it("called ENOENT means that there is no session: a new one begins", async () => {
      const { store, visitor, id } = await begin();
      Object.assign(store.fail("get"), { code: "ENOENT" });
      const answer = await visitor.get("/write");
      expect([answer.status, answer.text]).toEqual([200, "1"]);
      expect(sentId(answer)).not.toBe(id);
    });

    it("is over when the store answers again", async () => {
      const { store, visitor } = await begin();
      store.fail("get");
      await visitor.get("/write");
      store.failing.clear();
      expect((await visitor.get("/write")).text).toBe("2");
    });
  });

  it("a stored session without a cookie never throws where a handler looks at it", async () => {
    const { store, visitor, id } = await begin();
    store.data[id] = '{"views":1}';
    const answer = await visitor.get("/write");
    if (candidate.name.startsWith("redisSession")) expect([answer.status, answer.text]).toEqual([200, "1"]);
    else expect(answer.status).toBe(500);
  });

  describe("when a handler asks for something", () => {
    it.each<[Method, "get" | "set" | "destroy"]>([
      ["save", "set"],
      ["reload", "get"],
      ["regenerate", "destroy"],
      ["destroy", "destroy"],
    ])("is given to the callback of %s", async (method, failing) => {
      const { store, visitor } = await begin({
        "/ask": async (req, res) => {
          const error = store.fail(failing);
          const said = await outcome(req, method);
          store.failing.clear();
          res.end(String(said === error.message));
        },
      });
      expect((await visitor.get("/ask")).text).toBe("true");
    });

    it("leaves it a new session after a regenerate that could not remove the old one", async () => {
      const { store, visitor, id } = await begin({
        "/login": async (req, res) => {
          store.fail("destroy");
          await outcome(req, "regenerate");
          req.session.user = "ann";
          res.end();
        },
      });
      const answer = await visitor.get("/login");
      expect(sentId(answer)).not.toBe(id);
      expect(JSON.parse(store.data[sentId(answer)]!)).toMatchObject({ user: "ann" });
    });

    it("leaves it the session it had after a reload that failed", async () => {
      const { store, visitor, id } = await begin({
        "/reload": async (req, res) => {
          req.session.mine = true;
          store.fail("get");
          await outcome(req, "reload");
          store.failing.clear();
          res.end(`${req.session.mine} ${req.session.id === req.sessionID}`);
        },
      });
      expect((await visitor.get("/reload")).text).toBe("true true");
      expect(JSON.parse(store.data[id]!)).toMatchObject({ views: 1, mine: true });
    });

    it("that is handled does not spoil the answer, when the next save succeeds", async () => {
      const { store, visitor, id } = await begin({
        "/twice": async (req, res) => {
          req.session.views = 5;
          store.fail("set");
          const first = await outcome(req, "save");
          store.failing.clear();
          const second = await outcome(req, "save");
          res.end(`${first}, ${second}`);
        },
      });
      expect((await visitor.get("/twice")).text).toBe("no set today, done");
      expect(JSON.parse(store.data[id]!)).toMatchObject({ views: 5 });
    });
  });

  describe("when the answer has begun already", () => {
    it.each<["set" | "destroy", Handler]>([
      ["set", (req, res) => void (res.write("begun, "), (req.session.views = 9), res.end("done"))],
      ["destroy", (req, res) => void (res.write("begun, "), Object.assign(req, { session: null }), res.end("done"))],
    ])("of %s goes to the error handling", async (method, handler) => {
      const { store, site, visitor } = await begin({ "/stream": handler }, { unset: "destroy" });
      const error = store.fail(method);
      const answer = site.get("/stream", { Cookie: visitor.cookies }).timeout(2_000);
      await answer.catch(() => {}); // whether the body is whole is told in differences.test.ts
      await expect.poll(() => site.errors).toEqual([error]);
    });
  });

  describe("a store that says it is disconnected", () => {
    const kind: Handler = (req, res) => res.end(typeof req.session);

    it("means requests without a session, until it is connected again", async () => {
      const { store, site, visitor } = await begin({ "/kind": kind });
      store.emit("disconnect");
      const calls = store.calls.length;
      for (const client of [site, visitor]) {
        const answer = await client.get("/kind");
        expect([answer.status, answer.text, sentCookie(answer)]).toEqual([200, "undefined", undefined]);
      }
      expect(store.calls).toHaveLength(calls);
      store.emit("connect");
      expect((await visitor.get("/kind")).text).toBe("object");
      expect((await visitor.get("/write")).text).toBe("2");
    });

    it("does not disturb a site with another store", async () => {
      const store = new MemoryStore();
      const other = await bench.site(candidate, { store: new MemoryStore() }, kind);
      const site = await bench.site(candidate, { store }, kind);
      store.emit("disconnect");
      await site.get().expect("undefined");
      await other.get().expect("object");
    });
  });
});
