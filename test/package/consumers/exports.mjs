// Prints the names that each subpath given exports, as ESM sees them and as require() does.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
for (const name of process.argv.slice(2)) {
  const required = Object.keys(require(name)).filter((key) => key !== "__esModule");
  console.log(JSON.stringify({ imported: Object.keys(await import(name)).sort(), required: required.sort() }));
}
