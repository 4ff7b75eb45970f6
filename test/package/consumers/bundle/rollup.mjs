// Bundles an app with Rollup: node rollup.mjs NAME FORMAT
import { join } from "node:path";
import commonjs from "@rollup/plugin-commonjs";
import json from "@rollup/plugin-json";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rollup } from "rollup";

const [name, format] = process.argv.slice(2);
const bundle = await rollup({
  input: join(import.meta.dirname, `${name}.mjs`),
  plugins: [nodeResolve({ preferBuiltins: true }), commonjs(), json()],
  onwarn() {}, // what `redis` imports if it is there
});
await bundle.write({
  format,
  inlineDynamicImports: true,
  file: join(import.meta.dirname, `${name}.rollup.${format === "esm" ? "mjs" : "cjs"}`),
});
