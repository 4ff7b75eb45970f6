// Writes each folder's *.lua files into one TypeScript file beside them, so that bundlers carry them along.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { commandLine } from "./command-line.mjs";

const { check } = commandLine(
  "node scripts/embed-lua.mjs",
  "Writes the *.lua files of lib/ into TypeScript files beside them.",
)
  .option("--check", "write nothing, and fail where a file is not up to date")
  .parse()
  .opts();
const scripts = readdirSync("lib", { recursive: true })
  .map(String)
  .filter((path) => path.endsWith(".lua"))
  .sort();

for (const folder of new Set(scripts.map(dirname))) {
  const files = scripts.filter((path) => dirname(path) === folder);
  const target = join("lib", folder, "embedded.ts");
  const text = render(files);
  if (readIfThere(target) === text) continue;
  if (check) {
    console.error(`${target} is not up to date. Run: node scripts/embed-lua.mjs`);
    process.exitCode = 1;
  } else {
    writeFileSync(target, text);
    console.log(`wrote ${target}`);
  }
}

function render(files) {
  const head = "/** The Lua files of this folder, embedded by scripts/embed-lua.mjs. Do not edit. */\n";
  return head + files.map((path) => `export const ${constantName(path)} = ${literal(path)};\n`).join("");
}

/** `replace-1.lua` (one key) becomes `replaceSource`. */
function constantName(path) {
  const words = basename(path, ".lua").replace(/-\d+$/, "").split("-");
  return words.map((word, i) => (i === 0 ? word : word[0].toUpperCase() + word.slice(1))).join("") + "Source";
}

function literal(path) {
  const lines = readFileSync(join("lib", path), "utf8").trimEnd().split("\n");
  const code = lines.filter((line) => !line.startsWith("--") && line.trim() !== "").join("\n");
  return "`" + code.replace(/\\|`|\$\{/g, "\\$&") + "\\n`";
}

function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
