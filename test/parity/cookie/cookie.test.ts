/** The session cookie: its name, its signature, its attributes, and when it is sent. */
import { sign } from "cookie-signature";
import { Cookie } from "express-session";
import { describe, expect, it } from "vitest";
import { secret, useBench } from "../support/bench.js";
import { candidates, type AnyCookieOptions } from "../support/middlewares.js";
import { sentCookie, setCookies, type Handler } from "../support/site.js";

const bench = useBench();

const write: Handler = (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  res.end(String(req.session.views));
};
const read: Handler = (req, res) => res.end(String(req.session.views));

describe.each(candidates)("the session cookie of $name", (candidate) => {
  async function attributes(cookie: AnyCookieOptions, change?: Handler) {
    const site = await bench.site(candidate, { cookie }, async (req, res) => {
      await change?.(req, res);
      write(req, res);
    });
    return sentCookie(await site.get().expect(200))?.attributes;
  }

  describe("name and value", () => {
    it("is called connect.sid and carries the id signed with the secret", async () => {
      const site = await bench.site(candidate, {}, write);
      const cookie = sentCookie(await site.get().expect(200, "1"))!;
      expect(decodeURIComponent(cookie.value)).toBe(`s:${sign(cookie.id, secret)}`);
      expect(await bench.ids()).toEqual([cookie.id]);
    });

    it.each(["name", "key"])("takes the name that the option %j says, for writing and for reading", async (option) => {
      const site = await bench.site(candidate, { [option]: "shop" }, write);
      const visitor = site.visitor();
      const first = await visitor.get();
      expect(sentCookie(first)).toBeUndefined();
      expect(sentCookie(first, "shop")).toBeDefined();
      expect((await visitor.get()).text).toBe("2");
    });

    it("finds the session among other cookies and takes the first of two with one name", async () => {
      const site = await bench.site(candidate, {}, write);
      const { value } = sentCookie(await site.get())!;
      await site.get("/", { Cookie: `a=1; connect.sid=${value}; z="9"; connect.sid=nonsense` }).expect("2");
      await site.get("/", { Cookie: `connect.sid=nonsense; connect.sid=${value}` }).expect("1");
    });
  });

  describe("attributes", () => {
    it("are Path=/ and HttpOnly unless the options say otherwise", async () => {
      expect(await attributes({})).toEqual({ path: "/", httponly: true });
    });

    it.each<[string, AnyCookieOptions, Record<string, string | true>]>([
      ["httpOnly: false", { httpOnly: false }, { path: "/" }],
      ["domain", { domain: "example.com" }, { path: "/", httponly: true, domain: "example.com" }],
      ["partitioned: true", { partitioned: true }, { path: "/", httponly: true, partitioned: true }],
      ["partitioned: false", { partitioned: false }, { path: "/", httponly: true }],
      ["priority: low", { priority: "low" }, { path: "/", httponly: true, priority: "Low" }],
      ["priority: medium", { priority: "medium" }, { path: "/", httponly: true, priority: "Medium" }],
      ["priority: high", { priority: "high" }, { path: "/", httponly: true, priority: "High" }],
      ["sameSite: true", { sameSite: true }, { path: "/", httponly: true, samesite: "Strict" }],
      ["sameSite: false", { sameSite: false }, { path: "/", httponly: true }],
      ["sameSite: strict", { sameSite: "strict" }, { path: "/", httponly: true, samesite: "Strict" }],
      ["sameSite: lax", { sameSite: "lax" }, { path: "/", httponly: true, samesite: "Lax" }],
      ["sameSite: none", { sameSite: "none" }, { path: "/", httponly: true, samesite: "None" }],
    ])("follow the option %s", async (_, options, expected) => {
      expect(await attributes(options)).toEqual(expected);
    });

    it("can be changed for one visitor in req.session.cookie", async () => {
      const sent = await attributes({ path: "/", httpOnly: true, sameSite: "lax", maxAge: 60_000 }, (req) => {
        req.session.cookie.httpOnly = false;
        req.session.cookie.domain = "example.com";
        req.session.cookie.path = "/admin";
        req.session.cookie.sameSite = "strict";
        req.session.cookie.expires = null;
      });
      expect(sent).toEqual({ domain: "example.com", path: "/admin", samesite: "Strict" });
    });

    it("of one visitor are stored and come back with the session", async () => {
      const site = await bench.site(candidate, { cookie: { maxAge: 60_000 } }, (req, res) => {
        if (req.url === "/first") req.session.cookie.path = "/";
        if (req.url === "/first") req.session.cookie.httpOnly = false;
        write(req, res);
      });
      const visitor = site.visitor();
      await visitor.get("/first");
      expect(sentCookie(await visitor.get("/second"))?.attributes).not.toHaveProperty("httponly");
    });
  });

  describe("expiry", () => {
    it("is absent without maxAge: the cookie ends with the browser", async () => {
      expect(await attributes({ maxAge: undefined })).not.toHaveProperty("expires");
    });

    it.each([5_000, 3_600_000, 5_000_000_000])("is maxAge after the answer: %i ms", async (maxAge) => {
      const before = Date.now();
      const { expires } = (await attributes({ maxAge }))!;
      expect(Date.parse(expires as string)).toBeGreaterThanOrEqual(Math.floor((before + maxAge) / 1000) * 1000);
      expect(Date.parse(expires as string)).toBeLessThanOrEqual(Date.now() + maxAge);
    });

    it("follows the later one of expires and maxAge in the options", async () => {
      const expires = new Date(Date.now() + 7_200_000);
      const late = Date.parse((await attributes({ maxAge: 60_000, expires }))!["expires"] as string);
      const early = Date.parse((await attributes({ expires, maxAge: 60_000 }))!["expires"] as string);
      expect(late).toBeGreaterThan(Date.now() + 7_000_000);
      expect(early).toBeLessThan(Date.now() + 61_000);
    });

    it("follows what the handler sets: maxAge, a date, false for the browser's session", async () => {
      const site = await bench.site(candidate, { cookie: { maxAge: 2_000 } }, (req, res) => {
        if (req.url === "/remember") req.session.cookie.maxAge = 30 * 86_400_000;
        if (req.url === "/date") req.session.cookie.expires = new Date(Date.now() + 600_000);
        if (req.url === "/browser") req.session.cookie.expires = false as unknown as null;
        write(req, res);
      });
      const expiry = async (path: string) => sentCookie(await site.get(path))!.attributes["expires"] as string;
      expect(Date.parse(await expiry("/remember"))).toBeGreaterThan(Date.now() + 29 * 86_400_000);
      expect(Math.abs(Date.parse(await expiry("/date")) - Date.now() - 600_000)).toBeLessThan(5_000);
      expect(await expiry("/browser")).toBeUndefined();
    });

    it("counts from the moment the headers go out, not from the start of the request", async () => {
      const site = await bench.site(candidate, { cookie: { maxAge: 60_000 } }, async (req, res) => {
        req.session.views = 1;
        const start = Date.now();
        await expect.poll(() => Date.now() - start, { timeout: 3_000 }).toBeGreaterThan(1_100);
        res.end();
      });
      const start = Date.now();
      const { expires } = sentCookie(await site.get())!.attributes;
      expect(Date.parse(expires as string)).toBeGreaterThan(start + 60_000);
    });
  });

  describe("when it is sent", () => {
    it("once for a cookie without expiry, also when the session changes later", async () => {
      const visitor = (await bench.site(candidate, {}, write)).visitor();
      expect(sentCookie(await visitor.get())).toBeDefined();
      const second = await visitor.get();
      expect([second.text, setCookies(second)]).toEqual(["2", []]);
    });

    it("again with a new expiry when a session with maxAge changed, and not when it was only read", async () => {
      const site = await bench.site(candidate, { cookie: { maxAge: 60_000 } }, { "/write": write, "/read": read });
      const visitor = site.visitor();
      const first = sentCookie(await visitor.get("/write"));
      expect(sentCookie(await visitor.get("/read"))).toBeUndefined();
      expect(sentCookie(await visitor.get("/write"))?.value).toBe(first!.value);
    });

    it("beside the cookies of others: set before, as a list, and in writeHead", async () => {
      const names = (lines: string[]) => lines.map((line) => line.split("=")[0]);
      const site = await bench.site(candidate, {}, (req, res) => {
        req.session.views = 1;
        if (req.url === "/one") res.setHeader("Set-Cookie", "a=1");
        if (req.url === "/list") res.setHeader("Set-Cookie", ["a=1", "b=2"]);
        if (req.url === "/head") res.writeHead(201, { "Set-Cookie": "a=1" });
        if (req.url === "/message") res.writeHead(201, "Made", { "Set-Cookie": ["a=1", "b=2"] });
        res.end();
      });
      expect(names(setCookies(await site.get("/one").expect(200)))).toEqual(["a", "connect.sid"]);
      expect(names(setCookies(await site.get("/list").expect(200)))).toEqual(["a", "b", "connect.sid"]);
      expect(names(setCookies(await site.get("/head").expect(201)))).toEqual(["a", "connect.sid"]);
      expect(names(setCookies(await site.get("/message").expect(201)))).toEqual(["a", "b", "connect.sid"]);
    });
  });

  it.each<[string, unknown, RegExp]>([
    ["sameSite with a word that does not exist", { sameSite: "lux" }, /sameSite/],
    ["a domain that cannot be sent", { domain: "a;b" }, /domain/],
  ])("with %s is an error, and never a crash or a broken cookie", async (_, cookie, message) => {
    // As a function of the request, because redisSession refuses the option itself at the start.
    const site = await bench.site(candidate, { cookie: () => cookie as AnyCookieOptions }, write);
    const answer = await site.get().timeout(5_000);
    expect(sentCookie(answer)).toBeUndefined();
    await expect.poll(() => site.errors.map(String)).toEqual([expect.stringMatching(message)]);
  });

  it("is an object of express-session's Cookie class with its members", async () => {
    const site = await bench.site(candidate, { cookie: { maxAge: 1_000, path: "/" } }, (req, res) => {
      const cookie = req.session.cookie as unknown as Cookie & {
        data: object;
        serialize(name: string, value: string): string;
      };
      res.end(
        JSON.stringify([
          cookie instanceof Cookie,
          Object.keys(cookie.data).sort(),
          cookie.serialize("name", "value").startsWith("name=value; Path=/; Expires="),
          Math.round(cookie.originalMaxAge! / 100),
        ]),
      );
    });
    const keys = ["domain", "expires", "httpOnly", "originalMaxAge", "partitioned", "path", "priority", "sameSite"];
    await site.get().expect(200, JSON.stringify([true, [...keys, "secure"].sort(), true, 10]));
  });
});
