// Bundles an app with Rolldown: node rolldown.mjs NAME FORMAT
import { join } from "node:path";
import { rolldown } from "rolldown";

const [name, format] = process.argv.slice(2);
const bundle = await rolldown({
  input: join(import.meta.dirname, `${name}.mjs`),
  platform: "node",
  logLevel: "silent",
});
await bundle.write({
  format,
  codeSplitting: false,
  file: join(import.meta.dirname, `${name}.rolldown.${format === "esm" ? "mjs" : "cjs"}`),
});
await bundle.close();
