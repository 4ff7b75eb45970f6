// Makes lib/console/assets/bundle.js of the console's script (client/, with uPlot) and its styles, as two texts: so
// bundlers of apps carry them along, and nothing is read from disk at run time. Not in git: the build and the tests make it.
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { rolldown } from "rolldown";

const root = join(import.meta.dirname, "..");
const folder = join(root, "lib", "console");
export const bundlePath = join(folder, "assets", "bundle.js");
const uplot = createRequire(import.meta.url).resolve("uplot/dist/uPlot.min.css");

/** Only if a source is newer. */
export async function makeConsoleAssets() {
  if (isCurrent()) return;
  const notice = `/*! uPlot, (c) Leon Sorokin, MIT License, https://github.com/leeoniya/uPlot */\n`;
  const bundle = await rolldown({ input: join(folder, "client", "main.ts"), platform: "browser" });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const script = notice + output[0].code;
  const styles = notice + readFileSync(uplot, "utf8") + readFileSync(join(folder, "styles", "console.css"), "utf8");
  const text = ["script", "styles"].map(
    (name, i) => `export const ${name} = ${JSON.stringify([script, styles][i])};\n`,
  );
  writeFileSync(bundlePath, text.join(""));
}

/** The same as CommonJS. */
export function commonJsBundle() {
  return readFileSync(bundlePath, "utf8").replace(/^export const (\w+) =/gm, "exports.$1 =");
}

function isCurrent() {
  const sources = ["client", "styles", "now", "views"].flatMap((name) =>
    readdirSync(join(folder, name)).map((file) => join(folder, name, file)),
  );
  try {
    const made = statSync(bundlePath).mtimeMs;
    return [import.meta.filename, uplot, ...sources].every((path) => statSync(path).mtimeMs <= made);
  } catch {
    return false;
  }
}
