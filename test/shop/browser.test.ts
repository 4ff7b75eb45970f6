/** The shop in a real browser: what a customer sees and does, on a desk and on a phone, in the light and in the dark. */
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath } from "../support/programs.js";
import { startRedis, type TestRedis } from "../support/redis-server.js";
import { startShopProgram, type ShopProgram } from "../support/shop-program.js";

const desk = { viewport: { width: 1360, height: 900 } };
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

describe.skipIf(!chromiumPath)("the shop in a browser", () => {
  let redis: TestRedis;
  let shop: ShopProgram;
  let browser: Browser;
  /** Whatever a page complains about: errors of scripts, refused by the content security policy, not found. */
  let complaints: string[] = [];
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    shop = await startShopProgram({ REDIS_URL: redis.url });
    browser = await chromium.launch({
      executablePath: chromiumPath!,
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await shop?.stop();
    await redis?.stop();
  });

  async function newCustomer(options: BrowserContextOptions = desk): Promise<Page> {
    const context = await browser.newContext({ baseURL: shop.url, ...options });
    contexts.push(context);
    return newTab(context);
  }

  async function newTab(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    return page;
  }

  it("register, fill the cart, restart the workers: still there; log out: gone; log in", async () => {
    const page = await newCustomer();
    await add(page, "rope", 2);
    await page.goto("/register");
    await page.getByLabel("User name").fill("Ada");
    await page.getByLabel("Password").fill("correct horse");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByRole("heading", { name: "Ada" }).waitFor();
    await add(page, "mug", 1);
    expect(await cartCount(page)).toBe("3");

    const worker = await panel(page, "worker");
    await page.getByRole("button", { name: "Restart both workers" }).click();
    await page.getByText("Both workers are new").waitFor();
    await settled(page);
    expect(await panel(page, "worker")).not.toBe(worker);
    expect(await cartCount(page)).toBe("3");
    await page.goto("/account");
    await page.getByRole("heading", { name: "Ada" }).waitFor();

    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByText("You are logged out").waitFor();
    expect(await cartCount(page)).toBe("0");
    await page.goto("/account");
    expect(new URL(page.url()).pathname).toBe("/login");
    await page.getByLabel("User name").fill("ada");
    await page.getByLabel("Password").fill("correct horse");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "Ada" }).waitFor();
  });

  it("two tabs at once: both buy, nothing is lost", async () => {
    const one = await newCustomer();
    await one.goto("/products/cleat");
    const other = await newTab(one.context());
    await other.goto("/products/block");
    const buy = (page: Page) => page.getByRole("button", { name: "Add to cart" }).click();
    await Promise.all([buy(one), buy(other)]);
    await Promise.all([one.waitForURL(/added/), other.waitForURL(/added/)]);
    await one.goto("/cart");
    expect(await one.getByRole("spinbutton").count()).toBe(2);
    expect(await cartCount(one)).toBe("2");
  });

  it("twenty cart updates at once: none is lost, twice over", async () => {
    const page = await newCustomer();
    await page.goto("/");
    await settled(page);
    const result = page.locator("[data-twenty-result]");
    for (const [before, after] of [
      [0, 20],
      [20, 40],
    ]) {
      await page.getByRole("button", { name: "Twenty cart updates" }).click();
      await page.getByText(`${before} before, ${after} after, ${after} expected. None was lost`).waitFor();
    }
    expect(await result.textContent()).not.toContain("refused");
    expect(await cartCount(page)).toBe("40");
  });

  it("the panel shows the session as it lies in Redis, what the page cost, and the seconds running down", async () => {
    const page = await newCustomer();
    await page.goto("/");
    await page.goto("/products/anchor");
    await settled(page);
    const id = (await page.context().cookies())
      .find(({ name }) => name === "connect.sid")!
      .value.slice(4)
      .split(".")[0]!;
    const stored = await (await redis.client()).get(`sess:${id}`);
    expect(JSON.parse((await panel(page, "value")) ?? "")).toEqual(JSON.parse(stored!));
    expect(await panel(page, "bytes")).toBe(String(Buffer.byteLength(stored!)));
    expect(await page.locator('[data-cost="commands"]').textContent()).toBe("2");
    expect(await page.locator('[data-cost="trips"]').textContent()).toBe("2");
    expect(await page.locator('[data-cost="redis"]').textContent()).toMatch(/^[\d.]+ ms$/);
    const before = await panel(page, "ttl");
    await expect.poll(() => panel(page, "ttl"), { timeout: 5000 }).not.toBe(before);
  });

  it("without JavaScript the shop works, and the panel shows the session as of the page", async () => {
    const page = await newCustomer({ ...desk, javaScriptEnabled: false });
    await add(page, "lantern", 1);
    expect(JSON.parse((await panel(page, "value")) ?? "")).toMatchObject({ cart: { lantern: { quantity: 1 } } });
    expect(await page.getByRole("button", { name: "Twenty cart updates" }).count()).toBe(0);
    await page.getByRole("button", { name: "Restart both workers" }).click();
    await page.getByText("Both workers are new").waitFor();
    expect(await cartCount(page)).toBe("1");
  });

  it("a refused form says why beside the field and keeps the name, not the password", async () => {
    const page = await newCustomer();
    await page.goto("/register");
    await page.getByLabel("User name").fill("Grace");
    await page.getByLabel("Password").fill("short");
    await page.getByRole("button", { name: "Register" }).click();
    const password = page.getByLabel("Password");
    await page.getByText("at least 8 characters.", { exact: false }).first().waitFor();
    expect(await password.getAttribute("aria-describedby")).toContain("password-error");
    expect(await password.inputValue()).toBe("");
    expect(await page.getByLabel("User name").inputValue()).toBe("Grace");
    // The browser reports a 422 as an error of the page; here it is the answer we want.
    complaints = complaints.filter((complaint) => !complaint.includes("422"));
  });

  it("the keyboard gets to the content at once, and sees where it is", async () => {
    const page = await newCustomer();
    await page.goto("/");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the page");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus-visible");
    expect(await focused.getAttribute("href")).toBe("/products/rope");
    expect(await focused.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe("solid");
  });

  it.each(["light", "dark"] as const)("text stands out enough from what is behind it (%s)", async (colorScheme) => {
    const page = await newCustomer({ ...desk, colorScheme });
    await add(page, "rope", 1);
    for (const path of ["/", "/products/rope", "/cart", "/register"]) {
      await page.goto(path);
      expect(await page.evaluate(weakContrasts), path).toEqual([]);
    }
  });

  it("light and dark differ", async () => {
    const backgrounds: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await newCustomer({ ...desk, colorScheme });
      await page.goto("/");
      backgrounds.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    }
    expect(new Set(backgrounds).size).toBe(2);
  });

  it("on a phone nothing is wider than the screen, and what is touched is large enough", async () => {
    const page = await newCustomer(phone);
    await add(page, "rope", 1);
    for (const path of ["/", "/products/rope", "/cart", "/register", "/login", "/nowhere"]) {
      await page.goto(path);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(360);
      const heights = await page
        .locator("button:visible, input:visible")
        .evaluateAll((all) => all.map((one) => one.clientHeight));
      for (const height of heights) expect(height, path).toBeGreaterThanOrEqual(40);
    }
    complaints = complaints.filter((complaint) => !complaint.includes("404"));
  });

  it.runIf(process.env["SCREENSHOTS"])("pictures for the README", async () => {
    const page = await newCustomer({ viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1.5 });
    await add(page, "rope", 2);
    await add(page, "lantern", 1);
    await page.goto("/");
    await settled(page);
    await page.screenshot({ path: "docs/images/shop.png" });
    const small = await newCustomer(phone);
    await add(small, "compass", 1);
    await settled(small);
    await small.screenshot({ path: "docs/images/shop-phone.png" });
  });
});

async function add(page: Page, sku: string, quantity: number): Promise<void> {
  await page.goto(`/products/${sku}`);
  await page.getByLabel("How many").fill(String(quantity));
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.waitForURL(/added/);
}

async function settled(page: Page): Promise<void> {
  await page.getByText("as it lies in Redis now").waitFor();
}

async function cartCount(page: Page): Promise<string | null> {
  return page.locator("[data-cart-count]").textContent();
}

async function panel(page: Page, name: string): Promise<string | null> {
  return page.locator(`[data-session="${name}"]`).textContent();
}

/** Runs in the page: every text whose contrast is below WCAG's AA, 4.5 to 1, or 3 to 1 if it is large. */
function weakContrasts(): string[] {
  const parse = (color: string) => (/[\d.]+/.exec(color) ? color.match(/[\d.]+/g)!.map(Number) : [0, 0, 0, 0]);
  const light = (color: number[]) => {
    const [r, g, b] = color.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const behind = (element: Element | null): number[] => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if ((color[3] ?? 1) > 0) return color;
    }
    return [255, 255, 255];
  };
  const weak: string[] = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
    if (!text || !element.checkVisibility() || element.closest("svg, noscript, .skip")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(style.color)), light(behind(element))].sort((x, y) => y - x) as [number, number];
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) {
      weak.push(`${element.tagName} "${element.textContent?.trim().slice(0, 30)}": ${ratio.toFixed(2)}`);
    }
  }
  return weak;
}
