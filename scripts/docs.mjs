// `npm run docs`: the documentation as a static site, from docs/ and the built declarations, in .build/docs. A dead link or
// anchor fails it. `npm run docs -- --watch` serves it and follows changes of docs/.
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { problemsOf } from "../site/check.mjs";
import { manifest, root } from "../site/repository.mjs";
import { commandLine } from "./command-line.mjs";

const { base, out, watch } = commandLine(
  "npm run docs --",
  "Builds the documentation as a static site. The pages of the API are made from dist/, which `npm run docs` builds first.",
)
  .addOption(new Option("--base <path>", "the path under which the site is served").default("/").argParser(basePath))
  .addOption(new Option("--out <folder>", "where to write it").default(".build/docs").conflicts("watch"))
  .option("--watch", "serve it on this machine instead, and follow changes of docs/")
  .parse()
  .opts();

if (!existsSync(join(root, "dist", "index.d.ts"))) {
  console.error("The pages of the API are made from dist/: run `npm run build -- lib` first.");
  process.exit(1);
}
// Not before it is known that they are needed: they take a second to load.
const { build, createServer } = await import("vitepress");
const { followChanges, makeStage } = await import("../site/stage.mjs");
const stage = await makeStage(base);
if (watch) await serve();
else await write(resolve(root, out));

async function serve() {
  followChanges(stage);
  const server = await createServer(stage, { base });
  await server.listen();
  console.log(`It follows docs/: ${server.resolvedUrls.local[0]}`);
}

async function write(folder) {
  await build(stage, { base, outDir: folder });
  const problems = problemsOf(folder, base, manifest.homepage);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exit(1);
  console.log(`The site is in ${relative(process.cwd(), folder) || "."}: any web server can serve it under ${base}`);
}

function basePath(path) {
  if (/^\/([\w.~-]+\/)*$/.test(path)) return path;
  throw new InvalidArgumentError("It must begin and end with a slash.");
}
