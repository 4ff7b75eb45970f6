// Where a link of a page leads: to a page of the site, or to a file in the repository on GitHub.
import { existsSync, statSync } from "node:fs";
import { posix, join } from "node:path";
import { root, urlOf } from "../repository.mjs";

/** With a scheme, or `//`. */
export const isForeign = (href) => /^([a-z][a-z\d+.-]*:|\/\/)/i.test(href);

/**
 * @param href as it stands in docs/, relative, for GitHub
 * @param page path of the page, from docs/
 * @returns the same link for the site
 */
export function inSite(href, page) {
  if (isForeign(href) || href.startsWith("#")) return href;
  const [, path, hash] = /^([^#]*)(#.*)?$/.exec(href);
  if (path.startsWith("/")) throw new Error(`docs/${page}: a link must be relative, for GitHub: ${href}`);
  const target = posix.join("docs", posix.dirname(page), decodeURI(path));
  const file = join(root, target);
  if (target.startsWith("../") || !existsSync(file)) throw new Error(`docs/${page}: a dead link: ${href}`);
  const report = /^etc\/holdfast(?:-(\w+))?\.api\.md$/.exec(target);
  if (report) return `/api/${report[1] ?? "holdfast"}.md`;
  if (target.startsWith("docs/") && target.endsWith(".md")) return href;
  return urlOf(target.replace(/\/$/, ""), statSync(file).isDirectory() ? "tree" : "blob") + (hash ?? "");
}
