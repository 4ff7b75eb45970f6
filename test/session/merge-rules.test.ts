/** Each merge rule, and how paths select them. */
import { describe, expect, test } from "vitest";
import type { JsonObject, Slot } from "../../lib/session/text/json.js";
import { mergeSessions } from "../../lib/session/merge/merge.js";
import {
  append,
  compileRules,
  max,
  min,
  mine,
  sum,
  theirs,
  union,
  type MergeRule,
  type MergeRules,
} from "../../lib/session/merge/merge-rules.js";

describe("rules", () => {
  test.each<[string, () => Slot, Slot]>([
    ["sum", () => sum(10, 12, 15), 17],
    ["sum of a new counter", () => sum(undefined, 1, 1), 2],
    ["sum after the other one removed it", () => sum(3, 5, undefined), 2],
    ["sum of what is no number: mine", () => sum("a", "b", 3), "b"],
    ["sum with a base that is no number: mine", () => sum("1", 2, 3), 2],
    ["sum with a stored value that is no number: mine", () => sum(1, 2, "3"), 2],
    ["sum of a text of mine: mine", () => sum(1, "2", 3), "2"],
    ["sum of texts only: mine", () => sum("1", "2", "3"), "2"],
    ["max of numbers", () => max(1, 5, 9), 9],
    ["max of ISO dates", () => max(null, "2026-01-01", "2025-12-31"), "2026-01-01"],
    ["max of different types: mine", () => max(1, "x", 9), "x"],
    ["max of a number and a text of digits: mine", () => max(0, "5", 9), "5"],
    ["max of a text of digits and a number: mine", () => max(0, 5, "9"), 5],
    ["max of texts, not of the numbers in them", () => max(null, "10", "9"), "9"],
    ["max of what cannot be compared: mine", () => max(null, [1], [2]), [1]],
    ["max of true and false: mine", () => max(null, false, true), false],
    ["max of numbers, mine", () => max(1, 9, 5), 9],
    ["min", () => min(9, 4, 5), 4],
    ["min, theirs", () => min(9, 5, 4), 4],
    ["min of ISO dates", () => min(null, "2026-01-01", "2025-12-31"), "2025-12-31"],
    ["min of different types: mine", () => min(1, "x", 0), "x"],
    ["min of a number and a text of digits: mine", () => min(0, 9, "5"), 9],
    ["min of a text of digits and a number: mine", () => min(0, "9", 5), "9"],
    ["append", () => append([1], [1, 2], [1, 3]), [1, 3, 2]],
    ["append to nothing", () => append(undefined, ["a"], ["b"]), ["b", "a"]],
    ["append when mine was rewritten", () => append([1, 2], [9], [1, 2, 3]), [9, 3]],
    ["append when both were rewritten: mine", () => append([1, 2], [9], [8]), [9]],
    ["append when both were rewritten at the end: mine", () => append([1, 2], [1, 9, 9], [1, 8, 8]), [1, 9, 9]],
    ["append when theirs was rewritten", () => append([1, 2], [1, 2, 3], [8]), [8, 3]],
    ["append when neither added", () => append([1], [1], [1]), [1]],
    ["append when both removed one: mine", () => append([1, 2], [1], []), [1]],
    ["append to what is no list: mine", () => append([1], [1, 2], "x"), [1, 2]],
    ["append of what is no list: mine", () => append([1], "x", [1, 2]), "x"],
    ["append with a base that is no list", () => append("x", [1], [2]), [2, 1]],
    ["union", () => union(["a", "b"], ["a", "c"], ["a", "b", "d"]), ["a", "d", "c"]],
    ["union of objects", () => union([], [{ id: 1 }], [{ id: 1 }, { id: 2 }]), [{ id: 1 }, { id: 2 }]],
    ["union with a base that is no list", () => union("ab", ["a"], ["b"]), ["b", "a"]],
    ["union with no base", () => union(undefined, ["a"], ["b"]), ["b", "a"]],
    ["union of what is no list: mine", () => union([], "x", ["a"]), "x"],
    ["union with what is no list: mine", () => union([], ["a"], "x"), ["a"]],
    [
      "union of objects whose keys are in another order",
      () => union([], [{ a: 1, b: 2 }], [{ b: 2, a: 1 }]),
      [{ b: 2, a: 1 }],
    ],
    [
      "union of objects and texts that look like them",
      () => union([], ['{}{"a":1}'], [{ a: 1 }]),
      [{ a: 1 }, '{}{"a":1}'],
    ],
    ["union of 1, true and their texts", () => union([], [1, true], ["1", "true"]), ["1", "true", 1, true]],
    ["mine", () => mine({}, { a: 1 }, { b: 1 }), { a: 1 }],
    ["theirs", () => theirs({}, { a: 1 }, { b: 1 }), { b: 1 }],
  ])("%s", (_name, result, expected) => expect(result()).toEqual(expected));

  test("union keeps the first of equal objects, as it was written", () => {
    const lists = [[{ a: 1, b: 2 }], [{ b: 2, a: 1 }]] as const;
    expect(JSON.stringify(union([], [...lists[0], ...lists[1]], []))).toBe('[{"a":1,"b":2}]');
    expect(JSON.stringify(union([], [], [...lists[1], ...lists[0]]))).toBe('[{"b":2,"a":1}]');
  });
});

describe("paths", () => {
  const merged = (rules: MergeRules, base: JsonObject, own: JsonObject, stored: JsonObject) =>
    mergeSessions(base, own, stored, compileRules(rules));

  test("`*` stands for any one key", () => {
    const cart = (rope: number, mug: number) => ({ cart: { rope: { quantity: rope }, mug: { quantity: mug } } });
    expect(merged({ "cart.*.quantity": sum }, cart(1, 1), cart(3, 1), cart(2, 5))).toEqual(cart(4, 5));
  });

  test("paths share their beginnings, and each keeps its rule", () => {
    const rules: MergeRules = { "a.x": sum, "a.y": max, "*.z": "theirs", "*.w": min };
    const values = (x: number, y: number, z: number, w: number) => ({ a: { x, y, z, w } });
    expect(merged(rules, values(1, 1, 1, 9), values(2, 5, 2, 5), values(4, 3, 3, 7))).toEqual(values(5, 5, 3, 5));
  });

  test("the named path goes before the wildcard", () => {
    const rules: MergeRules = { "*": "theirs", views: sum };
    expect(merged(rules, { a: 1, views: 1 }, { a: 2, views: 2 }, { a: 3, views: 2 })).toEqual({ a: 3, views: 3 });
  });

  test("a backslash makes dots and asterisks ordinary", () => {
    const rules: MergeRules = { "a\\.b": sum, "\\*": sum };
    expect(merged(rules, { "a.b": 1, "*": 1, c: 1 }, { "a.b": 2, "*": 2, c: 2 }, { "a.b": 2, "*": 2, c: 3 })).toEqual({
      "a.b": 3,
      "*": 3,
      c: 2,
    });
  });

  test("a function of the app decides, and undefined removes the path", () => {
    const rules: MergeRules = { a: (base, own, stored) => `${base}${own}${stored}`, b: () => undefined };
    expect(merged(rules, { a: "0", b: 1 }, { a: "m", b: 2 }, { a: "t", b: 3 })).toEqual({ a: "0mt" });
  });

  test("a rule is not asked when only one side changed the path", () => {
    const rules: MergeRules = { seen: max };
    expect(merged(rules, { seen: 9 }, { seen: 1 }, { seen: 9, other: 1 })).toEqual({ seen: 1, other: 1 });
  });

  test("an unknown rule is refused at the start", () => {
    expect(() => compileRules({ a: "total" as "sum" })).toThrow(/"a" is not known/);
  });

  test("what a function of the app does to its arguments changes nothing", () => {
    const [base, own, stored] = [{ a: [[1]] }, { a: [[2]] }, { a: [[3]] }];
    const spoil: MergeRule = (...sides) => sides.map((side) => (side as number[][])[0]!.push(9)).length;
    expect(merged({ a: spoil }, base, own, stored)).toEqual({ a: 3 });
    expect([base, own, stored]).toEqual([{ a: [[1]] }, { a: [[2]] }, { a: [[3]] }]);
  });

  test("a function of the app gets undefined for what is absent", () => {
    const seen: unknown[] = [];
    const rules: MergeRules = { a: (...sides) => void seen.push(sides) };
    expect(merged(rules, { a: 1 }, {}, { a: 2 })).toEqual({});
    expect(merged(rules, {}, { a: 1 }, { a: 2 })).toEqual({});
    expect(seen).toEqual([
      [1, undefined, 2],
      [undefined, 1, 2],
    ]);
  });

  test("a rule that throws is reported as the app's", () => {
    const rules: MergeRules = {
      a: () => {
        throw new Error("oops");
      },
    };
    expect(() => merged(rules, { a: 1 }, { a: 2 }, { a: 3 })).toThrow(
      expect.objectContaining({
        code: "SESSION_MERGE_RULE_FAILED",
        cause: expect.objectContaining({ message: "oops" }),
      }),
    );
  });
});
