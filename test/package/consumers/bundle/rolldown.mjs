// Bundles apps with Rolldown: node rolldown.mjs FORMAT NAME...
import { join } from "node:path";
import { rolldown } from "rolldown";

const [format, ...names] = process.argv.slice(2);
for (const name of names) {
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
}
