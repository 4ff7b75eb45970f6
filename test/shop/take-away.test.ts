/** Redis frozen and restarted by the shop's own buttons: an embedded Redis only, and visitors of this machine only. */
import { createServer } from "node:net";
import axe from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath } from "../support/programs.js";
import { Customer, startShop } from "../support/shop.js";
import { startShopProgram, type ShopProgram } from "../support/shop-program.js";
import { useShopInBrowser } from "../support/shop-in-browser.js";

interface State {
  answers: boolean;
  run?: string;
}

const stateOf = async ({ url }: { url: string }) => (await (await fetch(`${url}/redis.json`)).json()) as State;
/** Both workers have found it again; the run that they see. */
async function runOnceBack(shop: { url: string }): Promise<string> {
  const runs = new Set<string | undefined>();
  await expect
    .poll(
      async () => {
        const states = await Promise.all(Array.from({ length: 8 }, () => stateOf(shop)));
        runs.clear();
        for (const { run } of states) runs.add(run);
        return runs.size === 1 && states.every(({ answers }) => answers);
      },
      { timeout: 20_000 },
    )
    .toBe(true);
  return [...runs][0]!;
}
const press = (shop: { url: string }, button: "freeze" | "restart") =>
  fetch(`${shop.url}/redis/${button}.json`, { method: "POST" });

describe("a shop with an embedded Redis", () => {
  let shop: ShopProgram;
  beforeAll(async () => {
    shop = await startShopProgram();
  });
  afterAll(() => shop?.stop());

  it("freezes it for five seconds, however often it is told to, and nothing is lost", async () => {
    const customer = new Customer(shop);
    await customer.submit("/cart", { sku: "rope", quantity: 1 });
    const before = await stateOf(shop);
    expect(before).toMatchObject({ answers: true, isMemoryOnly: true });
    const begun = performance.now();
    expect((await press(shop, "freeze")).status).toBe(200);
    for (let again = 0; again < 5; again++) expect((await press(shop, "freeze")).status).toBe(200);
    expect(await stateOf(shop)).toEqual({ answers: false, isMemoryOnly: true });
    await expect.poll(() => stateOf(shop), { timeout: 30_000 }).toEqual(before);
    const seconds = (performance.now() - begun) / 1000;
    expect(seconds).toBeGreaterThan(4.5);
    expect(seconds).toBeLessThan(9.5); // a second freeze after the first would end later
    expect(await customer.cart()).toEqual({ rope: 1 });
  });

  it("restarts it, frozen or not, and its sessions and accounts are gone", async () => {
    const customer = new Customer(shop);
    await customer.register("taken-away");
    await customer.submit("/cart", { sku: "rope", quantity: 1 });
    let before = await runOnceBack(shop);
    for (const isFrozen of [false, true]) {
      if (isFrozen) await press(shop, "freeze");
      const begun = performance.now();
      // Two visitors at once get one restart.
      const answers = await Promise.all([press(shop, "restart"), press(shop, "restart")]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      if (isFrozen) expect(performance.now() - begun).toBeLessThan(4500); // it did not wait for the freeze to end
      const after = await runOnceBack(shop);
      expect(after).toMatch(/^\w{16}$/);
      expect(after).not.toBe(before);
      before = after;
    }
    expect((await customer.get("/account")).headers["location"]).toBe("/login?next=%2Faccount");
    expect(await customer.cart()).toEqual({});
    expect((await new Customer(shop).register("taken-away")).status).toBe(303); // the name is free again
    await press(shop, "freeze"); // a freeze does not outlast the one that it was meant for, and the new one can freeze
    expect((await stateOf(shop)).answers).toBe(false);
    await press(shop, "restart");
  });

  it("only visitors of this machine see the buttons, and nobody else can press them", async () => {
    const before = await runOnceBack(shop);
    const here = new Customer(shop);
    const { text } = await here.get("/");
    expect(text).toContain("data-take-away");
    expect(text).toContain('href="#redis"');
    const compare = (await here.get("/compare")).text;
    expect(compare).toContain('href="/#redis"');
    expect(compare).not.toContain('id="away"');

    const strangers = [
      { Host: "shop.example.org" },
      { "X-Forwarded-For": "192.0.2.1" },
      { "Sec-Fetch-Site": "same-site" },
      { Origin: "http://evil.example" },
    ] as Record<string, string>[];
    for (const headers of strangers) {
      for (const button of ["freeze", "restart"]) {
        expect((await here.raw("post", `/redis/${button}.json`).set(headers)).status).toBe(403);
      }
    }
    for (const headers of strangers.slice(0, 2)) {
      const page = (await new Customer(shop).get("/", headers)).text;
      expect(page).not.toMatch(/data-take-away|take-away\.js|#redis/);
    }
    expect(await runOnceBack(shop)).toBe(before);
  });

  it("stops while it is frozen, and leaves nothing behind", async () => {
    const other = await startShopProgram();
    const port = Number(/redis:\/\/127\.0\.0\.1:(\d+)/.exec(other.output())![1]);
    expect((await press(other, "freeze")).status).toBe(200);
    expect(await other.stop()).toBe(0);
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
    await new Promise((resolve) => server.close(resolve));
  });
});

it("a shop with another Redis has no buttons, refuses the requests, and says how else to take it away", async () => {
  const shop = await startShop();
  try {
    const { text } = await new Customer(shop).get("/");
    expect(text).not.toMatch(/data-take-away|take-away\.js|#redis/);
    expect(text).toContain('href="/compare#away"');
    expect((await new Customer(shop).get("/compare")).text).toContain('id="away"');
    for (const button of ["freeze", "restart"] as const) {
      const answer = await press(shop, button);
      expect([answer.status, await answer.json()]).toEqual([
        404,
        { error: "The shop does this to its embedded Redis only." },
      ]);
    }
    expect((await stateOf(shop)).answers).toBe(true);
  } finally {
    await shop.close();
  }
});

describe.skipIf(!chromiumPath)("the buttons in a browser", () => {
  const shop = useShopInBrowser();

  const desk = { viewport: { width: 1280, height: 720 } };
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

  async function open(path: string, options: BrowserContextOptions = desk): Promise<Page> {
    const page = await (await shop.newCustomer(options)).newPage();
    await page.goto(path);
    await page.getByText("as stored in Redis now").waitFor();
    await knowsRedis(page);
    return page;
  }

  const button = (page: Page, name: string) => page.getByRole("button", { name });
  /** Pixels by which the panel's first line reaches beyond what is below it. */
  const summaryOverflow = (page: Page) =>
    page.locator("[data-panel]").evaluate((panel) => {
      const right = (selector: string) => panel.querySelector(selector)!.getBoundingClientRect().right;
      return right("[data-panel-state]") - right("[data-twenty]");
    });

  it("frozen: the page stays with what was typed, says so, and goes on where it was", async () => {
    const page = await open("/");
    await page.getByRole("link", { name: "Take Redis away" }).click();
    await button(page, "Freeze Redis").click();
    await page.getByText("Redis is frozen for 5 seconds.").waitFor();
    await page.getByRole("link", { name: "Take Redis away (done)" }).waitFor();
    await page.getByText("Redis does not answer. This page stays as it is").waitFor();
    await page.getByText("cannot be read now").waitFor();
    await expect.poll(() => summaryOverflow(page)).toBeLessThanOrEqual(0);
    await page.getByText("Redis is back. It was not restarted, so all its sessions are still there.").waitFor();
    await page.getByText("as stored in Redis now").waitFor();
    await button(page, "Twenty cart updates").click();
    await page.getByText("0 before, 20 after, 20 expected. None was lost").waitFor();
  });

  it("restarted: the page says that its sessions are gone, and a reload begins anew", async () => {
    const page = await open("/products/rope");
    await button(page, "Add to cart").click();
    await page.waitForURL(/added/);
    await page.getByText("as stored in Redis now").waitFor();
    await button(page, "Restart Redis").click();
    await page.getByText("Redis is back, restarted with an empty memory: all sessions and accounts").waitFor();
    await page.getByText("no longer in Redis").waitFor();
    await page.getByText("nothing: there is no session").waitFor();
    // asked once: the page stays as it is
    expect(await page.locator("[data-cart-count]").textContent()).toBe("1");
    await page.goto("/cart");
    await page.getByText("Nothing in it yet").waitFor();
    await page.getByText("as stored in Redis now").waitFor();
    // It knows which one answers now, so it says nothing any more.
    await page.waitForResponse(/redis\.json/);
    // asked once: it must not have appeared
    expect(await page.locator("[data-away]").isVisible()).toBe(false);
  });

  it("restarted: what was typed can be sent, and twenty updates too, without a reload", async () => {
    const page = await open("/register");
    await page.getByLabel("User name").fill("Patient");
    await page.getByLabel("Password").fill("correct horse");
    await button(page, "Restart Redis").click();
    await page.getByText("What you typed can still be sent").waitFor();
    await button(page, "Register").click();
    await page.getByRole("heading", { name: "Patient" }).waitFor();

    await page.goto("/");
    await page.getByText("as stored in Redis now").waitFor();
    await button(page, "Restart Redis").click();
    await page.getByText("What you typed can still be sent").waitFor();
    await runOnceBack(shop);
    await button(page, "Twenty cart updates").click();
    await page.getByText("0 before, 20 after, 20 expected. None was lost").waitFor();
  });

  it("restarted: a form for which one must be logged in leads to the login, and is not refused", async () => {
    const page = await open("/register");
    await page.getByLabel("User name").fill("Forgotten");
    await page.getByLabel("Password").fill("correct horse");
    await button(page, "Register").click();
    await page.getByRole("heading", { name: "Forgotten" }).waitFor();
    await page.getByText("as stored in Redis now").waitFor();
    await page.getByLabel("Current password").fill("correct horse");
    await page.getByLabel("New password").fill("battery staple");
    await button(page, "Restart Redis").click();
    await page.getByText("What you typed can still be sent").waitFor();
    await runOnceBack(shop);
    await button(page, "Change password").click();
    await page.getByText("You are no longer logged in, so nothing was done.").waitFor();
  });

  it("nothing moves when Redis goes away and comes back, so that a second click meets the same button", async () => {
    for (const path of ["/", "/compare"]) {
      const page = await open("/");
      if (path !== "/") await page.goto(path);
      const last = page.getByRole("button").last();
      const place = async () => [await last.boundingBox(), await page.locator("header").boundingBox()];
      const before = await place();
      await press(shop, "freeze");
      await page.getByText("Redis does not answer.").waitFor();
      // asked once: it must not have moved meanwhile
      expect(await place()).toEqual(before);
      const line = (await page.locator("[data-away]").boundingBox())!;
      expect(line.y + line.height).toBeLessThanOrEqual(720);
      if (path === "/") {
        const panel = (await page.locator("[data-panel]").boundingBox())!;
        expect(line.x + line.width).toBeLessThanOrEqual(panel.x);
      }
      await page.getByText("Redis is back.").waitFor();
      // asked once: it must not have moved meanwhile
      expect(await place()).toEqual(before);
    }
  });

  it("when that fails, it is said beside the buttons, and Redis is not said to be away", async () => {
    const page = await open("/");
    await page.route("**/redis/freeze.json", (route) => route.fulfill({ status: 503, json: { error: "No luck." } }));
    await button(page, "Freeze Redis").click();
    await page.getByText("That did not work: No luck.").waitFor();
    // asked once: it must not have appeared
    expect(await page.locator("[data-away]").isVisible()).toBe(false);
  });

  it("all of the panel fits one screen of 1280 × 720, and the checklist's link scrolls nothing", async () => {
    const page = await open("/products/rope");
    await page.getByRole("link", { name: "Take Redis away" }).click();
    await button(page, "Twenty cart updates").click();
    await page.getByText("None was lost").waitFor();
    const sizes = await page.locator("[data-panel]").evaluate((panel) => {
      const inside = panel.querySelector(".inside")!;
      return [panel.getBoundingClientRect().bottom, inside.scrollHeight - inside.clientHeight];
    });
    expect(sizes[0]).toBeLessThanOrEqual(720);
    expect(sizes[1]).toBe(0);
    await expect.poll(() => page.evaluate("scrollY")).toBe(0);
  });

  it("on a phone the checklist's link opens the bar at buttons that a thumb can press", async () => {
    const page = await open("/", phone);
    await page.getByRole("link", { name: "Take Redis away" }).click();
    for (const name of ["Freeze Redis", "Restart Redis"]) {
      await expect.poll(() => button(page, name).isVisible()).toBe(true);
      await expect.poll(async () => (await button(page, name).boundingBox())!.height).toBeGreaterThanOrEqual(40);
    }
    await expect.poll(() => page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  });

  it.each(["light", "dark"] as const)("axe finds nothing: %s", async (colorScheme) => {
    const page = await open("/", { ...desk, colorScheme, bypassCSP: true });
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate("axe.run()")) as { violations: { id: string }[] };
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it("without JavaScript there are no buttons, because nothing would ask again", async () => {
    const page = await (await shop.newCustomer({ javaScriptEnabled: false })).newPage();
    await page.goto("/");
    await expect.poll(() => button(page, "Freeze Redis").count()).toBe(0);
  });
});

/** The page has asked which Redis answers. Polled from here, because the page's policy refuses what would poll there. */
async function knowsRedis(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate("sessionStorage.getItem('holdfast-demo-run')")).toBeTruthy();
}
