/** How deep a session may be nested: brackets count where they are brackets, however much text there is around them. */
import { describe, expect, test } from "vitest";
import { deepest, endOfString, isTooDeep } from "../../lib/session/text/nesting.js";

const lists = (depth: number, inside = "") => "[".repeat(depth) + inside + "]".repeat(depth);
const objects = (depth: number) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth);

describe("a text is too deep", () => {
  test.each([
    ["lists, at the limit", lists(deepest), false],
    ["lists, one more", lists(deepest + 1), true],
    ["objects, at the limit", objects(deepest), false],
    ["objects, one more", objects(deepest + 1), true],
    ["lists in objects, at the limit", '{"a":'.repeat(500) + lists(500) + "}".repeat(500), false],
    ["lists in objects, one more", '{"a":'.repeat(500) + lists(501) + "}".repeat(500), true],
    ["brackets in a string", JSON.stringify(["[".repeat(5000), "{".repeat(5000)]), false],
    ["brackets in a string behind an escaped quote", JSON.stringify([`"${"[".repeat(5000)}`]), false],
    ["brackets in a string that ends with a backslash", `["\\\\"${",[]".repeat(3000)}]`, false],
    ["deep behind such a string", `["\\\\",${lists(deepest)}]`, true],
    ["many lists side by side", `[${"[],".repeat(5000)}[]]`, false],
    ["many objects side by side", `[${"{},".repeat(5000)}{}]`, false],
    ["a deep one behind many shallow ones", `[${"[],".repeat(5000)}${lists(deepest)}]`, true],
    ["a deep one before many shallow ones", `[${lists(deepest)}${",[]".repeat(5000)}]`, true],
    ["at the limit behind many shallow ones", `[${"[],".repeat(5000)}${lists(deepest - 1)}]`, false],
    ["a string without an end", `"${"[".repeat(5000)}`, false],
  ])("%s: %#", (_, text, expected) => expect(isTooDeep(text)).toBe(expected));

  test("with the levels around it", () => {
    expect(isTooDeep(lists(deepest - 1), 1)).toBe(false);
    expect(isTooDeep(lists(deepest), 1)).toBe(true);
  });
});

test.each([
  ['"abc"', 4],
  ['""', 1],
  [String.raw`"a\"b"`, 5],
  [String.raw`"a\\"b"`, 4],
  ['"abc', -1],
  [String.raw`"abc\"`, -1],
])("the string %s ends at %i", (text, end) => expect(endOfString(text, 0)).toBe(end));
