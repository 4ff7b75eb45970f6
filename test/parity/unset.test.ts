/** Taking req.session away: `req.session = null`, `delete req.session`, and the option `unset`. */
import { describe, expect, it } from "vitest";
import { useBench } from "./support/bench.js";
import { candidates } from "./support/middlewares.js";
import { sentId, setCookies, type Handler, type SessionRequest } from "./support/site.js";

const bench = useBench();

const write: Handler = (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  res.end(String(req.session.views));
};

const ways: [string, (req: SessionRequest) => void][] = [
  ["req.session = null", (req) => void Object.assign(req, { session: null })],
  ["req.session = undefined", (req) => void Object.assign(req, { session: undefined })],
  ["delete req.session", (req) => void delete (req as Partial<SessionRequest>).session],
];

describe.each(candidates)("unset, for $name", (candidate) => {
  describe.each(ways)("%s", (_, takeAway) => {
    const unsetAfterChange: Handler = (req, res) => {
      req.session.views = 99;
      takeAway(req);
      res.end("unset");
    };
    const pages = { "/write": write, "/unset": unsetAfterChange };

    it("with keep, which is the default, ignores the request's changes and keeps the session", async () => {
      for (const options of [{}, { unset: "keep" as const }]) {
        const visitor = (await bench.site(candidate, options, pages)).visitor();
        const id = sentId(await visitor.get("/write"));
        expect(setCookies(await visitor.get("/unset"))).toEqual([]);
        expect((await bench.stored(id))!["views"]).toBe(1);
        expect((await visitor.get("/write")).text).toBe("2");
      }
    });

    it("with destroy, the session is gone when the answer is there", async () => {
      const visitor = (await bench.site(candidate, { unset: "destroy" }, pages)).visitor();
      const id = sentId(await visitor.get("/write"));
      const answer = await visitor.get("/unset");
      expect([answer.status, answer.text, setCookies(answer)]).toEqual([200, "unset", []]);
      expect(await bench.stored(id)).toBeNull();
      const next = await visitor.get("/write");
      expect([next.text, sentId(next) === id]).toEqual(["1", false]);
    });

    it.each([true, false])(
      "of a new session stores and sends nothing (saveUninitialized: %s)",
      async (saveUninitialized) => {
        for (const unset of ["keep", "destroy"] as const) {
          const site = await bench.site(candidate, { unset, saveUninitialized }, pages);
          expect(setCookies(await site.get("/unset").expect(200, "unset"))).toEqual([]);
        }
        expect(await bench.ids()).toEqual([]);
      },
    );

    it("with destroy and rolling, sends no cookie either", async () => {
      const options = { unset: "destroy" as const, rolling: true, resave: true, cookie: { maxAge: 60_000 } };
      const visitor = (await bench.site(candidate, options, pages)).visitor();
      await visitor.get("/write");
      expect(setCookies(await visitor.get("/unset"))).toEqual([]);
      expect(await bench.ids()).toEqual([]);
    });
  });

  it("with destroy, the whole body arrives: none, in pieces, with a length", async () => {
    const takeAway = ways[0]![1];
    const visitor = (
      await bench.site(
        candidate,
        { unset: "destroy" },
        {
          "/write": write,
          "/none": (req, res) => void (takeAway(req), res.end()),
          "/pieces": (req, res) => void (takeAway(req), res.write("one "), res.end("two")),
          "/length": (req, res) => void (takeAway(req), res.setHeader("Content-Length", 5), res.end("hello")),
        },
      )
    ).visitor();
    for (const [path, body] of [
      ["/none", ""],
      ["/pieces", "one two"],
      ["/length", "hello"],
    ] as const) {
      await visitor.get("/write");
      const answer = await visitor.get(path);
      expect([answer.status, answer.text]).toEqual([200, body]);
      expect(await bench.ids()).toEqual([]);
    }
  });

  it("can also be done before the handler writes the head", async () => {
    const visitor = (
      await bench.site(
        candidate,
        { unset: "destroy" },
        {
          "/write": write,
          "/head": (req, res) => void (ways[0]![1](req), res.writeHead(202, { "X-Left": "yes" }), res.end("bye")),
        },
      )
    ).visitor();
    await visitor.get("/write");
    const answer = await visitor.get("/head");
    expect([answer.status, answer.headers["x-left"], answer.text]).toEqual([202, "yes", "bye"]);
    expect(await bench.ids()).toEqual([]);
  });

  it("must be keep or destroy", () => {
    expect(() => bench.middleware(candidate, { unset: "forget" as never })).toThrow(/unset/);
  });
});
