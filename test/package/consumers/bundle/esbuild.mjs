// Bundles apps with esbuild, with the options of docs/compatibility.md: node esbuild.mjs FORMAT NAME...
import { join } from "node:path";
import { build } from "esbuild";

const [format, ...names] = process.argv.slice(2);
const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
for (const name of names) {
  await build({
    bundle: true,
    platform: "node",
    format,
    entryPoints: [join(import.meta.dirname, `${name}.mjs`)],
    outfile: join(import.meta.dirname, `${name}.esbuild.${format === "esm" ? "mjs" : "cjs"}`),
    // What is CommonJS inside needs require() in an ES module.
    ...(format === "esm" && { banner: { js: banner } }),
  });
}
