/** A login that ends with a POST from the provider's site (SAML, OpenID Connect's form_post), in a real browser. */
import { randomUUID } from "node:crypto";
import express from "express";
import { redisSession, type RedisSessionOptions } from "holdfast";
import { localAuth, sameOrigin } from "holdfast/auth";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { launchBrowser } from "../support/browser.js";
import { listen } from "../support/listen.js";
import { chromiumPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";

type WithState = { session: { state?: string; passport?: { user?: string } } };

describe.skipIf(!chromiumPath)("a login that comes back as a POST from another site", () => {
  const redis = useRedis();
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });

  /** The shop is at localhost, behind what stands for a proxy that ends TLS; the provider at 127.0.0.1, another site. */
  async function shopWith(cookie: RedisSessionOptions["cookie"]): Promise<string> {
    const sessions = redisSession({
      client: await redis.client(),
      secret: "a secret of the tests, long enough",
      cookie,
    });
    const auth = localAuth({ sessions, throttle: false });
    const provider = express().get("/authorize", (req, res) => {
      const { state, to } = req.query as Record<string, string>;
      const field = `<input type="hidden" name="state" value="${state}">`;
      res.send(`<form method="post" action="${to}">${field}</form><script>document.forms[0].submit()</script>`);
    });
    const elsewhere = `http://127.0.0.1:${await listen(provider)}`;
    const app = express().set("trust proxy", true);
    app.use((req, _res, next) => {
      req.headers["x-forwarded-proto"] = "https";
      next();
    });
    app.use(sessions, auth.middleware, express.urlencoded({ extended: false }));
    app.get("/login", (req, res) => {
      const state = ((req as unknown as WithState).session.state = randomUUID());
      res.redirect(`${elsewhere}/authorize?${new URLSearchParams({ state, to: `http://localhost:${port}/callback` })}`);
    });
    app.post("/callback", async (req, res) => {
      const { state } = (req as unknown as WithState).session;
      const isOurs = state !== undefined && state === (req.body as { state?: string }).state;
      if (!isOurs) return void res.status(403).send("no session that has asked for this");
      await auth.begin(req, { id: "7", username: "ada", createdAt: 0 });
      res.redirect(303, "/");
    });
    app.use(sameOrigin()); // what a provider posts to stands before it
    app.post("/order", (_req, res) => void res.send("ordered"));
    app.get("/", (req, res) => {
      const user = (req as unknown as WithState).session.passport?.user ?? "nobody";
      res.send(`<p>${user}</p><form method="post" action="/order"><button>Order</button></form>`);
    });
    const port = await listen(app);
    return `http://localhost:${port}`;
  }

  async function loggingIn(shop: string) {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(`${shop}/login`);
    await page.waitForURL(/^http:\/\/localhost:\d+\/(callback)?$/);
    return page;
  }

  it("does not find its session with the default, SameSite=Lax", { timeout: 60_000 }, async () => {
    const page = await loggingIn(await shopWith(undefined));
    await expect.poll(() => page.textContent("body")).toBe("no session that has asked for this");
  });

  it(
    "finds it with SameSite=None and Secure, and sameOrigin() still guards the rest",
    { timeout: 60_000 },
    async () => {
      const shop = await shopWith({ sameSite: "none", secure: true });
      const page = await loggingIn(shop);
      await expect.poll(() => page.textContent("p")).toBe("7");
      await page.click("button");
      await expect.poll(() => page.textContent("body")).toBe("ordered");
      // A page of another site, in the same browser.
      await page.goto(shop.replace("localhost", "127.0.0.1"));
      await page.evaluate(`document.forms[0].action = "${shop}/order"; document.forms[0].submit()`);
      await page.waitForURL(`${shop}/order`);
      await expect.poll(() => page.textContent("body")).toContain("another site");
    },
  );
});
