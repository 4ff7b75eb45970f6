/** The kinds of values that options accept, and how a wrong one is refused. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkKinds, group, isObject, kinds, oneOf, seconds, type OptionKind } from "../../lib/options/option-kinds.js";

const values = [0, 1, 1.5, -1, 2, Number.NaN, Infinity, "", "1", "true", true, false, {}, [], 5n, () => 1];
const accepted = ({ is }: OptionKind) => values.filter((value) => is(value));

test.each<[string, OptionKind, unknown[]]>([
  ["a text", kinds.text, ["", "1", "true"]],
  ["a flag", kinds.flag, [0, 1, true, false]],
  ["milliseconds", kinds.milliseconds, [1, 1.5, 2]],
  ["a count", kinds.count, [1, 2]],
  ["anything", kinds.anything, values],
  ["one of two texts", oneOf("1", "true"), ["1", "true"]],
  ["seconds", seconds("a number"), [1, 1.5, 2]],
  ["seconds or false", seconds("a number, or false", (value) => value === false), [1, 1.5, 2, false]],
])("of all kinds of values, %s is only what it should be", (_name, kind, expected) => {
  expect(accepted(kind)).toEqual(expected);
});

test("an object is no list and not null", () => {
  expect([{}, Object.create(null), new Date(0)].map(isObject)).toEqual([true, true, true]);
  expect([null, undefined, [], "x", 5, () => 1].filter(isObject)).toEqual([]);
});

describe("a group", () => {
  const durability = group({ replicas: kinds.count, timeout: kinds.milliseconds }, ["replicas"], "{ replicas: 1 }");

  test.each<[unknown, boolean]>([
    [{ replicas: 1 }, true],
    [{ replicas: 1, timeout: 0.5 }, true],
    [{ replicas: 1, timeout: undefined }, true],
    [{ replicas: 1, other: null }, true],
    [{ replicas: 0 }, false],
    [{ replicas: 1, timeout: -1 }, false],
    [{ replicas: 1, other: 1 }, false],
    [{ replicas: undefined }, false],
    [{ timeout: 5 }, false],
    [{}, false],
    [[], false],
    [1, false],
  ])("%j fits: %s", (value, fits) => expect(durability.is(value)).toBe(fits));

  test("needs each member that is needed, and none that is not", () => {
    const both = group({ a: kinds.anything, b: kinds.anything }, ["a", "b"], "{ a: 1, b: 1 }");
    expect([{ a: 1, b: 1 }, { a: 1 }, { b: 1 }].map((value) => both.is(value))).toEqual([true, false, false]);
    expect(group({}, [], "{}").is({})).toBe(true);
    expect(group({}, [], "{}").is([])).toBe(false);
  });
});

describe("options are checked", () => {
  const table = { name: kinds.text, count: kinds.count, layout: oneOf("json", "hash") };

  test.each<[object, string | undefined]>([
    [{}, undefined],
    [{ name: "x", count: 1, layout: "hash" }, undefined],
    [{ name: null, count: undefined, unknown: 7 }, undefined],
    [{ name: "x", count: 0 }, "`count` must be a whole number above 0"],
    [{ layout: "xml" }, '`layout` must be "json" or "hash"'],
    [Object.create({ name: 5 }), "`name` must be a string"],
  ])("%o", (options, message) => {
    if (message === undefined) return expect(checkKinds(options, table)).toBeUndefined();
    expect(() => checkKinds(options, table)).toThrow(
      expect.objectContaining({
        code: "HOLDFAST_OPTION_INVALID",
        message: expect.stringContaining(message) as string,
      }),
    );
  });

  test("property: null and undefined count as left out, whatever the kind", () => {
    fc.assert(
      fc.property(fc.constantFrom("name", "count", "layout"), fc.constantFrom(null, undefined), (name, nothing) => {
        checkKinds({ [name]: nothing }, table);
      }),
    );
  });
});
