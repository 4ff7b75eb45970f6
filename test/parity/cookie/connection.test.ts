/** Secure cookies: when a connection counts as secure, and what `secure` and `sameSite` "auto" make of it. */
import express from "express";
import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { useBench } from "../support/bench.js";
import { candidates, type AnyCookieOptions } from "../support/middlewares.js";
import { listen, sentCookie, type Handler, type SessionRequest } from "../support/site.js";
import { openTlsSite } from "../support/tls-site.js";

const bench = useBench();

const write: Handler = (req, res) => {
  req.session.views = 1;
  res.end("done");
};
const https = { "X-Forwarded-Proto": "https" };
const http = { "X-Forwarded-Proto": "http" };

/** The two attributes that depend on the connection, or undefined when no cookie was sent. */
type Sent = { secure: boolean; sameSite: string | undefined } | undefined;

describe.each(candidates)("the connection, for $name", (candidate) => {
  async function sent(
    options: { proxy?: boolean; cookie: AnyCookieOptions },
    headers: Record<string, string>,
    before?: (req: SessionRequest) => void,
  ): Promise<Sent> {
    const site = await bench.site(candidate, options, write, { before });
    const cookie = sentCookie(await site.get("/", headers).expect(200));
    const { secure, samesite } = cookie?.attributes ?? {};
    return cookie && { secure: secure === true, sameSite: samesite as string | undefined };
  }

  describe("secure: true", () => {
    const cookie = { secure: true };

    it("sends no cookie over plain http, and the session is stored all the same", async () => {
      expect(await sent({ cookie }, {})).toBeUndefined();
      expect(await bench.ids()).toHaveLength(1);
    });

    it("sends the cookie over https", async () => {
      const site = await openTlsSite(bench.middleware(candidate, { cookie }), write);
      const lines = await site.cookies().finally(() => site.close());
      expect(lines).toEqual([expect.stringMatching(/^connect\.sid=.*; Secure$/)]);
    });

    it.each(["https", "HTTPS", "https,http", " https , http", "https,spdy"])(
      "with proxy: true trusts the first X-Forwarded-Proto: %j",
      async (value) => {
        const answer = await sent({ proxy: true, cookie }, { "X-Forwarded-Proto": value });
        expect(answer).toMatchObject({ secure: true });
      },
    );

    it.each([{}, http, { "X-Forwarded-Proto": "http,https" }, { "X-Forwarded-Proto": "" }])(
      "with proxy: true sends no cookie for %j",
      async (headers) => expect(await sent({ proxy: true, cookie }, headers as Record<string, string>)).toBeUndefined(),
    );

    it("with proxy: false believes neither the header nor req.secure", async () => {
      const before = (req: SessionRequest) => void (req.secure = true);
      expect(await sent({ proxy: false, cookie }, https, before)).toBeUndefined();
    });

    it("without proxy believes req.secure and not the header", async () => {
      expect(await sent({ cookie }, https)).toBeUndefined();
      expect(await sent({ cookie }, https, (req) => void (req.secure = false))).toBeUndefined();
      expect(await sent({ cookie }, {}, (req) => void (req.secure = true))).toMatchObject({ secure: true });
    });

    it("without proxy follows Express' trust proxy", async () => {
      const answers = await Promise.all(
        [true, false].map(async (trusted) => {
          const app = express().set("trust proxy", trusted);
          app.use(bench.middleware(candidate, { cookie }) as express.RequestHandler);
          app.use((req, res) => void write(req as never, res));
          return sentCookie(await bench.keep(await listen(createServer(app))).get("/", https));
        }),
      );
      expect(answers).toEqual([expect.objectContaining({}), undefined]);
    });

    it("can be switched off for one visitor, and on", async () => {
      const site = await bench.site(candidate, { cookie }, (req, res) => {
        req.session.cookie.secure = req.url === "/on";
        write(req, res);
      });
      expect(sentCookie(await site.get("/off"))?.attributes).not.toHaveProperty("secure");
      expect(sentCookie(await site.get("/on"))).toBeUndefined();
    });
  });

  describe("auto", () => {
    const auto: AnyCookieOptions = { secure: "auto", sameSite: "auto" };
    const safe = { secure: true, sameSite: "None" };
    const open = { secure: false, sameSite: "Lax" };

    it.each<[string, AnyCookieOptions, Sent, Sent]>([
      ["secure auto", { secure: "auto" }, { ...safe, sameSite: undefined }, { ...open, sameSite: undefined }],
      ["sameSite auto", { sameSite: "auto" }, { ...safe, secure: false }, open],
      ["both auto", auto, safe, open],
      ["secure true and sameSite auto", { ...auto, secure: true }, safe, undefined],
      [
        "secure auto and sameSite strict",
        { ...auto, sameSite: "strict" },
        { secure: true, sameSite: "Strict" },
        { secure: false, sameSite: "Strict" },
      ],
    ])("%s follows the connection", async (_, cookie, whenSecure, whenNot) => {
      const mark = (secure: boolean) => (req: SessionRequest) => void (req.secure = secure);
      expect(await sent({ cookie }, {}, mark(true))).toEqual(whenSecure);
      expect(await sent({ cookie }, {}, mark(false))).toEqual(whenNot);
      expect(await sent({ cookie, proxy: true }, https)).toEqual(whenSecure);
      expect(await sent({ cookie, proxy: true }, http)).toEqual(whenNot);
      expect(await sent({ cookie, proxy: false }, https)).toEqual(whenNot);
    });

    it("is Secure and SameSite=None over https", async () => {
      const site = await openTlsSite(bench.middleware(candidate, { cookie: auto }), write);
      const [line] = await site.cookies().finally(() => site.close());
      expect(line).toMatch(/; Secure; SameSite=None$/);
    });

    it("is stored as it was resolved, and a session that began on http stays so", async () => {
      const site = await bench.site(candidate, { proxy: true, cookie: { ...auto, maxAge: 60_000 } }, (req, res) => {
        req.session.views = (req.session.views ?? 0) + 1;
        res.end();
      });
      const visitor = site.visitor();
      const { id } = sentCookie(await visitor.get("/", http))!;
      expect((await bench.stored(id))!["cookie"]).toMatchObject({ secure: false, sameSite: "lax" });
      expect(sentCookie(await visitor.get("/", https))?.attributes).toMatchObject({ samesite: "Lax" });
    });
  });
});
