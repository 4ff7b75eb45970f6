/** Defaults differ only where express-session's are deprecated or unsafe; here is the whole list. */
import session, { type MemoryStore, type SessionOptions } from "express-session";
import { redisSession, type RedisSessionOptions } from "holdfast";
import { describe, expect, it } from "vitest";
import { secret } from "./support/bench.js";
import type { Middleware } from "./support/middlewares.js";
import { openSite, sentCookie, setCookies, type Handler } from "./support/site.js";
import { NotingStore } from "./support/stores.js";

const https = { "X-Forwarded-Proto": "https" };

/** What a site does whose options say nothing but the secret, the store, and that the proxy is trusted. */
async function observe(create: (options: { store: MemoryStore; secret: string; proxy: true }) => unknown) {
  const store = new NotingStore();
  const write: Handler = (req, res) => void ((req.session.views = 1), res.end());
  const pages: Record<string, Handler> = { "/write": write, "/ignore": (_, res) => res.end() };
  const site = await openSite(create({ store, secret, proxy: true }) as Middleware, pages);
  try {
    const ignored = await site.get("/ignore");
    const emptySession = setCookies(ignored).length > 0 ? "stored and sent" : "neither stored nor sent";
    const visitor = site.visitor();
    const name = setCookies(await visitor.get("/write"))[0]!.split("=")[0];
    store.calls.length = 0;
    const again = await visitor.get("/ignore");
    const attributes = async (headers: Record<string, string>) =>
      sentCookie(await site.get("/write", headers))!.attributes;
    return {
      name,
      emptySession,
      unchangedSession: store.calls.includes("set") ? "saved" : "touched",
      cookieWithEveryAnswer: setCookies(again).length > 0,
      overHttp: await attributes({}),
      overHttps: await attributes(https),
    };
  } finally {
    await site.close();
  }
}

describe("without options", () => {
  const shared = { name: "connect.sid", cookieWithEveryAnswer: false };

  it("express-session stores empty sessions, saves unchanged ones, and sends a cookie without SameSite and Secure", async () => {
    expect(await observe((options) => session(options as SessionOptions))).toEqual({
      ...shared,
      emptySession: "stored and sent",
      unchangedSession: "saved",
      overHttp: { path: "/", httponly: true },
      overHttps: { path: "/", httponly: true },
    });
  });

  it("redisSession does neither, and its cookie is SameSite=Lax, and Secure when the connection is", async () => {
    expect(await observe((options) => redisSession(options as RedisSessionOptions & { store: MemoryStore }))).toEqual({
      ...shared,
      emptySession: "neither stored nor sent",
      unchangedSession: "touched",
      overHttp: { path: "/", httponly: true, samesite: "Lax" },
      overHttps: { path: "/", httponly: true, samesite: "Lax", secure: true },
    });
  });
});
