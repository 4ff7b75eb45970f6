/** The shop's program and a browser, for all tests of a `describe`; a customer is gone after the test. */
import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { launchBrowser } from "./browser.js";
import type { TestRedis } from "./servers/redis-server.js";
import { startShopProgram, type ShopProgram } from "./shop-program.js";

export interface ShopInBrowser {
  /** Where it is; of use once `beforeAll` has run. */
  readonly url: string;
  /** Somebody with no cookie yet. */
  newCustomer(options?: BrowserContextOptions): Promise<BrowserContext>;
}

/** @param redis one of the test's own; without, the shop starts its embedded one */
export function useShopInBrowser(redis?: TestRedis): ShopInBrowser {
  let shop: ShopProgram;
  let browser: Browser;
  beforeAll(async () => {
    shop = await startShopProgram(redis && { REDIS_URL: redis.url });
    browser = await launchBrowser();
  });
  // What did not start is undefined: what the failure of beforeAll says counts.
  afterAll(async () => {
    await (browser as Browser | undefined)?.close();
    await (shop as ShopProgram | undefined)?.stop();
  });

  return {
    get url() {
      return shop.url;
    },
    async newCustomer(options) {
      const context = await browser.newContext({ baseURL: shop.url, ...options });
      onTestFinished(() => context.close());
      return context;
    },
  };
}
