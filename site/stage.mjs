// A folder from which VitePress builds: the pages of docs/, those of the API, and a configuration that knows where it is.
// docs/ itself has nothing but Markdown, and two builds at once do not meet.
import { cpSync, mkdirSync, mkdtempSync, rmSync, watch, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { apiPages } from "./api/pages.mjs";
import { iconOf, ink } from "./icon.mjs";
import { root } from "./repository.mjs";

/** @returns its path; inside the repository, so that packages are found from there */
export async function makeStage(base) {
  mkdirSync(join(root, ".build"), { recursive: true });
  const folder = mkdtempSync(join(root, ".build", "site-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  cpSync(join(root, "docs"), folder, { recursive: true });
  cpSync(join(root, "site", "public"), join(folder, "public"), { recursive: true });
  write(join(folder, "public", "icon.svg"), iconOf(ink));
  for (const [path, text] of await apiPages()) write(join(folder, path), text);
  const settings = [folder, base].map((value) => JSON.stringify(value)).join(", ");
  write(
    join(folder, ".vitepress", "config.mjs"),
    `import { siteConfig } from "../../../site/config.mjs";\nexport default siteConfig(${settings});\n`,
  );
  const theme = `export { default } from "../../../../site/theme/index.mjs";\n`;
  write(join(folder, ".vitepress", "theme", "index.mjs"), theme);
  return folder;
}

/** Copies what changes in docs/ from now on. */
export function followChanges(folder) {
  watch(join(root, "docs"), { recursive: true }, (_, name) => {
    if (name) cpSync(join(root, "docs", name), join(folder, name), { recursive: true, force: true });
  }).on("error", () => {});
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
