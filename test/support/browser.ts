/** Debian's Chromium, without what it would ask the internet for. */
import { chromium, type Browser } from "playwright-core";
import { chromiumPath } from "./programs.js";

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Only where `chromiumPath` is set. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath!, args: flags });
}
