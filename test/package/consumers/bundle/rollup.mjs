// Bundles apps with Rollup: node rollup.mjs FORMAT NAME...
import { join } from "node:path";
import commonjs from "@rollup/plugin-commonjs";
import json from "@rollup/plugin-json";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rollup } from "rollup";

const [format, ...names] = process.argv.slice(2);
let cache; // what the apps have in common is read once
for (const name of names) {
  const bundle = await rollup({
    cache,
    input: join(import.meta.dirname, `${name}.mjs`),
    plugins: [nodeResolve({ preferBuiltins: true }), commonjs(), json()],
    onwarn() {}, // what `redis` imports if it is there
  });
  ({ cache } = bundle);
  await bundle.write({
    format,
    inlineDynamicImports: true,
    file: join(import.meta.dirname, `${name}.rollup.${format === "esm" ? "mjs" : "cjs"}`),
  });
}
