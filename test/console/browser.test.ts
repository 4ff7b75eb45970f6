/** The console in a real browser: live, every page and action, Redis frozen and back while one watches, axe. */
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { pulse } from "holdfast/ops";
import { launchBrowser } from "../support/browser.js";
import { chromiumPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";
import { startOpsSite, type OpsSite } from "./ops-site.js";

const desk = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

/** In the browser: how wide a page is, what is cut off in it, and which labels touch what they label. */
function layoutOf(): { width: number; cut: string[]; touching: string[] } {
  const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
  const cut = all("pre, h1, h2, p, li, dd, label, a.button").filter((one) => one.scrollWidth > one.clientWidth + 1);
  const touching = all("label").filter((label) => {
    const [control] = label.querySelectorAll("select, input");
    const [text] = label.childNodes;
    if (!control || text?.nodeType !== Node.TEXT_NODE) return false;
    const range = document.createRange();
    range.selectNode(text);
    const [before, after] = [range.getBoundingClientRect(), control.getBoundingClientRect()];
    return after.left < before.right + 3 && after.top < before.bottom;
  });
  const textsOf = (elements: HTMLElement[]) => elements.map((one) => `${one.tagName} ${one.textContent.slice(0, 40)}`);
  return { width: document.documentElement.scrollWidth, cut: textsOf(cut), touching: textsOf(touching) };
}

describe.skipIf(!chromiumPath)("the console in a browser", () => {
  const redis = useRedis();
  let browser: Browser;
  let site: OpsSite;
  let complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    site = await startOpsSite(redis.url, { userKey: "user", authorize: () => "ada", title: "Rope shop" });
  });
  afterEach(() => {
    const heard = complaints.splice(0);
    if (heard.length > 0) throw new Error(`the browser complained: ${heard.join("; ")}`);
  });
  afterAll(async () => {
    await site?.close();
    await browser?.close();
  });

  async function open(path: string, options: BrowserContextOptions = desk): Promise<Page> {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${site.url}/ops${path}`);
    return page;
  }

  const word = (page: Page, name: string) => page.locator(`[data-word="${name}"]`);
  /** Not `waitForFunction`: the content security policy forbids its eval. */
  const until = (page: Page, expression: string) =>
    vi.waitUntil(() => page.evaluate(`Boolean(${expression})`), { timeout: 20_000, interval: 100 });

  it("shows what visitors do, live, as figures, as charts and by process", async () => {
    const page = await open("");
    await until(page, `document.querySelector("[data-processes] tr")`);
    const cookie = await site.visit({ user: "1" });
    for (let i = 0; i < 20; i++) await site.visit({ user: "1", i }, cookie);
    await until(page, `Number(document.querySelector('[data-word="requests"]').textContent) > 0`);
    await expect.poll(() => word(page, "hits").textContent()).toBe("100%");
    // A slow machine is busy for a moment, which the page says first.
    await until(page, `document.querySelector("[data-headline]").textContent === "All is well"`);
    const isDrawn = `[...document.querySelectorAll("[data-chart=rate] canvas")].some((canvas) =>
      canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0))`;
    await until(page, isDrawn);
    const choice = page.getByLabel("Charts of");
    const name = await page.locator("[data-processes] th").first().textContent();
    await choice.selectOption({ label: name! });
    await until(page, isDrawn);
    await expect.poll(() => page.locator("header .operator").textContent()).toBe("ada");
  });

  it("one screen of 1440 x 900 shows all of it", async () => {
    const page = await open("");
    await until(page, `document.querySelector("[data-processes] tr")`);
    await expect.poll(() => page.evaluate("document.documentElement.scrollHeight")).toBeLessThanOrEqual(900);
  });

  it("on a phone nothing is cut off or wider than the screen, however long names, keys and values are", async () => {
    const name = "n".repeat(300);
    const other = await startOpsSite(redis.url, {
      userKey: "user",
      title: name,
      authorize: () => name,
      session: { prefix: `${name}:` },
    });
    onTestFinished(() => other.close());
    const running = pulse(other.sessions, { name });
    onTestFinished(() => running.stop());
    const user = "u".repeat(1000);
    await other.visit({ user, [name]: { [name]: [name, `https://x.example/${name}`, "x".repeat(3000)] } });
    const page = await open("", { viewport: { width: 375, height: 740 } });
    const query = new URLSearchParams({ user });
    await page.goto(`${other.url}/ops/sessions?${query}`);
    const one = await page.locator("tbody a").first().getAttribute("href");
    const paths = [
      "",
      "sessions",
      `sessions?${query}`,
      one!,
      `${one}/end`,
      `users/end?${query}`,
      "redis",
      "x".repeat(300),
    ];
    for (const path of paths) {
      await page.goto(`${other.url}/ops/${path}`);
      if (path === "") await until(page, `document.querySelector("[data-processes] tr")`);
      const facts = await page.evaluate(`(${String(layoutOf)})()`);
      const at = path.slice(0, 40);
      expect({ at, ...(facts as object) }).toEqual({ at, width: 375, cut: [], touching: [] });
    }
    complaints = complaints.filter((text) => !text.includes("404"));
  });

  it("ends all sessions of a user whose name a form would change", async () => {
    const user = "ada\u202e\u0000\r\nof \u001b[2J ";
    await site.visit({ user });
    const page = await open(`/sessions?${new URLSearchParams({ user })}`);
    await page.locator("select[name=larger]").selectOption("any size");
    await page.getByRole("button", { name: "Show" }).click();
    await expect.poll(() => page.locator("tbody tr").count()).toBe(1);
    await page.getByRole("link", { name: "End all sessions" }).click();
    await page.getByRole("button", { name: "End them all" }).click();
    await page.getByText("1 session ended.").waitFor();
  });

  it(
    "Redis frozen and back: what was known stays, marked as old, and it goes on by itself",
    { timeout: 60_000 },
    async () => {
      const page = await open("");
      await until(page, `document.querySelector("[data-processes] tr")`);
      redis.process.kill("SIGSTOP");
      onTestFinished(() => void redis.process.kill("SIGCONT"));
      await until(page, `document.querySelector("[data-headline]").textContent === "Redis does not answer"`);
      await expect.poll(() => page.locator("[data-old] [data-processes] tr").count()).toBe(1);
      redis.process.kill("SIGCONT");
      await until(page, `!document.querySelector("[data-old]")`);
      await until(page, `document.querySelector("[data-sentences]").textContent.includes("was without Redis")`);
    },
  );

  it("the app away and back: the page says so, and goes on by itself", { timeout: 60_000 }, async () => {
    const other = await startOpsSite(redis.url, { authorize: () => true });
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(`${other.url}/ops/`);
    await until(page, `document.querySelector("[data-processes] tr")`);
    await other.close();
    await until(page, `document.querySelector("[data-headline]").textContent === "No connection to the app"`);
    const again = await startOpsSite(redis.url, { authorize: () => true, port: Number(new URL(other.url).port) });
    onTestFinished(() => again.close());
    await until(page, `!document.querySelector("[data-old]")`);
  });

  it("finds a session by its user, shows it, and ends it after a question; by keyboard alone", async () => {
    const cookie = await site.visit({ user: "keyboard", basket: ["rope"] });
    const page = await open("/sessions");
    await page.getByLabel("User id, hash or key").focus();
    await page.keyboard.type("keyboard");
    await page.keyboard.press("Enter");
    await page.waitForURL(/sessions\?user=keyboard/);
    await page.locator("tbody a").focus();
    await page.keyboard.press("Enter");
    await page.getByText("basket").waitFor();
    await page.getByRole("link", { name: "End this session" }).press("Enter");
    await page.getByRole("heading", { name: /^End session/ }).waitFor();
    await page.getByRole("link", { name: "Cancel" }).press("Enter");
    await page.getByRole("link", { name: "End this session" }).press("Enter");
    await page.getByRole("button", { name: "End it" }).press("Enter");
    await page.getByText("1 session ended.").waitFor();
    expect(await site.visit({ views: 1 }, cookie)).not.toBe(cookie);
  });

  it("ends all sessions of a user after a question", async () => {
    for (let i = 0; i < 3; i++) await site.visit({ user: "three" });
    const page = await open("/sessions?user=three");
    await expect.poll(() => page.locator("tbody tr").count()).toBe(3);
    await page.getByRole("link", { name: "End all sessions" }).click();
    await page.getByRole("button", { name: "End them all" }).click();
    await page.getByText("3 sessions ended.").waitFor();
    await page.getByText("No session was found.").waitFor();
  });

  it("finds a session by its key, which no address shows", async () => {
    await site.visit({ user: "by-key" });
    const client = await redis.client();
    const keys: string[] = await client.keys("sess:*");
    const page = await open("/sessions");
    const addresses: string[] = [];
    page.on("request", (request) => addresses.push(request.url()));
    await page.locator("select[name=by]").selectOption("key");
    await page.getByLabel("User id, hash or key").fill(keys[0]!);
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByRole("heading", { name: /^Session/ }).waitFor();
    expect(addresses.join(" ")).not.toContain(keys[0]!.slice("sess:".length));
  });

  it.each([
    ["desk, light", { ...desk, colorScheme: "light" }],
    ["desk, dark", { ...desk, colorScheme: "dark" }],
    ["phone, dark", { ...phone, colorScheme: "dark" }],
  ] as const)("axe finds nothing: %s", async (_name, options) => {
    await site.visit({ user: "axe" });
    const list = await open("/sessions?user=axe", { ...options, bypassCSP: true });
    const one = await list.locator("tbody a").first().getAttribute("href");
    for (const path of [
      "/",
      "/sessions?user=axe",
      "/redis",
      `/${one}`,
      `/${one}/end`,
      "/users/end?user=axe",
      "/nothing",
    ]) {
      await list.goto(`${site.url}/ops${path}`);
      if (path === "/") await until(list, `document.querySelector("[data-processes] tr")`);
      await list.evaluate(axe.source);
      const { violations } = (await list.evaluate("axe.run()")) as {
        violations: { id: string; nodes: { html: string }[] }[];
      };
      expect({ path, violations: violations.map(({ id, nodes }) => [id, nodes[0]?.html]) }).toEqual({
        path,
        violations: [],
      });
    }
    complaints = complaints.filter((text) => !text.includes("404"));
  });
});
