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
  type MergeRules,
} from "../../lib/session/merge/merge-rules.js";

describe("rules", () => {
  test.each<[string, Slot, Slot]>([
    ["sum", sum(10, 12, 15), 17],
    ["sum of a new counter", sum(undefined, 1, 1), 2],
    ["sum after the other one removed it", sum(3, 5, undefined), 2],
    ["sum of what is no number: mine", sum("a", "b", 3), "b"],
    ["max of numbers", max(1, 5, 9), 9],
    ["max of ISO dates", max(null, "2026-01-01", "2025-12-31"), "2026-01-01"],
    ["max of different types: mine", max(1, "x", 9), "x"],
    ["min", min(9, 4, 5), 4],
    ["append", append([1], [1, 2], [1, 3]), [1, 3, 2]],
    ["append to nothing", append(undefined, ["a"], ["b"]), ["b", "a"]],
    ["append when mine was rewritten", append([1, 2], [9], [1, 2, 3]), [9, 3]],
    ["append when both were rewritten: mine", append([1, 2], [9], [8]), [9]],
    ["union", union(["a", "b"], ["a", "c"], ["a", "b", "d"]), ["a", "d", "c"]],
    ["union of objects", union([], [{ id: 1 }], [{ id: 1 }, { id: 2 }]), [{ id: 1 }, { id: 2 }]],
    ["mine", mine({}, { a: 1 }, { b: 1 }), { a: 1 }],
    ["theirs", theirs({}, { a: 1 }, { b: 1 }), { b: 1 }],
  ])("%s", (_name, result, expected) => expect(result).toEqual(expected));
});

describe("paths", () => {
  const merged = (rules: MergeRules, base: JsonObject, own: JsonObject, stored: JsonObject) =>
    mergeSessions(base, own, stored, compileRules(rules));

  test("`*` stands for any one key", () => {
    const cart = (rope: number, mug: number) => ({ cart: { rope: { quantity: rope }, mug: { quantity: mug } } });
    expect(merged({ "cart.*.quantity": sum }, cart(1, 1), cart(3, 1), cart(2, 5))).toEqual(cart(4, 5));
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
