/** reload and save in the middle of a request. */
import { Session } from "express-session";
import { describe, expect, it } from "vitest";
import { useBench } from "./support/bench.js";
import { candidates } from "./support/middlewares.js";
import { sentCookie, sentId, type Handler, type SessionRequest } from "./support/site.js";
import { NotingStore } from "./support/stores.js";

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

  describe("reload", () => {
    it("brings what another request saved, as a new object, without what this one changed", async () => {
      const { visitor, site } = await begin({
        "/reload": async (req, res) => {
          const before = req.session;
          req.session.mine = true;
          await site.get("/write", { Cookie: req.headers.cookie! });
          await call(req, "reload");
          const seen = `${req.session.views} ${req.session.mine} ${req.session !== before}`;
          res.end(`${seen} ${req.session.id === before.id}`);
        },
      });
      expect((await visitor.get("/reload")).text).toBe("2 undefined true true");
      expect((await visitor.get("/write")).text).toBe("3");
    });

    it("keeps the original maxAge and its class", async () => {
      const { visitor } = await begin(
        {
          "/reload": async (req, res) => {
            await call(req, "reload");
            const { expires, originalMaxAge } = req.session.cookie;
            res.end(
              `${expires instanceof Date} ${Math.round(originalMaxAge! / 1000)} ${req.session instanceof Session}`,
            );
          },
        },
        { cookie: { maxAge: 60_000 } },
      );
      expect((await visitor.get("/reload")).text).toBe("true 60 true");
    });

    it("gives the error that the session is gone, as often as it is called", async () => {
      const { visitor, id } = await begin({
        "/reload": async (req, res) => {
          await bench.client.del(bench.prefix + id);
          const messages: string[] = [];
          for (let i = 0; i < 20; i++) await call(req, "reload").catch((error: Error) => messages.push(error.message));
          res.end(`${messages.length} ${new Set(messages).size} ${messages[0]}`);
        },
      });
      expect((await visitor.get("/reload")).text).toBe("20 1 failed to load session");
    });

    it("can be followed by a change, by save, and by another reload", async () => {
      const { visitor, id } = await begin({
        "/reload": async (req, res) => {
          await call(req, "reload");
          req.session.views = 10;
          await call(req, "save");
          await call(req, "reload");
          req.session.views += 1;
          res.end(String(req.session.views));
        },
      });
      expect((await visitor.get("/reload")).text).toBe("11");
      expect(await bench.stored(id)).toMatchObject({ views: 11 });
    });
  });

  describe("save", () => {
    it("stores at once, so that another request sees it while this one goes on", async () => {
      const { visitor, id } = await begin({
        "/save": async (req, res) => {
          req.session.views = 5;
          await call(req, "save");
          res.end(JSON.stringify((await bench.stored(id))!["views"]));
        },
      });
      expect((await visitor.get("/save")).text).toBe("5");
    });

    it("of a new session stores it, and the answer brings the cookie", async () => {
      const { site } = await begin({
        "/save": async (req, res) => {
          req.session.user = "ann";
          await call(req, "save");
          res.end(`${(await bench.stored(req.sessionID))!["user"]}`);
        },
      });
      expect(sentCookie(await site.get("/save").expect("ann"))).toBeDefined();
    });

    it.each([true, false])("spares the save at the end (saveUninitialized: %s)", async (saveUninitialized) => {
      const save: Handler = async (req, res) => {
        req.session.views = (req.session.views ?? 0) + 1;
        await call(req, "save");
        res.end();
      };
      const { visitor, site } = await begin({ "/save": save }, { saveUninitialized });
      expect(await bench.writesDuring(() => visitor.get("/save"))).toBe(1);
      expect(await bench.writesDuring(() => site.get("/save").then())).toBe(1);
    });

    it("spares the save at the end also after a reload", async () => {
      const store = new NotingStore();
      const pages: Record<string, Handler> = {
        "/save": async (req, res) => {
          await call(req, "reload");
          req.session.views = 5;
          await call(req, "save");
          res.end();
        },
      };
      const { visitor } = await begin(pages, { store });
      await visitor.get("/save");
      expect(store.count("set")).toBe(2); // by /write, and by save
    });

    it("does not lose what changes after it", async () => {
      const { visitor, id } = await begin({
        "/save": async (req, res) => {
          for (const views of [5, 6, 7]) {
            req.session.views = views;
            await call(req, "save");
          }
          req.session.after = true;
          res.end();
        },
      });
      await visitor.get("/save");
      expect(await bench.stored(id)).toMatchObject({ views: 7, after: true });
    });

    it("needs no callback", async () => {
      const { visitor, id } = await begin({
        "/save": (req, res) => void ((req.session.views = 5), req.session.save(), res.end("saved")),
      });
      expect((await visitor.get("/save")).text).toBe("saved");
      await expect.poll(async () => (await bench.stored(id))!["views"]).toBe(5);
    });

    it("of an unchanged session gives no error", async () => {
      const { visitor } = await begin({ "/save": async (req, res) => (await call(req, "save"), res.end("saved")) });
      expect((await visitor.get("/save")).text).toBe("saved");
    });

    it("works after the answer has ended, as a web socket or a long job needs it", async () => {
      let later: Promise<void> | undefined;
      const { visitor, id } = await begin({
        "/job": (req, res) => {
          res.end("started");
          later = new Promise((resolve) => res.once("finish", resolve)).then(() => {
            req.session.job = "done";
            return call(req, "save");
          });
        },
      });
      expect((await visitor.get("/job")).text).toBe("started");
      await later;
      expect(await bench.stored(id)).toMatchObject({ views: 1, job: "done" });
    });
  });
});
