/** The object req.session: what a handler sees in it, regenerate and destroy. */
import { Session } from "express-session";
import { describe, expect, it } from "vitest";
import { useBench } from "./support/bench.js";
import { candidates } from "./support/middlewares.js";
import { sentId, setCookies, type Handler, type SessionRequest } from "./support/site.js";

const bench = useBench();

const write: Handler = (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  res.end(String(req.session.views));
};
type Method = "save" | "reload" | "regenerate" | "destroy";
const call = (req: SessionRequest, method: Method): Promise<void> =>
  new Promise((resolve, reject) => void req.session[method]((error: unknown) => (error ? reject(error) : resolve())));

describe.each(candidates)("req.session of $name", (candidate) => {
  /** A visitor with a stored session `{ views: 1 }` on a site with more pages. */
  async function begin(pages: Record<string, Handler>, options = {}) {
    const site = await bench.site(candidate, options, { "/write": write, ...pages });
    const visitor = site.visitor();
    const id = sentId(await visitor.get("/write"));
    return { site, visitor, id };
  }

  describe("the object", () => {
    it("is a Session of express-session; only the data and the cookie can be enumerated", async () => {
      const show: Handler = (req, res) => {
        Object.assign(req.session, { a: 1, b: 2 });
        const keys: string[] = [];
        for (const key in req.session) keys.push(key);
        res.end(JSON.stringify([req.session instanceof Session, keys.sort(), Object.keys(req.session).sort()]));
      };
      const keys = ["a", "b", "cookie"];
      const { site, visitor } = await begin({ "/show": show });
      await site.get("/show").expect(JSON.stringify([true, keys, keys]));
      const loaded = [...keys, "views"];
      expect((await visitor.get("/show")).text).toBe(JSON.stringify([true, loaded, loaded]));
    });

    it("serializes to its data and cookie", async () => {
      const { visitor } = await begin({ "/json": (req, res) => res.end(JSON.stringify(req.session)) });
      const { cookie, ...data } = JSON.parse((await visitor.get("/json")).text);
      expect([data, cookie]).toEqual([{ views: 1 }, expect.objectContaining({ path: "/", originalMaxAge: null })]);
    });

    it("keeps its methods when the stored data has keys of their names", async () => {
      const { visitor, id } = await begin({
        "/use": async (req, res) => {
          await call(req, "save");
          res.end(`${typeof req.session.save} ${req.session.id === req.sessionID}`);
        },
      });
      const stored = {
        ...(await bench.stored(id)),
        save: "no",
        id: "no",
        touch: 1,
        req: 1,
        reload: null,
        toString: "no",
      };
      await bench.client.set(bench.prefix + id, JSON.stringify(stored));
      expect((await visitor.get("/use")).text).toBe("function true");
      expect((await visitor.get("/write")).text).toBe("2");
    });

    it("knows its request, and the request its store", async () => {
      const { visitor, id } = await begin({
        "/store": async (req, res) => {
          const { sessionStore: store } = req;
          const found = await new Promise<any>((resolve) => store.get(req.sessionID, (_, session) => resolve(session)));
          const loaded = await new Promise<any>((resolve) =>
            store.load(req.sessionID, (_, session) => resolve(session)),
          );
          const same = (req.session as unknown as { req: unknown }).req === req;
          res.end(JSON.stringify([same, found.views, loaded.views, loaded.id, loaded instanceof Session]));
        },
      });
      expect(JSON.parse((await visitor.get("/store")).text)).toEqual([true, 1, 1, id, true]);
    });

    it("is what regenerate and destroy return", async () => {
      const { visitor } = await begin({
        "/chain": async (req, res) => {
          const same: boolean[] = [];
          for (const method of ["regenerate", "destroy"] as const) {
            const { session } = req;
            await new Promise((resolve) => void same.push(session[method](resolve) === session));
          }
          res.end(String(same));
        },
      });
      expect((await visitor.get("/chain")).text).toBe("true,true");
    });
  });

  describe("regenerate", () => {
    it("gives a new id and an empty session, and destroys the old one", async () => {
      const { visitor, id } = await begin({
        "/login": async (req, res) => {
          await call(req, "regenerate");
          const empty = Object.keys(req.session).join();
          req.session.user = "ann";
          res.end(`${empty} ${req.sessionID === req.session.id}`);
        },
        "/user": (req, res) => res.end(`${req.session.user} ${req.session.views}`),
      });
      const answer = await visitor.get("/login");
      expect(answer.text).toBe("cookie true");
      expect(sentId(answer)).not.toBe(id);
      expect(await bench.ids()).toEqual([sentId(answer)]);
      expect((await visitor.get("/user")).text).toBe("ann undefined");
    });

    it("makes a session with the options of the site, not with those of the old session", async () => {
      const { visitor } = await begin(
        {
          "/change": (req, res) => void ((req.session.cookie.maxAge = 5_000), (req.session.a = 1), res.end()),
          "/login": async (req, res) => {
            await call(req, "regenerate");
            req.session.user = "ann";
            res.end(String(Math.round(req.session.cookie.originalMaxAge! / 1000)));
          },
        },
        { cookie: { maxAge: 60_000 } },
      );
      await visitor.get("/change");
      expect((await visitor.get("/login")).text).toBe("60");
    });

    it("works for a new visitor and twice in one request", async () => {
      const { site } = await begin({
        "/login": async (req, res) => {
          await call(req, "regenerate");
          req.session.lost = true;
          await call(req, "regenerate");
          req.session.user = "ann";
          res.end();
        },
      });
      const id = sentId(await site.get("/login").expect(200));
      expect(await bench.stored(id)).toEqual({ cookie: expect.anything(), user: "ann" });
      expect(await bench.ids()).toHaveLength(2);
    });

    it("then save, the way of every login, leaves one session with one cookie", async () => {
      const { visitor, id } = await begin({
        "/login": async (req, res) => {
          await call(req, "regenerate");
          req.session.user = "ann";
          await call(req, "save");
          res.writeHead(302, { Location: "/home" }).end();
        },
      });
      const answer = await visitor.get("/login");
      expect([answer.status, setCookies(answer).length]).toEqual([302, 1]);
      expect(sentId(answer)).not.toBe(id);
      expect(await bench.stored(sentId(answer))).toMatchObject({ user: "ann" });
      expect(await bench.ids()).toHaveLength(1);
    });

    it("then save sends the cookie of what was saved, also when nothing was put into it", async () => {
      const { visitor } = await begin({
        "/login": async (req, res) => {
          await call(req, "regenerate");
          await call(req, "save");
          res.end();
        },
      });
      const answer = await visitor.get("/login");
      expect([sentId(answer)]).toEqual(await bench.ids());
    });

    it("is also a method of req.sessionStore, as is generate", async () => {
      const { site } = await begin({
        "/regenerate": (req, res) =>
          req.sessionStore.regenerate(req as never, () => void ((req.session.by = "store"), res.end())),
        "/generate": (req, res) => {
          req.sessionStore.generate(req);
          req.session.by = "generate";
          res.end();
        },
      });
      expect(await bench.stored(sentId(await site.get("/regenerate")))).toMatchObject({ by: "store" });
      expect(await bench.stored(sentId(await site.get("/generate")))).toMatchObject({ by: "generate" });
    });
  });

  describe("destroy", () => {
    it("removes the session from store and request, and sends no cookie", async () => {
      const { visitor, id } = await begin(
        {
          "/logout": async (req, res) => {
            const gone = new Promise((resolve) => void req.session.destroy(resolve));
            const during = typeof req.session;
            await gone;
            res.end(`${during} ${await bench.stored(req.sessionID)}`);
          },
        },
        { rolling: true, cookie: { maxAge: 60_000 } },
      );
      const answer = await visitor.get("/logout");
      expect([answer.text, setCookies(answer)]).toEqual(["undefined null", []]);
      expect(await bench.stored(id)).toBeNull();
      expect((await visitor.get("/write")).text).toBe("1");
    });

    it("of a new session leaves nothing behind", async () => {
      const { site } = await begin({
        "/logout": async (req, res) => {
          req.session.user = "ann";
          await call(req, "destroy");
          res.end("bye");
        },
      });
      const before = await bench.ids();
      expect(setCookies(await site.get("/logout").expect(200, "bye"))).toEqual([]);
      expect(await bench.ids()).toEqual(before);
    });

    it("needs no callback", async () => {
      const { visitor, id } = await begin({
        "/logout": (req, res) => void (req.session.destroy(undefined as never), res.end("bye")),
      });
      expect((await visitor.get("/logout")).text).toBe("bye");
      await expect.poll(() => bench.stored(id)).toBeNull();
    });
  });
});
