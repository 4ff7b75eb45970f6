/** Debian's Chromium, without what it would ask the internet for. */
import { readFileSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";
import { chromiumPath } from "./programs.js";

/** A file, because scripts/pictures.mjs reads it, too. */
const args: string[] = JSON.parse(readFileSync(new URL("chromium-flags.json", import.meta.url), "utf8"));

/** Only where `chromiumPath` is set. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath!, args });
}
