// Bundles apps with Vite as for server-side rendering, with all packages inside: node vite.mjs FORMAT NAME...
import { join } from "node:path";
import { build } from "vite";

const [format, ...names] = process.argv.slice(2);
for (const name of names) {
  await build({
    configFile: false,
    logLevel: "error",
    root: import.meta.dirname,
    ssr: { noExternal: true, target: "node" },
    build: {
      ssr: join(import.meta.dirname, `${name}.mjs`),
      outDir: import.meta.dirname,
      emptyOutDir: false,
      rolldownOptions: {
        output: {
          format,
          codeSplitting: false,
          entryFileNames: `${name}.vite.${format === "esm" ? "mjs" : "cjs"}`,
        },
      },
    },
  });
}
