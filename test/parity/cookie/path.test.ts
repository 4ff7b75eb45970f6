/** The cookie's path: for which addresses there is a session at all, also below a mount point, and options per request. */
import express from "express";
import { createServer, request as httpRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { useBench } from "../support/bench.js";
import { candidates, type AnyCookieOptions } from "../support/middlewares.js";
import { listen, sentCookie, setCookies, type Handler, type Site } from "../support/site.js";

const bench = useBench();

/** Says whether there is a session, and changes it. */
const report: Handler = (req, res) => {
  if (req.session) req.session.seen = true;
  res.end(typeof req.session);
};

describe.each(candidates)("the path of the cookie, for $name", (candidate) => {
  it.each([
    ["/", "undefined"],
    ["/foo", "undefined"],
    ["/bar/foo/bar", "undefined"],
    ["/foo/bar", "object"],
    ["/foo/bar?page=1", "object"],
    ["/foo/bar/baz", "object"],
    ["/foo/barge", "object"],
  ])("/foo/bar: a request for %s has a session: %s", async (path, kind) => {
    const site = await bench.site(candidate, { cookie: { path: "/foo/bar" } }, report);
    const answer = await site.get(path).expect(200, kind);
    expect(sentCookie(answer)?.attributes["path"]).toBe(kind === "object" ? "/foo/bar" : undefined);
  });

  it("/foo/bar: the host of a request in absolute form is no part of the path", async () => {
    const site = await bench.site(candidate, { cookie: { path: "/foo/bar" } }, report);
    expect(await getAbsolute(site, "http://foo/bar")).toBe("undefined");
    expect(await getAbsolute(site, "http://host/foo/bar")).toBe("object");
  });

  it("is compared with the whole address, also when the middleware is mounted", async () => {
    const app = express();
    app.use("/foo", bench.middleware(candidate, { cookie: { path: "/foo/bar" } }) as express.RequestHandler);
    app.use((req, res) => void report(req as never, res));
    const site = bench.keep(await listen(createServer(app)));
    await site.get("/foo/bar").expect(200, "object");
    await site.get("/foo/foo/bar").expect(200, "undefined");
  });

  it("has a session also for a request without an address", async () => {
    const site = await bench.site(candidate, {}, report, { before: (req) => void (req.url = "") });
    expect(sentCookie(await site.get().expect(200, "object"))).toBeDefined();
  });

  it("leaves a request outside of the path untouched: no id, no store, nothing read", async () => {
    const site = await bench.site(candidate, { cookie: { path: "/in" } }, (req, res) => {
      res.end(JSON.stringify(["session", "sessionID", "sessionStore"].filter((name) => name in req)));
    });
    await site.get("/out").expect("[]");
    await site.get("/in").expect('["session","sessionID","sessionStore"]');
  });
});

describe.each(candidates)("cookie as a function, for $name", (candidate) => {
  it("gets the request and says the options of a new session", async () => {
    const cookie = (req: { url?: string }): AnyCookieOptions => ({
      path: `/${req.url!.split("/")[1]}`,
      httpOnly: false,
      secure: false,
      sameSite: "strict",
      maxAge: 60_000,
    });
    const site = await bench.site(candidate, { cookie }, report);
    const { attributes } = sentCookie(await site.get("/shop/cart").expect(200, "object"))!;
    expect(attributes).toEqual({ path: "/shop", samesite: "Strict", expires: expect.any(String) });
  });

  it("decides by its path whether there is a session", async () => {
    const cookie = (req: { headers: Record<string, unknown> }): AnyCookieOptions => ({
      path: req.headers["x-area"] === "admin" ? "/admin" : "/",
      secure: false,
      sameSite: false,
    });
    const site = await bench.site(candidate, { cookie }, report);
    await site.get("/page").expect("object");
    const answer = await site.get("/page", { "X-Area": "admin" }).expect("undefined");
    expect(setCookies(answer)).toEqual([]);
  });

  it("does not change the cookie of a session that exists", async () => {
    let maxAge = 60_000;
    const cookie = (): AnyCookieOptions => ({ maxAge, secure: false, sameSite: false });
    const site = await bench.site(candidate, { cookie }, (req, res) => {
      req.session.views = (req.session.views ?? 0) + 1;
      res.end(String(Math.round(req.session.cookie.originalMaxAge! / 1000)));
    });
    const visitor = site.visitor();
    await visitor.get();
    maxAge = 1_000;
    expect((await visitor.get()).text).toBe("60");
  });

  it("that throws is answered as an error of the request", async () => {
    const cookie = () => {
      throw new Error("no options today");
    };
    const site = await bench.site(candidate, { cookie }, report);
    await site.get().expect(500, "no options today");
  });
});

function getAbsolute(site: Site, address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(site.url);
    const outgoing = httpRequest({ host: "127.0.0.1", port, path: address }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part));
      answer.on("end", () => resolve(text));
    });
    outgoing.on("error", reject).end();
  });
}
