/** docs/errors.md has a section for every code that an error or a warning can carry, and for no other. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { codes, HoldfastError } from "../../lib/errors/index.js";

const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
const headings = page.split("\n").filter((line) => /^#{2,}\s/.test(line));
const documented = headings.flatMap((line) => line.match(/\b(?:HOLDFAST|SESSION)_[A-Z_]+\b/g) ?? []);

it("every code has a heading", () => {
  expect(Object.values(codes).filter((code) => !documented.includes(code))).toEqual([]);
});

it("every heading names a code that exists, once", () => {
  const known: string[] = Object.values(codes);
  expect(documented.filter((code) => !known.includes(code))).toEqual([]);
  expect(documented.filter((code, i) => documented.indexOf(code) !== i)).toEqual([]);
});

it("error.help is the address of its section in this repository", () => {
  const { repository } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    repository: { url: string };
  };
  const page = `${repository.url.replace(/^git\+|\.git$/g, "")}/blob/main/docs/errors.md`;
  // GitHub makes the anchor of a heading that is one word by writing it small.
  const anchors = headings.map((line) => `${page}#${line.replace(/^#+\s+/, "").toLowerCase()}`);
  const helps = Object.values(codes).map((code) => new HoldfastError(code, "").help);
  expect(helps.filter((help) => !anchors.includes(help))).toEqual([]);
});
