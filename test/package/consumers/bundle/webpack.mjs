// Bundles apps with webpack's own settings for production: node webpack.mjs FORMAT NAME...
import { join } from "node:path";
import webpack from "webpack";

const [format, ...names] = process.argv.slice(2);
const isModule = format === "esm";
const options = {
  mode: "production", // which also minifies
  target: "node20",
  externalsPresets: { node: true },
  experiments: { outputModule: isModule },
};
const all = names.map((name) => ({
  ...options,
  entry: join(import.meta.dirname, `${name}.mjs`),
  output: {
    path: import.meta.dirname,
    filename: `${name}.webpack.${format === "esm" ? "mjs" : "cjs"}`,
    ...(isModule && { module: true, chunkFormat: "module", library: { type: "module" } }),
  },
}));
webpack(all, (error, stats) => {
  if (error) throw error;
  for (const { message } of stats.toJson().errors) console.error(message);
  process.exitCode = stats.hasErrors() ? 1 : 0;
});
