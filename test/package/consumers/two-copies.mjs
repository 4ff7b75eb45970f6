// Two copies of holdfast in one process, as where a bundle holds one: each recognizes the errors of the other.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { HoldfastError, redisSession } from "holdfast";

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve("holdfast/package.json"));
const isCommonJs = require.resolve("holdfast").includes("cjs");
const other = await import(join(folder, isCommonJs ? "dist/index.js" : "dist/cjs/index.js"));

function failure(start) {
  try {
    start({ unset: "?" });
  } catch (error) {
    return error;
  }
}
const error = failure(other.redisSession);
const anchor = new URL(error.help).hash.slice(1);
const headings = readFileSync(join(folder, "docs", "errors.md"), "utf8").match(/^#+ .*$/gm);
const anchors = headings.map((heading) =>
  heading
    .replace(/^#+ /, "")
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-"),
);
console.log(
  JSON.stringify({
    isInstance: error instanceof HoldfastError,
    is: HoldfastError.is(error),
    theOtherWay: other.HoldfastError.is(failure(redisSession)),
    others: [new Error("one of the app's"), { code: error.code }, null, undefined, "text"].map(HoldfastError.is),
    hasSection: anchors.includes(anchor),
  }),
);
