// The built site, checked: every link and anchor leads somewhere, what is loaded is there, and nothing comes from elsewhere.
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";

const decode = (text) => text.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#39;", "'");

/**
 * @param base as the site was built with @param home where it is published
 * @returns a sentence for each problem
 */
export function problemsOf(folder, base, home) {
  const files = new Set(
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll(sep, "/")),
  );
  const pages = new Map();
  for (const file of files) if (file.endsWith(".html")) pages.set(file, read(readFileSync(join(folder, file), "utf8")));
  const problems = [];
  for (const [file, { links, loaded, published }] of pages) {
    for (const href of links) {
      const problem = problemOf(href, file);
      if (problem) problems.push(`${file}: ${problem}: ${href}`);
    }
    for (const url of loaded) {
      const problem = isElsewhere(url) ? "is loaded from elsewhere" : problemOf(url, file);
      if (problem) problems.push(`${file}: ${problem}: ${url}`);
    }
    for (const url of published) {
      const problem = url.startsWith(home) ? problemOf(url.replace(home, base), file) : `not below ${home}`;
      if (problem) problems.push(`${file}: ${problem}: ${url}`);
    }
  }
  for (const file of files) {
    if (!file.endsWith(".css")) continue;
    const urls = readFileSync(join(folder, file), "utf8").matchAll(
      /(?:@import|url\()\s*["']?((?:https?:)?\/\/[^"')]+)/g,
    );
    for (const [, url] of urls) problems.push(`${file}: is loaded from elsewhere: ${url}`);
  }
  return problems;

  function problemOf(href, page) {
    if (/^[a-z][a-z\d+.-]*:|^\/\//i.test(href)) return undefined;
    const [path, anchor] = href.split("#");
    if (path.startsWith("/") && !path.startsWith(base)) return `a link that is not below ${base}`;
    const absolute = path.startsWith("/") ? path.slice(base.length) : posix.join(posix.dirname(page), path);
    const target = path === "" ? page : decodeURI(posix.normalize(absolute.replace(/^$|(?<=\/)$/, "index.html")));
    if (!files.has(target)) return "a dead link";
    if (anchor && pages.has(target) && !pages.get(target).ids.has(decodeURIComponent(anchor))) return "a dead anchor";
    return undefined;
  }
}

const isElsewhere = (url) => /^(https?:)?\/\//.test(url);

function read(html) {
  const all = (pattern) => [...html.matchAll(pattern)].map(([, value]) => decode(value));
  return {
    ids: new Set(all(/<[a-z][^>]* id="([^"]*)"/g)),
    links: all(/<a [^>]*?href="([^"]*)"/g),
    loaded: [
      ...all(/<link (?!rel="canonical")[^>]*?href="([^"]*)"/g),
      ...all(/<(?:img|script|source|iframe|video)[^>]*? src="([^"]*)"/g),
    ],
    // What the page says of itself, for others.
    published: [
      ...all(/<link rel="canonical" href="([^"]*)"/g),
      ...all(/<meta property="og:(?:url|image)" content="([^"]*)"/g),
    ],
  };
}
