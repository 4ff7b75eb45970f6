/** How long a session lives: maxAge, originalMaxAge, touch and resetMaxAge, and the time to live of its key in Redis. */
import { describe, expect, it } from "vitest";
import { useBench } from "./support/bench.js";
import { candidates } from "./support/middlewares.js";
import { sentCookie, sentId, type Handler } from "./support/site.js";

const bench = useBench();

const write: Handler = (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  res.end(String(req.session.views));
};
const show: Handler = (req, res) => {
  const { maxAge, originalMaxAge, expires } = req.session.cookie;
  res.end(JSON.stringify({ maxAge, originalMaxAge, isDate: expires instanceof Date, expires: expires ?? null }));
};
const hour = 3_600_000;

/** express-session reads the clock twice when it sets a maxAge, so an hour may be an hour less a millisecond. */
const about = (ms: number) => expect.closeTo(ms, -2);

/** Waits until the clock has moved on, so that a remaining time must have shrunk. */
const aMoment = async (ms = 30) => {
  const start = Date.now();
  await expect.poll(() => Date.now() - start, { interval: 5 }).toBeGreaterThan(ms);
};

describe.each(candidates)("the lifetime of a session, for $name", (candidate) => {
  describe("maxAge and originalMaxAge", () => {
    it("are the option in a new session", async () => {
      const site = await bench.site(candidate, { cookie: { maxAge: hour } }, show);
      const { maxAge, originalMaxAge, isDate } = JSON.parse((await site.get()).text);
      expect(maxAge).toBeGreaterThan(hour - 5_000);
      expect(maxAge).toBeLessThanOrEqual(hour);
      expect([originalMaxAge, isDate]).toEqual([about(hour), true]);
    });

    it("are null when the cookie ends with the browser", async () => {
      const site = await bench.site(candidate, {}, { "/write": write, "/show": show });
      const visitor = site.visitor();
      const none = JSON.stringify({ maxAge: null, originalMaxAge: null, isDate: false, expires: null });
      expect((await site.get("/show")).text).toBe(none);
      await visitor.get("/write");
      expect((await visitor.get("/show")).text).toBe(none);
    });

    it("of a stored session: the remaining time shrinks, the original stays", async () => {
      const site = await bench.site(candidate, { cookie: { maxAge: hour } }, { "/write": write, "/show": show });
      const visitor = site.visitor();
      await visitor.get("/write");
      for (let i = 0; i < 2; i++) {
        await aMoment();
        const { maxAge, originalMaxAge, isDate } = JSON.parse((await visitor.get("/show")).text);
        expect(maxAge).toBeLessThanOrEqual(hour - 30);
        expect([originalMaxAge, isDate]).toEqual([about(hour), true]);
      }
    });

    it("of one visitor stay with the session and win over the option", async () => {
      const site = await bench.site(
        candidate,
        { cookie: { maxAge: 60_000 } },
        {
          "/remember": (req, res) => void ((req.session.cookie.maxAge = 30 * 24 * hour), write(req, res)),
          "/write": write,
          "/show": show,
        },
      );
      const visitor = site.visitor();
      const id = sentId(await visitor.get("/remember"));
      expect(JSON.parse((await visitor.get("/show")).text).originalMaxAge).toEqual(about(30 * 24 * hour));
      const later = sentCookie(await visitor.get("/write"))!;
      expect(Date.parse(later.attributes["expires"] as string)).toBeGreaterThan(Date.now() + 29 * 24 * hour);
      expect(await bench.timeToLive(id)).toBeGreaterThan(29 * 24 * 3600);
    });

    it("can be taken from one visitor: the cookie then ends with the browser", async () => {
      const site = await bench.site(
        candidate,
        { cookie: { maxAge: hour } },
        {
          "/forget": (req, res) => void ((req.session.cookie.expires = null), write(req, res)),
          "/show": show,
        },
      );
      const visitor = site.visitor();
      expect(sentCookie(await visitor.get("/forget"))!.attributes).not.toHaveProperty("expires");
      expect(JSON.parse((await visitor.get("/show")).text)).toMatchObject({ maxAge: null, originalMaxAge: null });
      expect(sentCookie(await visitor.get("/forget"))).toBeUndefined();
    });
  });

  it("touch and resetMaxAge set the remaining time back, and return the session", async () => {
    const site = await bench.site(
      candidate,
      { cookie: { maxAge: hour } },
      {
        "/write": write,
        "/reset": async (req, res) => {
          const before = req.session.cookie.maxAge!;
          const touched = req.session.touch() === req.session && req.session.cookie.maxAge! > before;
          req.session.cookie.expires = new Date(Date.now() + 1_000);
          req.session.cookie.originalMaxAge = hour;
          const reset = req.session.resetMaxAge() === req.session && req.session.cookie.maxAge! > hour - 1_000;
          res.end(JSON.stringify({ touched, reset }));
        },
      },
    );
    const visitor = site.visitor();
    await visitor.get("/write");
    await aMoment();
    expect((await visitor.get("/reset")).text).toBe('{"touched":true,"reset":true}');
  });

  it("a session that changed is stored with its new expiry", async () => {
    const site = await bench.site(candidate, { cookie: { maxAge: hour } }, write);
    const visitor = site.visitor();
    const id = sentId(await visitor.get());
    const expiry = async () => Date.parse((await bench.stored(id))!["cookie"].expires as string);
    const first = await expiry();
    await aMoment();
    await visitor.get();
    expect(await expiry()).toBeGreaterThanOrEqual(first + 30);
  });

  it("the stored cookie holds what express-session stores", async () => {
    const site = await bench.site(candidate, { cookie: { maxAge: hour, sameSite: "lax" } }, write);
    const id = sentId(await site.get());
    expect((await bench.stored(id))!["cookie"]).toEqual({
      originalMaxAge: about(hour),
      expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      secure: false,
      httpOnly: true,
      path: "/",
      sameSite: "lax",
    });
  });

  describe("the key in Redis", () => {
    it("lives as long as the cookie", async () => {
      const site = await bench.site(candidate, { cookie: { maxAge: 90_000 } }, write);
      expect(await bench.timeToLive(sentId(await site.get()))).toBeOneOf([89, 90]);
    });

    it("lives a day when the cookie has no expiry, or as long as ttl says", async () => {
      const day = await bench.site(candidate, {}, write);
      expect(await bench.timeToLive(sentId(await day.get()))).toBeOneOf([86_399, 86_400]);
      const short = await bench.site(candidate, { ttl: 100 }, write);
      expect(await bench.timeToLive(sentId(await short.get()))).toBeOneOf([99, 100]);
    });

    it("lives on while the session is only read", async () => {
      const site = await bench.site(candidate, { cookie: { maxAge: 2_000 } }, { "/write": write, "/show": show });
      const visitor = site.visitor();
      const id = sentId(await visitor.get("/write"));
      const end = Date.now() + 2_500;
      while (Date.now() < end) {
        await visitor.get("/show");
        await aMoment(100);
      }
      expect((await bench.stored(id))!["views"]).toBe(1);
      expect((await visitor.get("/write")).text).toBe("2");
    });

    it("follows a new maxAge even when nothing else in the session changed", async () => {
      const site = await bench.site(
        candidate,
        { cookie: { maxAge: 60_000 } },
        {
          "/write": write,
          "/remember": (req, res) => void ((req.session.cookie.maxAge = 24 * hour), res.end()),
        },
      );
      const visitor = site.visitor();
      const id = sentId(await visitor.get("/write"));
      await visitor.get("/remember");
      await expect.poll(() => bench.timeToLive(id)).toBeGreaterThan(86_300);
    });

    it("is gone at once when the handler lets the cookie expire", async () => {
      const site = await bench.site(
        candidate,
        { cookie: { maxAge: 60_000 } },
        {
          "/write": write,
          "/end": (req, res) => void ((req.session.cookie.maxAge = -1), write(req, res)),
        },
      );
      const visitor = site.visitor();
      const id = sentId(await visitor.get("/write"));
      const { attributes } = sentCookie(await visitor.get("/end"))!;
      expect(Date.parse(attributes["expires"] as string)).toBeLessThanOrEqual(Date.now());
      await expect.poll(() => bench.stored(id)).toBeNull();
    });
  });
});
