// Bundles an app with webpack's own settings for production: node webpack.mjs NAME FORMAT
import { join } from "node:path";
import webpack from "webpack";

const [name, format] = process.argv.slice(2);
const isModule = format === "esm";
const options = {
  mode: "production", // which also minifies
  target: "node20",
  entry: join(import.meta.dirname, `${name}.mjs`),
  externalsPresets: { node: true },
  experiments: { outputModule: isModule },
  output: {
    path: import.meta.dirname,
    filename: `${name}.webpack.${format === "esm" ? "mjs" : "cjs"}`,
    ...(isModule && { module: true, chunkFormat: "module", library: { type: "module" } }),
  },
};
webpack(options, (error, stats) => {
  if (error) throw error;
  for (const { message } of stats.toJson().errors) console.error(message);
  process.exitCode = stats.hasErrors() ? 1 : 0;
});
