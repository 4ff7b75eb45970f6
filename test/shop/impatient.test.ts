/** Visitors who do not wait, go back, have many tabs, or come by a deep link: in a real browser. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { chromiumPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";
import { useShopInBrowser } from "../support/shop-in-browser.js";

describe.skipIf(!chromiumPath)("impatient visitors", () => {
  const redis = useRedis();
  const { newCustomer } = useShopInBrowser(redis);

  /** Each answer to a form takes that much longer. */
  async function slowDown(page: Page, milliseconds: number): Promise<string[]> {
    const sent: string[] = [];
    await page.route("**/*", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      sent.push(new URL(route.request().url()).pathname);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      await route.continue().catch(() => {}); // the page may be gone
    });
    return sent;
  }

  it("a double click on a slow network sends a form once, and the next one can be sent", async () => {
    const context = await newCustomer();
    const page = await context.newPage();
    await page.goto("/register");
    const sent = await slowDown(page, 400);
    await page.getByLabel("User name").fill("Hasty");
    await page.getByLabel("Password").fill("correct horse");
    await page.getByRole("button", { name: "Register" }).dblclick();
    await page.getByRole("heading", { name: "Hasty" }).waitFor();
    await page.goto("/products/rope");
    const button = page.getByRole("button", { name: "Add to cart" });
    await button.dblclick();
    await page.waitForURL(/added/);
    await button.dblclick();
    await expect.poll(() => page.locator("[data-cart-count]").textContent()).toBe("2");
    await page.getByRole("button", { name: "Log out" }).dblclick();
    await page.getByText("You are logged out").waitFor();
    expect(sent).toEqual(["/register", "/cart", "/cart", "/logout"]);
  });

  it("the way back leads to a form that can be sent again", async () => {
    const context = await newCustomer();
    const page = await context.newPage();
    for (let turn = 1; turn <= 3; turn++) {
      await page.goto("/products/mug");
      await page.getByRole("button", { name: "Add to cart" }).click();
      await page.waitForURL(/added/);
      await page.goBack();
      await page.getByRole("button", { name: "Add to cart" }).click();
      await page.waitForURL(/added/);
      await expect.poll(() => page.locator("[data-cart-count]").textContent()).toBe(String(2 * turn));
    }
  });

  it("after a logout the way back shows nobody's name and nobody's cart", async () => {
    const context = await newCustomer();
    const page = await context.newPage();
    await register(page, "Leaver");
    await page.goto("/account");
    await logOut(page);
    await page.goBack();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    // asked once: it must never have been there
    expect(await page.getByText("Leaver").count()).toBe(0);
  });

  describe("a tab from before the visitor logged in or out in another one", () => {
    it("logs out again, which changes nothing", async () => {
      const context = await newCustomer();
      const [page, old] = [await context.newPage(), await context.newPage()];
      await register(page, "Twice");
      await old.goto("/");
      await logOut(page);
      await logOut(old);
    });

    it("logs in as well", async () => {
      const context = await newCustomer();
      const [page, old] = [await context.newPage(), await context.newPage()];
      await old.goto("/login");
      await register(page, "Both");
      await old.getByLabel("User name").fill("Both");
      await old.getByLabel("Password").fill("correct horse");
      await old.getByRole("button", { name: "Log in" }).click();
      await old.getByRole("heading", { name: "Both" }).waitFor();
    });

    it("adds to the cart that there is now, one thing and twenty", async () => {
      const context = await newCustomer();
      const [page, old] = [await context.newPage(), await context.newPage()];
      await register(page, "Former");
      await old.goto("/products/rope");
      await logOut(page);
      await old.getByLabel("Quantity").fill("3");
      await old.getByRole("button", { name: "Add to cart" }).click();
      await old.waitForURL(/added/);
      await expect.poll(() => old.locator("[data-cart-count]").textContent()).toBe("3");
      await register(page, "Latter");
      await old.getByRole("button", { name: "Twenty cart updates" }).click();
      await old.getByText("0 before, 20 after, 20 expected. None was lost").waitFor();
    });

    it("is told why, if it has no JavaScript", async () => {
      const context = await newCustomer({ javaScriptEnabled: false });
      const [page, old] = [await context.newPage(), await context.newPage()];
      await register(page, "Plain");
      await old.goto("/products/rope");
      await logOut(page);
      await old.getByRole("button", { name: "Add to cart" }).click();
      await old.getByText("You have logged in or out since this page was made").waitFor();
    });
  });

  it.each(["/", "/compare"])("a button pressed with the keyboard keeps the focus: %s", async (path) => {
    const context = await newCustomer();
    const page = await context.newPage();
    await page.goto(path);
    const button = page.getByRole("button", { name: /^Twenty/ });
    await button.press("Enter");
    await button.and(page.locator('[aria-disabled="true"]')).waitFor();
    await button.and(page.locator(":not([aria-disabled])")).waitFor();
    // asked once: it must not have lost it meanwhile
    expect(await button.evaluate((pressed) => pressed === pressed.ownerDocument.activeElement)).toBe(true);
  });

  it("a deep link of somebody who is logged out leads there after the login, and nowhere else", async () => {
    const context = await newCustomer();
    const page = await context.newPage();
    await register(page, "Deep");
    await logOut(page);
    await page.goto("/account?changed");
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    await page.getByLabel("User name").fill("Deep");
    await page.getByLabel("Password").fill("correct horse");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "Deep" }).waitFor();
    await expect.poll(() => new URL(page.url()).pathname).toBe("/account");
    await page.goto("/login?next=https%3A%2F%2Fevil.example%2F");
    await page.getByRole("link", { name: "Account of Deep" }).waitFor();
    // asked once: it must never have been there
    expect(await page.locator('input[name="next"][value*="evil"]').count()).toBe(0);
  });

  it("forty tabs of one visitor: each adds one thing, all are there", { timeout: 120_000 }, async () => {
    const context = await newCustomer();
    const first = await context.newPage();
    await first.goto("/products/twine"); // so that they share a session
    const tabs = await Promise.all(Array.from({ length: 40 }, () => context.newPage()));
    for (const tab of tabs) await tab.goto("/products/twine", { waitUntil: "domcontentloaded" });
    await Promise.all(
      tabs.map(async (tab) => {
        await tab.getByRole("button", { name: "Add to cart" }).click();
        await tab.waitForURL(/added/);
      }),
    );
    await first.goto("/cart");
    await expect.poll(() => first.locator("[data-cart-count]").textContent()).toBe("40");
  });
});

async function register(page: Page, username: string): Promise<void> {
  await page.goto("/register");
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill("correct horse");
  await page.getByRole("button", { name: "Register" }).click();
  await page.getByRole("heading", { name: username }).waitFor();
}

async function logOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Log out", exact: true }).click();
  await page.getByText("You are logged out").waitFor();
}
