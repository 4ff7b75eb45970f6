/** Links in Markdown: each leads to a file, and each anchor to a heading, on GitHub as on the site. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

interface References {
  anchors: Set<string>;
  links: string[];
  /** Tags that are not HTML. */
  unknown: string[];
}
const root = fileURLToPath(new URL("../../", import.meta.url));
const load = (file: string): Promise<unknown> => import(new URL(`../../site/${file}`, import.meta.url).href);
const { referencesOf } = (await load("markdown/references.mjs")) as { referencesOf(markdown: string): References };
const { repositoryUrl } = (await load("repository.mjs")) as { repositoryUrl: string };

const below = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`);
const pages = [...readdirSync(root), ...below("docs"), ...below(".github")].filter((name) => name.endsWith(".md"));

const cache = new Map<string, References>();
function references(file: string): References {
  if (!cache.has(file)) cache.set(file, referencesOf(readFileSync(file, "utf8")));
  return cache.get(file)!;
}

/** What is wrong with a link of `page`, if anything. */
function problem(page: string, link: string, own = references(join(root, page))): string | undefined {
  const inRepository = `${repositoryUrl}/(?:blob|tree)/main/`;
  const path = link.startsWith("http") ? new RegExp(`^${inRepository}(.+)`).exec(link)?.[1] : link;
  if (path === undefined || /^[a-z]+:/.test(path)) return undefined; // of somebody else
  const [target = "", anchor] = path.split("#");
  if (target.startsWith("/")) return `${link}: not relative`;
  const file = path === link ? resolve(root, dirname(page), target) : join(root, target);
  if (target !== "" && !isThere(file)) return `${link}: no such file`;
  if (anchor === undefined || /^L\d+(-L\d+)?$/.test(anchor)) return undefined;
  const { anchors } = target === "" ? own : file.endsWith(".md") ? references(file) : { anchors: new Set() };
  return anchors.has(anchor) ? undefined : `${link}: no such heading`;
}

/** With the same capital letters, also where the file system does not distinguish them. */
function isThere(file: string): boolean {
  if (relative(root, file).startsWith("..") || !existsSync(file)) return false;
  return (
    file === root ||
    statSync(file).isDirectory() ||
    readdirSync(dirname(file)).includes(file.slice(dirname(file).length + 1))
  );
}

test("the pages are found", () => {
  expect(pages).toEqual(expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/errors.md"]));
});

test.each(pages)("%s has no dead link and no dead anchor", (page) => {
  const { links } = references(join(root, page));
  expect(links.map((link) => problem(page, link)).filter(Boolean)).toEqual([]);
});

test.each(pages)("%s has no placeholder that would vanish because it is not marked as code", (page) => {
  expect(references(join(root, page)).unknown).toEqual([]);
});

test("a placeholder is found, in a table too, and not in code", () => {
  const page = "a <name> and `<code>` <br> <!-- <x> -->\n\n| a |\n| - |\n| b <sid> |\n\n```\n<y>\n```\n\n<z>\n";
  expect(referencesOf(page).unknown).toEqual(["name", "sid", "z"]);
});

describe("a link that leads nowhere is found", () => {
  test.each([
    ["docs/a.md", "missing.md", "no such file"],
    ["docs/a.md", "../../outside.md", "no such file"],
    ["docs/a.md", "Errors.md", "no such file"],
    ["docs/a.md", "/docs/errors.md", "not relative"],
    ["docs/a.md", "errors.md#nothing", "no such heading"],
    ["docs/a.md", "#nothing", "no such heading"],
    ["docs/a.md", "../README.md#nothing", "no such heading"],
    ["docs/a.md", "../package.json#nothing", "no such heading"],
    ["docs/a.md", `${repositoryUrl}/blob/main/docs/missing.md`, "no such file"],
    ["docs/a.md", `${repositoryUrl}/blob/main/docs/errors.md#nothing`, "no such heading"],
  ])("%s: %s", (page, link, reason) => {
    expect(problem(page, link, { anchors: new Set(), links: [], unknown: [] })).toBe(`${link}: ${reason}`);
  });
});

describe("anchors", () => {
  const anchorsOf = (...headings: string[]) => [
    ...referencesOf(headings.map((text) => `## ${text}\n`).join("\n")).anchors,
  ];

  // As github.com showed them.
  test.each([
    ["The command `holdfast`", "the-command-holdfast"],
    ["What's left? To you: nothing!", "whats-left-to-you-nothing"],
    ["`--acl-user <name>`", "--acl-user-name"],
    ["SESSION_NOT_SAVED", "session_not_saved"],
    ["A [link](https://example.org) and *emphasis*", "a-link-and-emphasis"],
    ["Node.js 20.19 & later", "nodejs-2019--later"],
    ["A naïve café 大きさ", "a-naïve-café-大きさ"],
    ["1 &amp; 2", "1--2"],
    ["`a.b.c()` / `d`", "abc--d"],
    ["Ends with {braces}", "ends-with-braces"],
  ])("of %s", (heading, anchor) => {
    expect(anchorsOf(heading)).toEqual([anchor]);
  });

  test("of the same heading again are numbered", () => {
    expect(anchorsOf("Twice", "Twice", "Twice")).toEqual(["twice", "twice-1", "twice-2"]);
  });
});

test("links of pictures, of HTML and of references are seen, those in code are not", () => {
  const { links, anchors } = referencesOf(
    '![a](a.png) <a id="here" href="b.md">b</a> [c][c] `[d](d.md)`\n\n<img src="e.png">\n\n```\n[f](f.md)\n```\n\n[c]: c.md\n',
  );
  expect(links.toSorted()).toEqual(["a.png", "b.md", "c.md", "e.png"]);
  expect([...anchors]).toEqual(["here"]);
});
