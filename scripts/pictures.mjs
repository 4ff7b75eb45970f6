// The pictures of the shop in docs/images, and those of the site in site/public: `npm run pictures`. Uses Debian's
// Chromium, or the one in CHROMIUM.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { animationOf } from "./animation.mjs";
import { buildAll } from "./built.mjs";
import { commandLine } from "./command-line.mjs";
import { sitePictures } from "./site-pictures.mjs";

commandLine(
  "npm run pictures --",
  "The pictures of the shop in docs/images, and those of the documentation site. PORT and CHROMIUM may be set.",
).parse();

const root = fileURLToPath(new URL("../", import.meta.url));
const port = process.env.PORT ?? "3999";
const images = `${root}docs/images/`;
const flags = JSON.parse(readFileSync(`${root}test/support/chromium-flags.json`, "utf8"));

buildAll();
const shop = spawn(process.execPath, [`${root}.build/demo-app/main.js`], {
  env: { ...process.env, PORT: port },
  stdio: ["ignore", "pipe", "inherit"],
});
let browser;
try {
  await started(shop);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
  await pictureOfShop();
  await pictureOfPhone();
  await animation();
  await sitePictures(browser);
} finally {
  await browser?.close();
  shop.kill();
}

async function started(program) {
  for await (const line of createInterface(program.stdout)) if (line.includes("To stop")) return;
  throw new Error("The shop did not start; run `npm run build` first.");
}

async function open(path, options) {
  const context = await browser.newContext({ baseURL: `http://127.0.0.1:${port}`, ...options });
  const page = await context.newPage();
  await page.goto(path, { waitUntil: "networkidle" });
  return page;
}

/** With something in the cart, and as it is once everything has been loaded and the browser has come to rest. */
async function pictureOfShop() {
  const page = await open("/products/rope", { viewport: { width: 1280, height: 720 }, deviceScaleFactor: 1.5 });
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.waitForURL(/added/);
  for (let view = 0; view < 5; view++) await page.goto("/", { waitUntil: "networkidle" });
  await page.getByRole("button", { name: "Twenty cart updates" }).click();
  await page.getByText("None was lost").waitFor();
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `${images}shop.png` });
}

async function pictureOfPhone() {
  const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
  const page = await open("/", phone);
  await page.getByText("as stored in Redis now").waitFor();
  await page.screenshot({ path: `${images}shop-phone.png` });
}

/** The twenty updates, as fast as they are: each frame is shown for as long as it took until the next one. */
async function animation() {
  const page = await open("/compare", { viewport: { width: 1100, height: 760 } });
  const area = await page.locator("[data-compare]").boundingBox();
  const sides = await page.locator(".sides").boundingBox();
  const clip = { x: area.x - 16, y: area.y - 12, width: area.width + 32, height: sides.y + sides.height - area.y + 24 };
  const frames = [];
  const shoot = async () => frames.push({ at: performance.now(), png: await page.screenshot({ clip }) });

  await shoot();
  await page.getByRole("button", { name: "Twenty updates" }).click();
  const isOver = () => page.locator('[data-side="holdfast"][data-outcome]').count();
  while (!(await isOver())) await shoot();
  await page.mouse.move(0, 0);
  await shoot();
  const gif = animationOf(frames, { first: 1200, last: 3500 });
  writeFileSync(`${images}side-by-side.gif`, gif);
  console.log(`side-by-side.gif: ${frames.length} frames, ${Math.round(gif.length / 1024)} KB`);
}
