/** The shop in a real browser: what a customer sees and does, on a desk and on a phone, in the light and in the dark. */
import { readFileSync } from "node:fs";
import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterEach, describe, expect, it } from "vitest";
import { chromiumPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";
import { useShopInBrowser } from "../support/shop-in-browser.js";

/** Runs in the page, so it comes as text: it knows the DOM, which nothing else here does. */
const weakContrasts = readFileSync(new URL("./weak-contrasts.js", import.meta.url), "utf8");

const desk = { viewport: { width: 1360, height: 900 } };
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

describe.skipIf(!chromiumPath)("the shop in a browser", () => {
  const redis = useRedis();
  const shop = useShopInBrowser(redis);
  /** Whatever a page complains about: errors of scripts, refused by the content security policy, not found. */
  let complaints: string[] = [];

  afterEach(() => {
    const heard = complaints.splice(0);
    if (heard.length > 0) throw new Error(`the browser complained: ${heard.join("; ")}`);
  });

  async function newCustomer(options: BrowserContextOptions = desk): Promise<Page> {
    return newTab(await shop.newCustomer(options));
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
    await register(page, "Ada");
    await add(page, "mug", 1);
    await expect.poll(() => cartCount(page)).toBe("3");

    const worker = await panel(page, "worker");
    await page.getByRole("button", { name: "Restart both workers" }).click();
    await page.getByText("Both workers have been replaced").waitFor();
    await settled(page);
    await expect.poll(() => panel(page, "worker")).not.toBe(worker);
    await expect.poll(() => cartCount(page)).toBe("3");
    await page.goto("/account");
    await page.getByRole("heading", { name: "Ada" }).waitFor();

    await page.getByRole("button", { name: "Log out", exact: true }).click();
    await page.getByText("You are logged out").waitFor();
    await expect.poll(() => cartCount(page)).toBe("0");
    await page.goto("/account");
    await expect.poll(() => new URL(page.url()).pathname).toBe("/login");
    await logIn(page, "ada", "correct horse");
    await page.getByRole("heading", { name: "Ada" }).waitFor();
  });

  it("logs in twice, ends the other login, and changes the password", async () => {
    const here = await newCustomer();
    await register(here, "Barbara", "barbara@example.org");
    await here.getByText("Nowhere else.").waitFor();

    const there = await newCustomer({ ...phone, userAgent: firefox });
    await there.goto("/login");
    await logIn(there, "barbara@example.org", "correct horse");
    await expect.poll(() => there.getByRole("main").getByRole("listitem").count()).toBe(2);
    await here.reload();
    const lines = here.getByRole("main").getByRole("listitem");
    await expect.poll(() => lines.nth(0).textContent()).toMatch(/Chrom[^]*This device[^]*from 127\.0\.0\.\*/);
    await expect.poll(() => lines.nth(1).textContent()).toMatch(/Firefox on Linux[^]*Logged in just now/);
    await here.getByRole("button", { name: "Log out Firefox on Linux" }).click();
    await here.getByText("That device is logged out.").waitFor();
    await expect.poll(() => lines.count()).toBe(1);
    await there.getByRole("link", { name: "Account of Barbara" }).click();
    await there.getByRole("heading", { name: "Log in" }).waitFor();

    await here.getByLabel("Current password").fill("wrong horse");
    await here.getByLabel("New password").fill("battery staple");
    await here.getByRole("button", { name: "Change password" }).click();
    await here.getByText("That is not your current password.").waitFor();
    // It lies far down the page, and comes into view by itself.
    await expect.poll(() => here.locator(":focus").getAttribute("name")).toBe("current");
    await expect
      .poll(() => here.evaluate("document.activeElement.getBoundingClientRect().bottom < innerHeight"))
      .toBe(true);
    await here.getByLabel("Current password").fill("correct horse");
    await here.getByLabel("New password").fill("battery staple");
    await here.getByRole("button", { name: "Change password" }).click();
    await here.getByText("Your password has been changed").waitFor();
    await logIn(there, "Barbara", "battery staple");
    await there.getByText("Log out everywhere else").waitFor();
    complaints = complaints.filter((complaint) => !complaint.includes("401"));
  });

  it("remember me: the label ticks the box, and the cookie outlives the browser", async () => {
    const page = await newCustomer();
    const sessionCookie = async () => (await page.context().cookies()).find(({ name }) => name === "connect.sid")!;
    await register(page, "Katherine");
    expect((await sessionCookie()).expires).toBe(-1);
    await page.getByRole("button", { name: "Log out", exact: true }).click();
    await page.goto("/login");
    await page.getByLabel("User name").fill("Katherine");
    await page.getByLabel("Password").fill("correct horse");
    await page.getByText("Remember me").click();
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "Katherine" }).waitFor();
    expect(Math.round(((await sessionCookie()).expires - Date.now() / 1000) / 86_400)).toBe(30);
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
    await expect.poll(() => one.getByLabel(/^Quantity: /).count()).toBe(2);
    await expect.poll(() => cartCount(one)).toBe("2");
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
    // asked once: it must not have appeared
    expect(await result.textContent()).not.toContain("refused");
    await expect.poll(() => cartCount(page)).toBe("40");
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
    await expect.poll(async () => JSON.parse((await panel(page, "value")) ?? "")).toEqual(JSON.parse(stored!));
    await expect.poll(() => panel(page, "bytes")).toBe(String(Buffer.byteLength(stored!)));
    await expect.poll(() => page.locator('[data-cost="commands"]').textContent()).toBe("2 commands");
    await expect.poll(() => page.locator('[data-cost="trips"]').textContent()).toBe("2 round trips");
    await expect.poll(() => panel(page, "left")).toBe("1 day left");
    await expect.poll(() => page.locator('[data-cost="redis"]').textContent()).toMatch(/^[\d.]+ ms$/);
    const before = await panel(page, "ttl");
    await expect.poll(() => panel(page, "ttl"), { timeout: 5000 }).not.toBe(before);
  });

  it.each([true, false])(
    "the cart keeps what cannot be a quantity, and goes there (JavaScript: %s)",
    async (hasScripts) => {
      const page = await newCustomer({ ...desk, javaScriptEnabled: hasScripts });
      await add(page, "rope", 1);
      await add(page, "mug", 2);
      await page.goto("/cart");
      for (const [typed, sentence] of [
        ["abc", "“abc” is not a whole number"],
        ["1.5", "1.5 is not possible: whole pieces only."],
        ["1000", "1000 is too many: at most 999"],
      ] as const) {
        await page.getByLabel("Quantity: Enamel mug").fill(typed);
        await page.getByRole("button", { name: "Change Enamel mug" }).click();
        await page.getByText(sentence).waitFor();
        const wrong = page.locator(":focus");
        await expect
          .poll(async () => [await wrong.getAttribute("id"), await wrong.inputValue()])
          .toEqual(["quantity-mug", typed]);
      }
      await page.getByLabel("Quantity: Enamel mug").fill("3");
      await page.getByLabel("Quantity: Enamel mug").press("Enter");
      await page.getByText("€80.00").waitFor();
      complaints = complaints.filter((complaint) => !complaint.includes("422"));
    },
  );

  it("without JavaScript the shop works, and the panel shows the session as of the page", async () => {
    const page = await newCustomer({ ...desk, javaScriptEnabled: false });
    await add(page, "lantern", 1);
    await expect
      .poll(async () => JSON.parse((await panel(page, "value")) ?? ""))
      .toMatchObject({ cart: { lantern: { quantity: 1 } } });
    await expect.poll(() => page.getByRole("button", { name: "Twenty cart updates" }).count()).toBe(0);
    await page.getByRole("button", { name: "Restart both workers" }).click();
    await page.getByText("Both workers have been replaced").waitFor();
    await expect.poll(() => cartCount(page)).toBe("1");
  });

  it("a refused form says why beside the field and keeps the name, not the password", async () => {
    const page = await newCustomer();
    await page.goto("/register");
    await page.getByLabel("User name").fill("Grace");
    await page.getByLabel("Password").fill("short");
    await page.getByRole("button", { name: "Register" }).click();
    const password = page.getByLabel("Password");
    await page.getByText("This has 5 characters; a password needs at least 8.").waitFor();
    await expect.poll(() => page.locator(":focus").getAttribute("name")).toBe("password");
    await expect.poll(() => password.getAttribute("aria-describedby")).toContain("password-error");
    await expect.poll(() => password.inputValue()).toBe("");
    await expect.poll(() => page.getByLabel("User name").inputValue()).toBe("Grace");
    // The browser reports a 422 as an error of the page; here it is the answer we want.
    complaints = complaints.filter((complaint) => !complaint.includes("422"));
  });

  it("the keyboard gets to the content at once, and sees where it is", async () => {
    const page = await newCustomer();
    await page.goto("/");
    await page.keyboard.press("Tab");
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Skip to content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus-visible");
    await expect.poll(() => focused.getAttribute("href")).toBe("/products/rope");
    await expect.poll(() => page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
  });

  it.each(["light", "dark"] as const)("text stands out enough from what is behind it (%s)", async (colorScheme) => {
    const page = await newCustomer({ ...desk, colorScheme });
    await add(page, "rope", 1);
    await register(page, `Grace-${colorScheme}`);
    for (const path of ["/", "/products/rope", "/cart", "/register", "/login", "/account?changed"]) {
      await page.goto(path);
      await expect.poll(async () => ({ path, weak: await page.evaluate(weakContrasts) })).toEqual({ path, weak: [] });
    }
  });

  it("light and dark differ", async () => {
    const backgrounds: unknown[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await newCustomer({ ...desk, colorScheme });
      await page.goto("/");
      backgrounds.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
    }
    expect(new Set(backgrounds).size).toBe(2);
  });

  it("on a phone nothing is wider than the screen, and what is touched is large enough", async () => {
    const page = await newCustomer(phone);
    await add(page, "rope", 1);
    // The longest there can be, with nowhere to break them.
    await register(page, "W".repeat(30), `${"w".repeat(242)}@example.org`);
    await page.goto("/cart");
    await page.getByRole("button", { name: "Check out" }).click();
    await add(page, "rope", 1);
    for (const path of ["/", "/products/rope", "/cart", "/checkout", "/register", "/login", "/account", "/nowhere"]) {
      await page.goto(path);
      const widest = await page.evaluate("document.documentElement.scrollWidth");
      const touched = page.locator("button:visible, input:visible");
      // A box is ticked by its label.
      const heights = await touched.evaluateAll((all) => all.map((one) => (one.closest("label") ?? one).clientHeight));
      expect({ path, widest, low: heights.filter((height) => height < 40) }).toEqual({ path, widest: 360, low: [] });
    }
    complaints = complaints.filter((complaint) => !complaint.includes("404"));
  });
});

async function add(page: Page, sku: string, quantity: number): Promise<void> {
  await page.goto(`/products/${sku}`);
  await page.getByLabel("Quantity").fill(String(quantity));
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.waitForURL(/added/);
}

async function register(page: Page, username: string, email = ""): Promise<void> {
  await page.goto("/register");
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill("correct horse");
  await page.getByRole("button", { name: "Register" }).click();
  await page.getByRole("heading", { name: username }).waitFor();
}

/** Where the form is: on the page to log in, however one got there. */
async function logIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Where you are logged in" }).waitFor();
}

async function settled(page: Page): Promise<void> {
  await page.getByText("as stored in Redis now").waitFor();
}

async function cartCount(page: Page): Promise<string | null> {
  return page.locator("[data-cart-count]").textContent();
}

async function panel(page: Page, name: string): Promise<string | null> {
  return page.locator(`[data-session="${name}"]`).textContent();
}
