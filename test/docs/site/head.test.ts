/** What a page of the site says to search engines, and in the preview of a link to it. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Entry = [tag: string, attributes: Record<string, string>];
const load = (file: string): Promise<unknown> => import(new URL(`../../../site/${file}`, import.meta.url).href);
const { headOf, addressOf, card } = (await load("head.mjs")) as {
  headOf(page: { page: string; title: string; description: string }, home: string): Entry[];
  addressOf(page: string, home: string): string;
  card: { file: string; width: number; height: number };
};
const home = "https://docs.example/holdfast/";

test.each([
  ["index.md", home],
  ["errors.md", `${home}errors.html`],
  ["api/index.md", `${home}api/`],
  ["guides/hosts.md", `${home}guides/hosts.html`],
])("%s is at %s", (page, address) => {
  expect(addressOf(page, home)).toBe(address);
  const head = headOf({ page, title: "T", description: 'D "E"' }, home);
  expect(head).toContainEqual(["link", { rel: "canonical", href: address }]);
  expect(head).toContainEqual(["meta", { property: "og:url", content: address }]);
  expect(head).toContainEqual(["meta", { property: "og:title", content: "T" }]);
  expect(head).toContainEqual(["meta", { name: "description", content: 'D "E"' }]);
  expect(head).toContainEqual(["meta", { property: "og:image", content: `${home}card.png` }]);
});

test("the page for addresses that do not exist is found by nobody", () => {
  expect(headOf({ page: "404.md", title: "404", description: "" }, home)).toEqual([
    ["meta", { name: "robots", content: "noindex" }],
  ]);
});

test("the pictures have the sizes that the pages name", () => {
  const sizeOf = (file: string) => {
    const path = new URL(`../../../site/public/${file}`, import.meta.url);
    expect({ file, exists: existsSync(path) }).toEqual({ file, exists: true });
    const head = readFileSync(path).subarray(0, 24); // of a PNG: its signature, and the first chunk, which begins with its size
    return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
  };
  expect(sizeOf(card.file)).toEqual({ width: card.width, height: card.height });
  expect(sizeOf("icon.png")).toEqual({ width: 48, height: 48 });
  expect(sizeOf("apple-touch-icon.png")).toEqual({ width: 180, height: 180 });
});
