/** The report of `npm run loadtest` in a real browser: all of it is drawn, in the light, in the dark and on a phone. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { launchBrowser } from "../support/browser.js";
import { chromiumPath } from "../support/programs.js";

const root = new URL("../../", import.meta.url);
const { htmlReport } = (await import(new URL("bench/loadtest/report/html.mjs", root).href)) as {
  htmlReport(results: unknown): string;
};

describe.skipIf(!chromiumPath)("the report in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-report-"));
  const file = join(folder, "report.html");
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(file, htmlReport(JSON.parse(readFileSync(new URL("bench/results/loadtest.json", root), "utf8"))));
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(options: BrowserContextOptions): Promise<{ page: Page; complaints: string[]; asked: string[] }> {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const [complaints, asked]: [string[], string[]] = [[], []];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    return { page, complaints, asked };
  }

  it.each([
    ["desk, light", { viewport: { width: 1440, height: 900 }, colorScheme: "light" }],
    ["desk, dark", { viewport: { width: 1440, height: 900 }, colorScheme: "dark" }],
    ["phone", { viewport: { width: 390, height: 844 }, colorScheme: "light", isMobile: true }],
  ] as const)("%s: every chart is drawn, nothing is loaded or too wide, axe finds nothing", async (_name, options) => {
    const { page, complaints, asked } = await open(options);
    const places = page.locator("[data-chart]");
    await expect.poll(() => places.count()).toBeGreaterThan(8);
    await expect.poll(() => page.locator("[data-chart] canvas").count()).toBe(await places.count());
    // A line that has the color of the page would be drawn, too.
    const colors = await page
      .locator(".u-legend .u-marker")
      .evaluateAll((all) => all.map((one) => getComputedStyle(one).borderColor));
    expect(colors.filter((color) => color === "" || color === "rgba(0, 0, 0, 0)")).toEqual([]);
    await expect.poll(() => page.evaluate("document.documentElement.scrollWidth")).toBe(options.viewport.width);
    expect({ complaints, asked }).toEqual({ complaints: [], asked: [pathToFileURL(file).href] });
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate("axe.run()")) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  });

  it("follows the scheme and the window", async () => {
    const { page, complaints } = await open({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
    const ours = () =>
      page
        .locator(".u-legend tr", { hasText: "Holdfast, 2 processes" })
        .first()
        .locator(".u-marker")
        .evaluate((one) => getComputedStyle(one).borderColor);
    const light = await ours();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(ours).not.toBe(light);
    await page.setViewportSize({ width: 800, height: 900 });
    await expect.poll(() => page.evaluate("document.documentElement.scrollWidth")).toBe(800);
    expect(complaints).toEqual([]);
  });
});
