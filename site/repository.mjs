// Where the sources of the pages are, and where readers find them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../", import.meta.url));
export const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
export const repositoryUrl = manifest.repository.url.replace(/^git\+|\.git$/g, "");

/** @param path from the root of the repository, `/` between its parts @param kind `blob`, `tree` or `edit` */
export function urlOf(path, kind = "blob") {
  return `${repositoryUrl}/${kind}/main/${path}`;
}
