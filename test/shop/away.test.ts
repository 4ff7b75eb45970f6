/** Redis away, in a real browser: the page stays, says what is true, asks again by itself, and says when Redis is back. */
import axe from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { chromiumPath } from "../support/programs.js";
import { startRedis } from "../support/servers/redis-server.js";
import { useRedis } from "../support/servers/use-redis.js";
import { useShopInBrowser } from "../support/shop-in-browser.js";
import { startShopProgram } from "../support/shop-program.js";
import { Customer, startShop } from "../support/shop.js";

it("with sessions in memory only, a page says that a restart ends them; with Redis, what it depends on", async () => {
  for (const isMemoryOnly of [true, false]) {
    const shop = await startShop({ isMemoryOnly });
    try {
      const customer = new Customer(shop);
      await customer.register("ada");
      expect((await customer.get("/redis.json")).body).toMatchObject({ answers: true, isMemoryOnly });
      await shop.client.close();
      const { status, text } = await customer.get("/cart");
      expect(status).toBe(503);
      expect(text).toContain(
        isMemoryOnly ? "if it is restarted, they are gone" : "depends on its append-only file and its snapshots",
      );
      // Nobody knows who this is, so nobody is said to be logged out.
      expect(text).not.toMatch(/>Register<|data-cart-count/);
      expect((await customer.get("/redis.json")).body).toEqual({ answers: false, isMemoryOnly });
      await shop.client.connect();
    } finally {
      await shop.close();
    }
  }
});

describe.skipIf(!chromiumPath)("while Redis is away, in a browser", () => {
  const redis = useRedis();
  const shop = useShopInBrowser(redis);

  async function open(path: string, bypassCSP = false): Promise<Page> {
    const page = await (await shop.newCustomer({ bypassCSP })).newPage();
    await page.goto(path);
    return page;
  }

  function freeze(): () => void {
    redis.process.kill("SIGSTOP");
    const goOn = () => void redis.process.kill("SIGCONT");
    onTestFinished(goOn);
    return goOn;
  }

  it("an open page stays with what was typed, sends no form, and says when Redis is back", async () => {
    const page = await open("/register");
    await knowsRedis(page);
    await page.getByLabel("User name").fill("Ada");
    const goOn = freeze();
    await page.getByText("Redis does not answer. This page stays as it is").waitFor();
    await page.getByText(/Next try in \d+ s/).waitFor();
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByText("Not sent: Redis does not answer.").waitFor();
    // asked once: it stays
    expect(await page.getByLabel("User name").inputValue()).toBe("Ada");
    goOn();
    await page.getByText("It was not restarted, so all its sessions are still there.").waitFor();
    await page.getByLabel("Password").fill("correct horse");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByRole("heading", { name: "Ada" }).waitFor();
  });

  it("a page that is left while it asks does not take this for an outage", async () => {
    const page = await open("/");
    await knowsRedis(page);
    await page.route("**/redis.json", () => {}); // asked, and never answered
    for (const link of ["Cart", "Goods", "Log in", "Goods"]) {
      const asked = page.waitForRequest("**/redis.json");
      await page.getByRole("navigation").getByRole("link", { name: link }).click();
      await asked;
    }
    await page.getByRole("link", { name: "Take Redis away" }).waitFor();
    // asked once: it must not have appeared
    expect(await page.getByRole("link", { name: "Take Redis away (done)" }).count()).toBe(0);
  });

  it("a page that got no session is loaded once Redis is back, and says so", async () => {
    const page = await open("/products/rope", true);
    await knowsRedis(page);
    const goOn = freeze();
    await page.goto("/products/mug");
    await page.getByRole("heading", { name: "One moment, please" }).waitFor();
    await page.getByText(/Next try in \d+ s/).waitFor();
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate("axe.run()")) as { violations: { id: string }[] };
    expect(violations.map(({ id }) => id)).toEqual([]);
    goOn();
    await page.getByRole("button", { name: "Add to cart" }).waitFor();
    await page.getByText("Redis is back. It was not restarted").waitFor();
  });

  it("after a restart it says that Redis has what its files held; the page stays", async () => {
    let own = await startRedis();
    const other = await startShopProgram({ REDIS_URL: own.url });
    onTestFinished(async () => {
      await other.stop();
      await own.stop();
    });
    const page = await open(`${other.url}/register`);
    await knowsRedis(page);
    await page.getByLabel("User name").fill("Ada");
    await own.stop();
    own = await startRedis({ port: own.port });
    await page
      .getByText("Redis is back, restarted: it has what its append-only file or its last snapshot held.")
      .waitFor();
    // asked once: it stays
    expect(await page.getByLabel("User name").inputValue()).toBe("Ada");
  });
});

/** The page has asked which Redis answers. Polled from here, because the page's policy refuses what would poll there. */
async function knowsRedis(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate("sessionStorage.getItem('holdfast-demo-run')")).toBeTruthy();
}
