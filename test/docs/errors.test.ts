/** docs/errors.md has a section for every code that an error or a warning can carry, and for no other. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { codes, failureReasons, HoldfastError } from "../../lib/errors/index.js";
import { connectionFailure } from "../../lib/redis/failure-reasons.js";
import { namesIn, rowsOf } from "./support/pages.js";

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

it("error.help is the address of its section in the site", () => {
  const { homepage } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    homepage: string;
  };
  // The anchor of a heading that is one word is the word in small letters, on GitHub and in the site.
  const anchors = headings.map((line) => `${homepage}errors.html#${line.replace(/^#+\s+/, "").toLowerCase()}`);
  const helps = Object.values(codes).map((code) => new HoldfastError(code, "").help);
  expect(helps.filter((help) => !anchors.includes(help))).toEqual([]);
});

const reasons = rowsOf("docs/errors.md", "reason").map(([reason, causes]) => ({
  reason: namesIn(reason)[0]!,
  causes: namesIn(causes),
}));

it("the table of reasons has each of them once", () => {
  expect(reasons.map(({ reason }) => reason).toSorted()).toEqual([...failureReasons].toSorted());
});

it("each cause that the table names has its reason", () => {
  // What is in the error where it is not the name that people look for.
  const texts: Record<string, string> = {
    DEPTH_ZERO_SELF_SIGNED_CERT: "self-signed certificate",
    MaxRetriesPerRequestError: "Reached the max retries per request limit (which is 20).",
  };
  const all = reasons.flatMap(({ reason, causes }) => causes.map((cause) => ({ cause, reason })));
  expect(all.length).toBeGreaterThan(20);
  const found = all.map(({ cause }) => ({ cause, reason: connectionFailure(new Error(texts[cause] ?? cause)).reason }));
  expect(found).toEqual(all);
});
