/** The chat of docs/sockets.md in a real browser: two tabs, a login that ends elsewhere, long polling and WebSockets. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { launchBrowser } from "../support/browser.js";
import { chromiumPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";
import { Person, startProgram, type Program } from "./programs.js";

const only = (transport: string) => (program: string) =>
  program.replace("io();", `io({ transports: ["${transport}"] });`);

const kinds: [name: string, change: (program: string) => string][] = [
  ["long polling", only("polling")],
  ["a WebSocket", only("websocket")],
  ["long polling that becomes a WebSocket, as by default", (program) => program],
];

describe.skipIf(!chromiumPath).each(kinds)("the chat in a browser: %s", (_name, change) => {
  const redis = useRedis();
  let browser: Browser;
  let sites: Program[];

  beforeAll(async () => {
    browser = await launchBrowser();
    sites = await Promise.all([0, 1].map(() => startProgram("chat.mjs", redis.url, { change })));
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all(sites.map((site) => site.stop()));
  });

  /** Until the page shows these lines. */
  async function seen(page: Page, ...lines: string[]): Promise<void> {
    await expect.poll(() => page.locator("#list li").allTextContents(), { timeout: 10_000 }).toEqual(lines);
  }

  it("two tabs talk; a logout elsewhere, in the other process, closes both, and they say so", async () => {
    const [site, other] = sites as [Program, Program];
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(site.url);
    await expect.poll(() => new URL(page.url()).pathname).toBe("/login");
    const register = page.locator('form[action="/register"]');
    await register.getByLabel("username").fill("ada");
    await register.getByLabel("password").fill("correct horse");
    await register.getByRole("button").click();
    await seen(page, "connected");
    const tab = await context.newPage();
    await tab.goto(site.url);
    await seen(tab, "connected");
    await tab.locator("input[name=text]").fill("hello <b>you</b>");
    await tab.keyboard.press("Enter");
    await seen(page, "connected", "ada: hello <b>you</b>");
    await seen(tab, "connected", "ada: hello <b>you</b>");

    const phone = new Person();
    await phone.post(`${other.url}/login`, { username: "ada", password: "correct horse" });
    await phone.post(`${other.url}/account/end-others`);
    await seen(page, "connected", "ada: hello <b>you</b>", "disconnected", "login-required");
    await seen(tab, "connected", "ada: hello <b>you</b>", "disconnected", "login-required");
    await page.reload();
    await expect.poll(() => new URL(page.url()).pathname).toBe("/login");
  });

  it("a login that continues under a new session id connects again by itself", async () => {
    const [site] = sites as [Program];
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(`${site.url}/login`);
    const register = page.locator('form[action="/register"]');
    await register.getByLabel("username").fill("bob");
    await register.getByLabel("password").fill("correct horse");
    await register.getByRole("button").click();
    await seen(page, "connected");
    const tab = await context.newPage();
    await tab.goto(site.url);
    await seen(tab, "connected");
    await tab.getByRole("button", { name: "End my other logins" }).click(); // loads the page anew in this tab
    await seen(page, "connected", "disconnected", "connected");
  });
});
