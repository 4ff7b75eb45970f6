/** The sidebar of the site shows every page once, also one that nobody listed. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";

interface Page {
  path: string;
  title: string;
  description?: string;
  order?: number;
}
interface Group {
  text: string;
  items: { text: string; link: string }[];
}
type Wanted = { text: string; folder?: string; pages: (string | [string, string])[] }[];
const load = (file: string): Promise<unknown> => import(new URL(`../../../site/${file}`, import.meta.url).href);
const { sidebarOf, groups } = (await load("sidebar.mjs")) as {
  sidebarOf(pages: Page[], wanted?: Wanted): Group[];
  groups: Wanted;
};
const { pagesOf, about } = (await load("pages.mjs")) as {
  pagesOf(folder: string): Page[];
  about(markdown: string): Omit<Page, "path">;
};

const docs = new URL("../../../docs/", import.meta.url).pathname;
const pages = pagesOf(docs);
const linksOf = (sidebar: Group[]) => sidebar.flatMap(({ items }) => items.map(({ link }) => link));

test("every page of docs/ is in it once", () => {
  const files = readdirSync(docs, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
  const expected = files
    .filter((file) => file !== "index.md")
    .map((file) => `/${file.slice(0, -3).replace(/(^|\/)index$/, "$1")}`);
  expect(linksOf(sidebarOf(pages)).toSorted()).toEqual(expected.toSorted());
});

test("every page that is listed exists", () => {
  const listed = groups.flatMap(({ pages: some }) => some.map((entry) => [entry].flat()[0]!));
  expect(listed.filter((path) => !pages.some((page) => page.path === path))).toEqual([]);
});

test("every page has a title and a description of its own", () => {
  expect(pages.filter(({ title }) => !title).map(({ path }) => path)).toEqual([]);
  expect(pages.filter(({ description = "" }) => description.length < 20).map(({ path }) => path)).toEqual([]);
});

test("a page that nobody listed appears: in the group of its folder, by title, else in the last group", () => {
  const wanted: Wanted = [
    { text: "First", pages: ["b", ["a", "A, in short"], "gone"] },
    { text: "Guides", folder: "guides", pages: ["guides/z"] },
    { text: "Empty", folder: "nothing", pages: [] },
    { text: "Last", pages: [] },
  ];
  const some = ["index", "a", "b", "new", "guides/z", "guides/x", "guides/y", "guides/deep/w", "guides/index"];
  const given = some.map((path) => ({ path, title: `Title of ${path}` }));
  given.push({ path: "guides/first", title: "Z", order: 1 } as Page & { title: string });
  const sidebar = sidebarOf(given, wanted);
  expect(sidebar.map(({ text, items }) => [text, items.map(({ link }) => link)])).toEqual([
    ["First", ["/b", "/a"]],
    ["Guides", ["/guides/z", "/guides/", "/guides/first", "/guides/deep/w", "/guides/x", "/guides/y"]],
    ["Last", ["/new"]],
  ]);
  expect(sidebar[0]!.items[1]!.text).toBe("A, in short");
});

test("a page is described by its title and its first paragraph", () => {
  const page = "# The `top` of _it_\n\n```sh\nnpx\n```\n\nSays [what](a.md) is\n**so**, with snake_case.\n\nMore.\n";
  expect(about(page)).toEqual({
    title: "The top of it",
    description: "Says what is so, with snake_case.",
    order: undefined,
  });
  expect(about(`---\norder: 3\ndescription: Mine.\n---\n\n# T\n\nx\n`)).toEqual({
    title: "T",
    description: "Mine.",
    order: 3,
  });
});
