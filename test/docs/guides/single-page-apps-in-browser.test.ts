/** docs/guides/single-page-apps.md in a real browser: which cookies it sends, and which responses the page may read. */
import express, { type Express } from "express";
import type { Browser, Page } from "playwright-core";
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { redisSession } from "holdfast";
import { secret } from "../../promises/candidates.js";
import { launchBrowser } from "../../support/browser.js";
import { listen } from "../../support/listen.js";
import { chromiumPath } from "../../support/programs.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { blocksOf, type Block } from "../support/pages.js";
import { useBlocks } from "../support/run-block.js";

const [sameSite, otherSite] = blocksOf("docs/guides/single-page-apps.md", "ts");

describe.skipIf(!chromiumPath)("a page that fetches from another origin", () => {
  const redis = useRedis();
  const blocks = useBlocks();
  let client: RedisClientType;
  let browser: Browser;
  beforeAll(async () => {
    client = await redis.client();
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });

  /** What stands for a proxy that ends TLS, then the program of the page with this origin; counts per session. */
  async function api(origin: string, use: (app: Express) => unknown): Promise<string> {
    const app = express();
    app.use((req, _res, next) => {
      req.headers["x-forwarded-proto"] = "https";
      next();
    });
    await use(app);
    app.post("/count", (req, res) => {
      const session = req.session as unknown as { n?: number };
      session.n = (session.n ?? 0) + 1;
      res.json(session.n);
    });
    return `http://localhost:${await listen(app)}`;
  }
  const program = (block: Block, origin: string) => (app: Express) =>
    blocks.run({ ...block, text: block.text.replace(/https:\/\/\S+?\.example/, origin) }, { app, client, secret });

  /** A page at this host, in a browser that is new. */
  async function pageAt(host: string): Promise<{ page: Page; origin: string }> {
    const app = express().get("/", (_req, res) => void res.send("<p>a page</p>"));
    const origin = `http://${host}:${await listen(app)}`;
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(origin);
    return { page, origin };
  }

  const counting = (page: Page, url: string, options = `credentials: "include"`) =>
    page.evaluate(`fetch("${url}/count", { method: "POST", ${options} }).then((r) => r.json(), (e) => String(e))`);
  const twice = async (page: Page, url: string, options?: string) => [
    await counting(page, url, options),
    await counting(page, url, options),
  ];

  it("of the same site, with the default cookie: the session is kept", { timeout: 60_000 }, async () => {
    const { page, origin } = await pageAt("localhost");
    const url = await api(origin, program(sameSite!, origin));
    expect(await twice(page, url)).toEqual([1, 2]);
  });

  it("of the same site, without credentials: a new session with each request", { timeout: 60_000 }, async () => {
    const { page, origin } = await pageAt("localhost");
    const url = await api(origin, program(sameSite!, origin));
    expect(await twice(page, url, "")).toEqual([1, 1]);
  });

  it("of another site, with the default cookie: a new session with each request", { timeout: 60_000 }, async () => {
    const { page, origin } = await pageAt("127.0.0.1");
    const url = await api(origin, program(sameSite!, origin));
    expect(await twice(page, url)).toEqual([1, 1]);
  });

  it.each([
    ["as it is", (text: string) => text, [1, 2]],
    ["without `partitioned`", (text: string) => text.replace("partitioned: true", "partitioned: false"), [1, 1]],
  ])(
    "of another site, with its program %s, in a browser that refuses cookies of other sites",
    async (_, edit, counts) => {
      const { page, origin } = await pageAt("127.0.0.1");
      const url = await api(origin, program({ ...otherSite!, text: edit(otherSite!.text) }, origin));
      expect(await twice(page, url)).toEqual(counts);
    },
  );

  it("that is not named: the page may not read, and nothing was done", { timeout: 60_000 }, async () => {
    const { page } = await pageAt("127.0.0.1");
    const url = await api("", program(otherSite!, "https://shop.example"));
    await client.flushDb();
    // asked once: what is asked is a request
    expect(await counting(page, url)).toContain("TypeError");
    expect(await client.keys("sess:*")).toEqual([]);
  });

  it("without CORS at all: the same page, and the default cookie", { timeout: 60_000 }, async () => {
    const app = express().use(redisSession({ client, secret }) as express.RequestHandler);
    app.get("/", (_req, res) => void res.send("<p>a page</p>"));
    app.post("/count", (req, res) => {
      const session = req.session as unknown as { n?: number };
      session.n = (session.n ?? 0) + 1;
      res.json(session.n);
    });
    const url = `http://localhost:${await listen(app)}`;
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(url);
    expect(await twice(page, url, "")).toEqual([1, 2]);
  });
});
