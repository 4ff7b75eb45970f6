/** Which requests write the session: `saveUninitialized`, `resave`, `rolling`, and what counts as a change. */
import { MemoryStore } from "express-session";
import { describe, expect, it, vi } from "vitest";
import { useBench } from "./support/bench.js";
import { candidates } from "./support/middlewares.js";
import { sentCookie, sentId, setCookies, type Handler } from "./support/site.js";

const bench = useBench();

const write: Handler = (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  res.end(String(req.session.views));
};
const read: Handler = (req, res) => res.end(String(req.session.views));
const ignore: Handler = (_req, res) => res.end("ignored");
const pages = { "/write": write, "/read": read, "/ignore": ignore };

describe.each(candidates)("saving, by $name", (candidate) => {
  it("keeps what a visitor's session holds, apart from every other visitor's", async () => {
    const site = await bench.site(candidate, {}, pages);
    const [ann, ben] = [site.visitor(), site.visitor()];
    await ann.get("/write");
    await ann.get("/write");
    await ben.get("/write");
    expect([(await ann.get("/read")).text, (await ben.get("/read")).text]).toEqual(["2", "1"]);
    expect(await bench.ids()).toHaveLength(2);
  });

  it("keeps what JSON keeps: text, numbers, null, lists, nested objects, dates as text", async () => {
    const data = {
      text: "ü \u2028 \0 ☃",
      zero: 0,
      no: false,
      none: null,
      list: [],
      map: { a: [{ b: {} }] },
      date: new Date(0),
    };
    const site = await bench.site(
      candidate,
      {},
      {
        "/set": (req, res) => void (Object.assign(req.session, data), res.end()),
        "/get": (req, res) => res.end(JSON.stringify({ data: req.session })),
      },
    );
    const visitor = site.visitor();
    await visitor.get("/set");
    expect(JSON.parse((await visitor.get("/get")).text).data).toMatchObject(JSON.parse(JSON.stringify(data)));
  });

  describe("a new session that stays empty", () => {
    it("is neither stored nor sent with saveUninitialized: false", async () => {
      const site = await bench.site(candidate, {}, pages);
      const answers = [await site.get("/ignore"), await site.get("/read")];
      expect([answers.map(setCookies), await bench.ids()]).toEqual([[[], []], []]);
    });

    it("is stored and sent with saveUninitialized: true", async () => {
      const site = await bench.site(candidate, { saveUninitialized: true }, pages);
      const id = sentId(await site.get("/ignore").expect(200));
      expect(await bench.stored(id)).toEqual({ cookie: expect.anything() });
    });

    it("with saveUninitialized: true, is found by the next request", async () => {
      const site = await bench.site(candidate, { saveUninitialized: true }, pages);
      const visitor = site.visitor();
      const id = sentId(await visitor.get("/ignore"));
      expect(setCookies(await visitor.get("/ignore"))).toEqual([]);
      expect(await bench.ids()).toEqual([id]);
    });

    it("counts as changed once something was put into it, even if that is undefined's opposite: null", async () => {
      const site = await bench.site(candidate, {}, (req, res) => {
        req.session.user = null;
        res.end();
      });
      expect(await bench.stored(sentId(await site.get()))).toMatchObject({ user: null });
    });

    it("does not count as changed by an undefined value or by its cookie", async () => {
      const site = await bench.site(candidate, {}, (req, res) => {
        req.session.user = undefined;
        req.session.cookie.maxAge = 60_000;
        res.end();
      });
      expect([setCookies(await site.get()), await bench.ids()]).toEqual([[], []]);
    });
  });

  describe("a session that exists", () => {
    async function begin() {
      const site = await bench.site(
        candidate,
        {},
        {
          ...pages,
          "/begin": (req, res) =>
            void (Object.assign(req.session, { views: 1, cart: { items: [1] }, gone: 1 }), res.end()),
          "/deep": (req, res) => void (req.session.cart.items.push(2), res.end()),
          "/delete": (req, res) => void (delete req.session.gone, res.end()),
          "/same": (req, res) => void ((req.session.views = 1), (req.session.cart = { items: [1] }), res.end()),
          "/back": (req, res) => void ((req.session.views = 2), (req.session.views = 1), res.end()),
          "/cookie-inside": (req, res) => void ((req.session.cart.cookie = "oat"), res.end()),
          "/cookie-changes": (req, res) => void ((req.session.cart.cookie = "rye"), res.end()),
        },
      );
      const visitor = site.visitor();
      const id = sentId(await visitor.get("/begin"));
      return { visitor, id };
    }

    it("is not written when it was only read, not even looked at, or set to what it was", async () => {
      const { visitor, id } = await begin();
      const before = await bench.client.get(bench.prefix + id);
      const count = await bench.writesDuring(async () => {
        for (const path of ["/read", "/ignore", "/same", "/back"]) await visitor.get(path);
      });
      expect([count, await bench.client.get(bench.prefix + id)]).toEqual([0, before]);
    });

    it("is written once by a request that changed it", async () => {
      const { visitor, id } = await begin();
      expect(await bench.writesDuring(() => visitor.get("/write"))).toBe(1);
      expect(await bench.stored(id)).toMatchObject({ views: 2, cart: { items: [1] } });
    });

    it("is written when something deep inside changed, and when something was deleted", async () => {
      const { visitor, id } = await begin();
      await visitor.get("/deep");
      expect((await bench.stored(id))!["cart"]).toEqual({ items: [1, 2] });
      await visitor.get("/delete");
      expect(await bench.stored(id)).not.toHaveProperty("gone");
    });

    it("is written when a key called cookie deeper inside changed", async () => {
      const { visitor, id } = await begin();
      await visitor.get("/cookie-inside");
      await visitor.get("/cookie-changes");
      expect((await bench.stored(id))!["cart"].cookie).toBe("rye");
    });

    it("is given to the store by every request with resave: true, and only then", async () => {
      for (const [resave, expected] of [
        [true, 3],
        [false, 1],
      ] as const) {
        const store = new MemoryStore();
        const visitor = (await bench.site(candidate, { resave, store }, pages)).visitor();
        await visitor.get("/write");
        const set = vi.spyOn(store, "set");
        for (const path of ["/read", "/ignore", "/write"]) await visitor.get(path);
        expect(set).toHaveBeenCalledTimes(expected);
      }
    });

    it("outlives its first lifetime with resave: true", async () => {
      const site = await bench.site(candidate, { resave: true, cookie: { maxAge: 2_000 } }, pages);
      const visitor = site.visitor();
      await visitor.get("/write");
      const start = Date.now();
      await expect
        .poll(async () => ((await visitor.get("/read")).text === "1" ? Date.now() - start : 0), {
          timeout: 5_000,
          interval: 100,
        })
        .toBeGreaterThan(2_200);
    });

    it("with resave: true, gets a new cookie only when it changed", async () => {
      const site = await bench.site(candidate, { resave: true, cookie: { maxAge: 60_000 } }, pages);
      const visitor = site.visitor();
      await visitor.get("/write");
      expect(setCookies(await visitor.get("/read"))).toEqual([]);
      expect(setCookies(await visitor.get("/write"))).toHaveLength(1);
    });

    it("is stored before the visitor has the whole answer", async () => {
      const { visitor, id } = await begin();
      for (let views = 2; views < 30; views++) {
        await visitor.get("/write");
        expect((await bench.stored(id))!["views"]).toBe(views);
      }
    });
  });

  describe("rolling", () => {
    it("sends the cookie with every answer of a session that exists, with a new expiry", async () => {
      const site = await bench.site(candidate, { rolling: true, cookie: { maxAge: 60_000 } }, pages);
      const visitor = site.visitor();
      const first = sentCookie(await visitor.get("/write"))!;
      await expect
        .poll(() => Date.now(), { timeout: 3_000 })
        .toBeGreaterThan(Date.parse(expiry(first)) - 60_000 + 1_000);
      const second = sentCookie(await visitor.get("/read"))!;
      expect(second.value).toBe(first.value);
      expect(Date.parse(expiry(second))).toBeGreaterThan(Date.parse(expiry(first)));
    });

    it("sends it also when the cookie has no expiry", async () => {
      const visitor = (await bench.site(candidate, { rolling: true }, pages)).visitor();
      await visitor.get("/write");
      expect(sentCookie(await visitor.get("/ignore"))).toBeDefined();
    });

    it("is off unless it is asked for", async () => {
      const visitor = (await bench.site(candidate, { cookie: { maxAge: 60_000 } }, pages)).visitor();
      await visitor.get("/write");
      expect(sentCookie(await visitor.get("/ignore"))).toBeUndefined();
    });

    it("sends nothing for a new session that stays empty, unless saveUninitialized is true", async () => {
      const not = await bench.site(candidate, { rolling: true }, pages);
      expect(sentCookie(await not.get("/ignore"))).toBeUndefined();
      const all = await bench.site(candidate, { rolling: true, saveUninitialized: true }, pages);
      expect(sentCookie(await all.get("/ignore"))).toBeDefined();
      const changed = await bench.site(candidate, { rolling: true }, pages);
      expect(sentCookie(await changed.get("/write"))).toBeDefined();
    });
  });
});

const expiry = (cookie: { attributes: Record<string, string | true> }) => cookie.attributes["expires"] as string;
