/** Stored values: what counts as an object, when two are the same, and that no name of a key is special. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isObject, same, setSlot, slotOf, type JsonObject } from "../../lib/session/text/json.js";

test.each<[unknown, boolean]>([
  [{}, true],
  [Object.create(null), true],
  [JSON.parse('{"__proto__":{}}'), true],
  [[], false],
  [null, false],
  [undefined, false],
  ["text", false],
  [new Date(0), false],
  [new Map(), false],
  [Object.create({}), false],
])("%o is a plain object: %s", (value, isPlain) => expect(isObject(value)).toBe(isPlain));

describe("two values are the same", () => {
  test("property: exactly if their JSON is, whatever the order of the keys", () => {
    const ordered = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(ordered)
        : value instanceof Object
          ? Object.entries(value)
              .map(([key, inner]) => [key, ordered(inner)])
              .sort()
          : value;
    const values = fc.oneof(
      fc.constantFrom<unknown>({ a: 1, b: [2] }, { b: [2], a: 1 }, [["a", 1]], { a: 1 }, {}, [], "", 0, false, null),
      fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value))),
    );
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(same(a, structuredClone(a))).toBe(true);
        const alike = JSON.stringify([ordered(a), Array.isArray(a)]) === JSON.stringify([ordered(b), Array.isArray(b)]);
        expect(same(a, b)).toBe(alike);
      }),
    );
  });

  test.each([
    [null, undefined],
    [{}, undefined],
    [undefined, []],
    [1, "1"],
  ])("%j and %j are not", (a, b) => expect(same(a, b)).toBe(false));
});

test.each(["__proto__", "constructor", "toString", "a"])("a key named %s is like any other", (key) => {
  const object: JsonObject = {};
  expect(slotOf(object, key)).toBeUndefined();
  for (const value of [{ polluted: true }, "again"]) {
    setSlot(object, key, value);
    expect(slotOf(object, key)).toBe(value);
    expect(JSON.stringify(object)).toBe(JSON.stringify({ [key]: value }));
  }
  expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  object[key] = "by hand";
  expect(Reflect.deleteProperty(object, key)).toBe(true);
  expect(Object.keys(object)).toEqual([]);
});
