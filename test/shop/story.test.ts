/** What a newcomer meets in a real browser: the checklist, both sessions side by side, the panel on small screens. */
import axe from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { chromiumPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";
import { useShopInBrowser } from "../support/shop-in-browser.js";

const desk = { viewport: { width: 1280, height: 720 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

describe.skipIf(!chromiumPath)("the shop's story in a browser", () => {
  const redis = useRedis();
  const shop = useShopInBrowser(redis);
  let complaints: string[] = [];

  afterEach(() => {
    const heard = complaints.splice(0);
    if (heard.length > 0) throw new Error(`the browser complained: ${heard.join("; ")}`);
  });

  async function open(path: string, options: BrowserContextOptions = desk): Promise<Page> {
    const page = await (await shop.newCustomer(options)).newPage();
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(path);
    return page;
  }

  const done = (page: Page) =>
    page.locator("[data-story] [data-done]").evaluateAll((all) => all.map((item) => item.getAttribute("data-step")));
  const figure = (page: Page, side: string) => page.locator(`[data-side="${side}"] [data-figure]`);

  async function twenty(page: Page): Promise<void> {
    await page.getByRole("button", { name: "Twenty updates at once" }).click();
    await figure(page, "holdfast").getByText("20 kept").waitFor();
    await page.locator("[data-compare]:not([data-running])").waitFor(); // until then the buttons do nothing
  }

  async function logOutMeanwhile(page: Page): Promise<void> {
    await page.getByRole("button", { name: "Log out during a slow request" }).click();
    for (const side of ["connect-redis", "holdfast"])
      await page.locator(`[data-side="${side}"][data-outcome]`).waitFor();
  }

  it("the checklist ticks itself, and remembers through pages, a logout and an outage", async () => {
    const page = await open("/products/rope");
    await expect.poll(() => done(page)).toEqual([]);
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.waitForURL(/added/);
    await expect.poll(() => done(page)).toEqual(["cart"]);

    await page.getByRole("button", { name: "Twenty cart updates" }).click();
    await page.getByText("None was lost").waitFor();
    await expect.poll(() => done(page)).toEqual(["cart", "twenty"]);

    await page.goto("/register");
    await page.getByLabel("User name").fill("Story");
    await page.getByLabel("Password").fill("correct horse");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByRole("heading", { name: "Story" }).waitFor();
    await expect.poll(() => done(page)).toEqual(["cart", "twenty", "login"]);

    await page.getByRole("button", { name: "Restart both workers" }).click();
    await page.getByText("Both workers have been replaced").waitFor();
    await expect.poll(() => done(page)).toEqual(["cart", "twenty", "login", "restart"]);

    await page.goto("/account");
    await page.getByRole("button", { name: "Log out", exact: true }).click();
    await page.getByText("You are logged out").waitFor();
    await expect.poll(() => done(page)).toEqual(["cart", "twenty", "login", "restart"]);

    await page.goto("/compare");
    await logOutMeanwhile(page);
    await expect.poll(() => done(page)).toEqual(["cart", "twenty", "login", "restart", "logout"]);
    // asked once: it must not have appeared
    expect(await page.getByText("You have seen all of it.").isVisible()).toBe(false);

    redis.process.kill("SIGSTOP");
    onTestFinished(() => void redis.process.kill("SIGCONT"));
    await page.goto("/cart");
    await page.getByRole("heading", { name: "One moment, please" }).waitFor();
    await expect.poll(() => done(page)).toEqual(["cart", "twenty", "login", "restart", "logout", "away"]);
    redis.process.kill("SIGCONT");
    await expect.poll(async () => (await page.goto("/"))?.status(), { timeout: 20_000 }).toBe(200);
    await page.getByRole("link", { name: "Take Redis away (done)" }).waitFor();
    await page.getByText("You have seen all of it.").waitFor();
    await expect.poll(() => page.getByText("npm install holdfast").isVisible()).toBe(true);
    complaints = complaints.filter((complaint) => !complaint.includes("503"));
  });

  it("twenty updates side by side: connect-redis loses some, Holdfast keeps all, and the JSON shows which", async () => {
    const page = await open("/compare");
    for (let round = 0; round < 3; round++) {
      await twenty(page);
      const kept = Number(/^20 sent, (\d+) kept$/.exec((await figure(page, "connect-redis").textContent()) ?? "")?.[1]);
      expect(kept).toBeGreaterThan(0);
      expect(kept).toBeLessThan(20);
      for (const [side, count] of [
        ["connect-redis", kept],
        ["holdfast", 20],
      ] as const) {
        const column = page.locator(`[data-side="${side}"]`);
        await expect.poll(() => column.locator(".cells .kept").count()).toBe(count);
        await expect.poll(() => column.locator(".cells .lost").count()).toBe(20 - count);
        await expect.poll(() => column.locator("mark").count()).toBe(count);
      }
    }
    await expect.poll(() => done(page)).toEqual(["twenty"]);
  });

  it("a logout during a slow request side by side: back to life, and ended", async () => {
    const page = await open("/compare");
    await logOutMeanwhile(page);
    await expect.poll(() => figure(page, "connect-redis").textContent()).toBe("Came back to life");
    await expect.poll(() => figure(page, "holdfast").textContent()).toBe("Stays logged out");
    const last = (side: string) => page.locator(`[data-side="${side}"] [data-events] li`).last().textContent();
    await expect.poll(() => last("connect-redis")).toBe("The next page says: Hello, ada");
    await expect.poll(() => last("holdfast")).toBe("The next page says: Please log in");
    const stored = (side: string) => page.locator(`[data-side="${side}"] [data-stored]`).textContent();
    await expect.poll(() => stored("connect-redis")).toContain('"report": "ready"');
    await expect.poll(() => stored("holdfast")).toBe("nothing: there is no session");
  });

  it("the panel marks what is new in the session since this tab last showed it", async () => {
    const page = await open("/products/rope");
    const marks = () => page.locator("[data-panel] mark").allTextContents();
    await page.getByText("as stored in Redis now").waitFor();
    await expect.poll(() => marks()).toEqual([]);
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.waitForURL(/added/);
    await expect.poll(async () => (await marks()).join()).toContain('"rope": { "quantity": 1');
    // asked once: it is what was marked
    expect((await marks()).join()).not.toContain('"cookie"');
    await page.getByRole("button", { name: "Twenty cart updates" }).click();
    await page.getByText("None was lost").waitFor();
    await expect.poll(async () => (await marks()).join()).toContain('"twine": { "quantity": 20');
    // asked once: it is what was marked
    expect((await marks()).join()).not.toContain('"rope"');
    // The first of them is in view, in a box that shows a few lines only.
    const [box, mark] = await Promise.all(
      ["[data-panel] pre", "[data-panel] mark"].map((one) => page.locator(one).first().boundingBox()),
    );
    expect(mark!.y).toBeGreaterThan(box!.y);
    expect(mark!.y + mark!.height).toBeLessThan(box!.y + box!.height + 1);
  });

  it("one screen of 1280 × 720 shows the panel and both columns whole", async () => {
    const page = await open("/products/rope");
    await page.getByText("as stored in Redis now").waitFor();
    await page.getByRole("button", { name: "Twenty cart updates" }).click();
    await page.getByText("None was lost").waitFor();
    const bottom = (selector: string) =>
      page.locator(selector).evaluateAll((all) => Math.max(...all.map((one) => one.getBoundingClientRect().bottom)));
    await expect.poll(() => bottom("[data-panel]")).toBeLessThanOrEqual(720);
    await expect
      .poll(() => page.locator("[data-panel] .inside").evaluate((one) => one.scrollHeight - one.clientHeight))
      .toBe(0);
    await expect
      .poll(() => bottom("[data-panel] pre"))
      .toBeGreaterThan(await bottom("[data-panel] dl, [data-panel] button"));
    await page.goto("/compare");
    await twenty(page);
    await expect.poll(() => bottom(".side")).toBeLessThanOrEqual(720);
    await expect
      .poll(() => page.locator('[data-side="holdfast"] pre').evaluate((one) => one.scrollHeight - one.clientHeight))
      .toBe(0);
    await logOutMeanwhile(page);
    await expect.poll(() => bottom(".side")).toBeLessThanOrEqual(720);
    await expect.poll(() => page.evaluate("document.documentElement.scrollWidth")).toBe(1280);
  });

  it("on a phone the panel is a bar that opens, and nothing is wider than the screen", async () => {
    const page = await open("/", phone);
    const bar = page.locator("[data-panel]");
    const button = page.getByRole("button", { name: "Twenty cart updates" });
    await page.getByText("as stored in Redis now").waitFor();
    await expect.poll(() => button.isVisible()).toBe(false);
    await expect
      .poll(() => bar.evaluate((one) => [one.getBoundingClientRect().bottom, one.clientHeight < 80]))
      .toEqual([844, true]);
    await bar.locator("summary").press("Enter");
    await button.click();
    await page.getByText("None was lost").waitFor();
    await expect.poll(() => bar.evaluate((one) => one.getBoundingClientRect().top)).toBeGreaterThan(0);

    const width = () => page.evaluate("document.documentElement.scrollWidth");
    await expect.poll(() => width()).toBe(390);
    await page.goto("/compare");
    await twenty(page);
    await expect.poll(() => width()).toBe(390);
    await logOutMeanwhile(page);
    await expect.poll(() => width()).toBe(390);

    await page.goto("/");
    await page.getByRole("link", { name: "Restart the workers" }).click();
    await page.getByRole("button", { name: "Restart both workers" }).waitFor();
  });

  it("all of the comparison can be reached and started by keyboard", async () => {
    const page = await open("/compare");
    await page.locator("#main").focus();
    await page.keyboard.press("Tab");
    await expect.poll(() => page.locator(":focus").textContent()).toBe("Twenty updates at once");
    await page.keyboard.press("Enter");
    await figure(page, "holdfast").getByText("20 kept").waitFor();
    await expect.poll(() => page.locator(":focus").textContent()).toBe("Twenty updates at once");
  });

  it.each([
    ["desk, light", { ...desk, colorScheme: "light" }],
    ["desk, dark", { ...desk, colorScheme: "dark" }],
    ["phone, dark", { ...phone, colorScheme: "dark" }],
  ] as const)("axe finds nothing: %s", async (_name, options) => {
    const page = await open("/", { ...options, bypassCSP: true });
    for (const path of ["/", "/products/rope", "/cart", "/login", "/register", "/compare"]) {
      await page.goto(path);
      await check(page, path);
    }
    await fillIn(page);
    await twenty(page);
    await check(page, "twenty");
    await logOutMeanwhile(page);
    await check(page, "logout");
    await page.goto("/");
    if (options.viewport.width < 1000) await page.locator("[data-panel] summary").click();
    await page.getByRole("button", { name: "Twenty cart updates" }).click();
    await page.getByText("None was lost").waitFor();
    await check(page, "panel");
  });

  /** The forms, as they are after a refusal, and the end of a check-out; then the page with both sessions again. */
  async function fillIn(page: Page): Promise<void> {
    await page.goto("/register");
    await page.getByLabel("User name").fill("ada lovelace");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByText("A user name cannot contain a space.").waitFor();
    await check(page, "refused registration");
    await page.goto("/products/rope");
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.waitForURL(/added/);
    await page.goto("/cart");
    await page.getByLabel("Quantity").fill("abc");
    await page.getByRole("button", { name: "Change" }).click();
    await page.getByText("“abc” is not a whole number").waitFor();
    await check(page, "refused quantity");
    await page.getByRole("button", { name: "Check out" }).click();
    await page.getByRole("heading", { name: "Nothing was sold" }).waitFor();
    await check(page, "check-out");
    complaints = complaints.filter((complaint) => !/ 4(00|22) /.test(complaint));
    await page.goto("/compare");
  }

  async function check(page: Page, what: string): Promise<void> {
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate("axe.run()")) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    expect({ what, violations: violations.map(({ id, nodes }) => [id, nodes[0]?.html]) }).toEqual({
      what,
      violations: [],
    });
  }
});
