/** `npm run docs` fails if the site that it built has a dead link, a dead anchor, or loads something from elsewhere. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const load = (file: string): Promise<unknown> => import(new URL(`../../../site/${file}`, import.meta.url).href);
const { problemsOf } = (await load("check.mjs")) as {
  problemsOf(folder: string, base: string, home: string): string[];
};
const { inSite } = (await load("markdown/links.mjs")) as { inSite(href: string, page: string): string };
const { repositoryUrl } = (await load("repository.mjs")) as { repositoryUrl: string };

describe("the built site", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "holdfast-site-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const site = (pages: Record<string, string>, base = "/docs/") => {
    for (const [path, text] of Object.entries({ "index.html": "", "a/b.html": `<h2 class="x" id="here">`, ...pages })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return problemsOf(folder, base, "https://docs.example/holdfast/");
  };

  test.each([
    `<a class="x" href="a/b.html#here">`,
    `<a href="/docs/">`,
    `<a href="/docs/a/b.html#here">`,
    `<a href="./">`,
    `<a href="#own"><p id="own">`,
    `<a href="https://example.org/x"><a href="mailto:a@example.org">`,
    `<img src="data:image/png;base64,AA"><link rel="icon" href="data:image/svg+xml,x">`,
    `<link rel="canonical" href="https://docs.example/holdfast/">`,
    `<meta property="og:url" content="https://docs.example/holdfast/a/b.html"><link rel="icon" href="/docs/index.html">`,
  ])("%s is right", (html) => {
    expect(site({ "page.html": html })).toEqual([]);
  });

  test.each([
    [`<a href="a/c.html">`, "page.html: a dead link: a/c.html"],
    [`<a class="x" href="/docs/c.html">`, "page.html: a dead link: /docs/c.html"],
    [`<a href="a/b.html#gone">`, "page.html: a dead anchor: a/b.html#gone"],
    [`<a href="#gone">`, "page.html: a dead anchor: #gone"],
    [`<link rel="icon" href="/docs/gone.png">`, "page.html: a dead link: /docs/gone.png"],
    [
      `<link rel="canonical" href="https://docs.example/holdfast/gone.html">`,
      "page.html: a dead link: https://docs.example/holdfast/gone.html",
    ],
    [
      `<meta property="og:image" content="https://cdn.example/card.png">`,
      "page.html: not below https://docs.example/holdfast/: https://cdn.example/card.png",
    ],
    [`<a href="/a/b.html">`, "page.html: a link that is not below /docs/: /a/b.html"],
    [`<script async src="https://cdn.example/x.js">`, "page.html: is loaded from elsewhere: https://cdn.example/x.js"],
    [`<img alt="" src="//cdn.example/x.png">`, "page.html: is loaded from elsewhere: //cdn.example/x.png"],
    [
      `<link rel="preload" href="https://fonts.example/x">`,
      "page.html: is loaded from elsewhere: https://fonts.example/x",
    ],
  ])("%s is wrong", (html, problem) => {
    expect(site({ "page.html": html })).toEqual([problem]);
  });

  test.each([`@import url("https://fonts.example/css");`, `a { background: url(//cdn.example/x.png) }`])(
    "the style sheet %s is wrong",
    (css) => {
      expect(site({ "style.css": css })).toEqual([expect.stringContaining("style.css: is loaded from elsewhere: ")]);
    },
  );
});

describe("a link in docs/", () => {
  test.each([
    ["errors.md#session_contended", "a.md", "errors.md#session_contended"],
    ["../errors.md", "guides/a.md", "../errors.md"],
    ["#here", "a.md", "#here"],
    ["https://example.org/", "a.md", "https://example.org/"],
    ["../README.md#options", "a.md", `${repositoryUrl}/blob/main/README.md#options`],
    ["../../lib/index.ts", "guides/a.md", `${repositoryUrl}/blob/main/lib/index.ts`],
    ["../examples", "a.md", `${repositoryUrl}/tree/main/examples`],
    ["images/shop.png", "a.md", `${repositoryUrl}/blob/main/docs/images/shop.png`],
    ["../etc/holdfast-auth.api.md", "a.md", "/api/auth.md"],
    ["../etc/holdfast.api.md", "a.md", "/api/holdfast.md"],
  ])("%s in %s leads to %s in the site", (href, page, expected) => {
    expect(inSite(href, page)).toBe(expected);
  });

  test.each([
    ["missing.md", "a.md", "docs/a.md: a dead link: missing.md"],
    ["../../elsewhere.md", "a.md", "docs/a.md: a dead link: ../../elsewhere.md"],
    ["/errors.md", "a.md", "docs/a.md: a link must be relative, for GitHub: /errors.md"],
  ])("%s in %s fails the build", (href, page, message) => {
    expect(() => inSite(href, page)).toThrow(message);
  });
});
