// Makes each module of lib/ that `import "holdfast"` loads one file, its index.js: see docs/architecture.md.
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

/** The others stay as they are: a bundler leaves out, file by file, what an app does not use of them. */
const modules = ["errors", "signals", "options", "session", "redis", "repository", "express-session", "http"];

/**
 * Out of the ES modules that the compiler wrote. From outside, each module is imported by its index.js alone.
 *
 * @param formats "esm" in dist/, "cjs" in dist/cjs/
 */
export async function joinModules(dist, formats = ["esm", "cjs"]) {
  for (const name of modules) {
    const folder = join(dist, name);
    const bundle = await rolldown({
      cwd: dist, // what names the files in comments
      input: join(folder, "index.js"),
      platform: "node",
      external: (id) => id.endsWith(".cjs") || !(id.startsWith(".") || id.startsWith(join(folder, "/"))),
    });
    const codes = [];
    for (const format of formats) codes.push(await joined(bundle, format));
    await bundle.close();
    for (const [index, format] of formats.entries())
      replaceFiles(format === "esm" ? folder : join(dist, "cjs", name), codes[index]);
  }
}

/** Without the comments for readers of lib/: what apps need to know is in the types. */
async function joined(bundle, format) {
  const { output } = await bundle.generate({ format, exports: "named", minify: false, comments: { jsdoc: false } });
  if (output.length > 1) throw new Error(`${output.map(({ fileName }) => fileName).join(", ")}: more than one file`);
  return output[0].code;
}

function replaceFiles(folder, code) {
  for (const file of readdirSync(folder, { recursive: true })) if (file.endsWith(".js")) rmSync(join(folder, file));
  writeFileSync(join(folder, "index.js"), code);
}
