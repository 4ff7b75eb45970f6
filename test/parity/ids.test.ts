/** Session ids: how they are made, where they show, and when a visitor gets a new one. */
import { sign } from "cookie-signature";
import { MemoryStore } from "express-session";
import { describe, expect, it } from "vitest";
import { secret, useBench } from "./support/bench.js";
import { candidates } from "./support/middlewares.js";
import { sentCookie, sentId, setCookies, type Handler } from "./support/site.js";

const bench = useBench();

const count: Handler = (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  res.end(String(req.session.views));
};
const header = (id: string) => ({ Cookie: `connect.sid=${encodeURIComponent(`s:${sign(id, secret)}`)}` });

describe.each(candidates)("session ids of $name", (candidate) => {
  it("are 24 random bytes that need no encoding, a new one for every visitor", async () => {
    const site = await bench.site(candidate, {}, count);
    const ids = await Promise.all(Array.from({ length: 20 }, async () => sentId(await site.get())));
    for (const id of ids) expect(id).toMatch(/^[\w-]{32}$/);
    expect(new Set(ids).size).toBe(20);
    expect((await bench.ids()).sort()).toEqual(ids.sort());
  });

  it("are the same in req.sessionID, req.session.id, the cookie and the store", async () => {
    const site = await bench.site(candidate, {}, (req, res) => {
      req.session.views = 1;
      res.end(`${req.sessionID} ${req.session.id}`);
    });
    const answer = await site.get();
    const id = sentId(answer);
    expect([answer.text, await bench.ids()]).toEqual([`${id} ${id}`, [id]]);
  });

  it("stay the same from request to request", async () => {
    const site = await bench.site(candidate, {}, (req, res) => {
      req.session.views = (req.session.views ?? 0) + 1;
      res.end(req.sessionID);
    });
    const visitor = site.visitor();
    const first = await visitor.get();
    expect([(await visitor.get()).text, (await visitor.get()).text]).toEqual([first.text, first.text]);
  });

  it("are known before the session is looked at", async () => {
    const seen: string[] = [];
    const site = await bench.site(candidate, {}, (req, res) => {
      seen.push(req.sessionID);
      if (seen.length === 1) req.session.views = 1;
      res.end();
    });
    const visitor = site.visitor();
    const id = sentId(await visitor.get());
    await visitor.get();
    expect(seen).toEqual([id, id]);
  });

  it("cannot be changed in the session", async () => {
    const site = await bench.site(candidate, {}, (req, res) => {
      const { id } = req.session;
      expect(() => Object.assign(req.session, { id: "mine" })).toThrow(TypeError);
      res.end(String(req.session.id === id && !Object.keys(req.session).includes("id")));
    });
    await site.get().expect(200, "true");
  });

  describe("genid", () => {
    it("makes them from the request", async () => {
      const genid = (req: { url?: string }) => `id-of-${req.url!.slice(1)}`;
      const site = await bench.site(candidate, { genid }, count);
      expect(sentId(await site.get("/ann"))).toBe("id-of-ann");
      expect(await bench.ids()).toEqual(["id-of-ann"]);
    });

    it("may use characters that a cookie cannot carry: they are encoded", async () => {
      const id = '"ü; ,=%/\\';
      const site = await bench.site(candidate, { genid: () => id }, count);
      const visitor = site.visitor();
      const answer = await visitor.get();
      expect([sentId(answer), await bench.ids()]).toEqual([id, [id]]);
      expect((await visitor.get()).text).toBe("2");
    });

    it("must be a function", () => {
      expect(() => bench.middleware(candidate, { genid: "ids" as never })).toThrow(/genid/);
    });

    it("that throws is answered as an error of the request", async () => {
      const genid = () => {
        throw new Error("no ids left");
      };
      await (await bench.site(candidate, { genid }, count)).get().expect(500, "no ids left");
    });
  });

  describe("a cookie whose session is gone", () => {
    it("leads to a new session under a new id, never under the one that was sent", async () => {
      const site = await bench.site(candidate, {}, count);
      const visitor = site.visitor();
      const id = sentId(await visitor.get());
      await bench.client.del(bench.prefix + id);
      const answer = await visitor.get();
      expect(answer.text).toBe("1");
      expect(sentId(answer)).not.toBe(id);
      expect(await bench.ids()).toEqual([sentId(answer)]);
    });

    it("leads to a new session when it expired", async () => {
      const site = await bench.site(candidate, { cookie: { maxAge: 60_000 } }, count);
      const visitor = site.visitor();
      const id = sentId(await visitor.get());
      await bench.client.pExpire(bench.prefix + id, 1);
      await expect.poll(() => bench.client.exists(bench.prefix + id)).toBe(0);
      const answer = await visitor.get();
      expect([answer.text, sentId(answer) === id]).toEqual(["1", false]);
    });

    it("leads to a new session with a signed id that nobody ever had", async () => {
      const site = await bench.site(candidate, {}, count);
      const answer = await site.get("/", header("chosen-by-the-visitor")).expect("1");
      expect(sentId(answer)).not.toBe("chosen-by-the-visitor");
    });

    it("sets no cookie when the new session stays empty", async () => {
      const site = await bench.site(candidate, {}, (req, res) => res.end(String(Object.keys(req.session))));
      const answer = await site.get("/", header("gone")).expect(200, "cookie");
      expect([setCookies(answer), await bench.ids()]).toEqual([[], []]);
    });
  });

  it("that are no strings are neither stored nor sent", async () => {
    const store = new MemoryStore();
    const site = await bench.site(candidate, { store, saveUninitialized: true }, (req, res) => {
      Object.assign(req, { sessionID: () => "no string" });
      req.session.views = 1;
      res.end("done");
    });
    expect(sentCookie(await site.get().expect(200, "done"))).toBeUndefined();
    expect((store as unknown as { sessions: object }).sessions).toEqual({});
  });
});
