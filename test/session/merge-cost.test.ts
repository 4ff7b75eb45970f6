/** Merging is as the simple definition says, and takes time in proportion to what there is to merge. */
import { deepStrictEqual } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isObject, same, setSlot, slotOf, type Json, type JsonObject, type Slot } from "../../lib/session/text/json.js";
import { mergeSlots } from "../../lib/session/merge/merge.js";
import { append, compileRules, union } from "../../lib/session/merge/merge-rules.js";

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
/** Few different items, so that lists share some. */
const item = fc.oneof(
  fc.constantFrom<Json>(0, 1, "1", "", null, "null", true, "{}", [], {}, '{}{"a":1}', { a: 1, b: 2 }, { b: 2, a: 1 }),
  fc.record({ id: fc.nat(2), more: fc.constantFrom<Json>([1], [1, 2], { x: null }) }),
  json,
);
const list = fc.array(item, { maxLength: 8 }).map((items) => JSON.parse(JSON.stringify(items)) as Json[]);

function simpleUnion(base: Json[], mine: Json[], theirs: Json[]): Json[] {
  const includes = (items: Json[], one: Json) => items.some((other) => isDeepStrictEqual(other, one));
  const removed = base.filter((one) => !includes(mine, one) || !includes(theirs, one));
  const result: Json[] = [];
  for (const one of [...theirs, ...mine]) if (!includes(removed, one) && !includes(result, one)) result.push(one);
  return result;
}

/** As the first lines of merge.ts say it. */
function simpleMerge(base: Slot, mine: Slot, theirs: Slot): Slot {
  if (same(mine, base)) return theirs;
  if (same(theirs, base)) return mine;
  if (!isObject(mine) || !isObject(theirs)) return mine;
  const merged: JsonObject = {};
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const before = isObject(base) ? slotOf(base, key) : undefined;
    const value = simpleMerge(before, slotOf(mine, key), slotOf(theirs, key));
    if (value !== undefined) setSlot(merged, key, value);
  }
  return merged;
}

/** Of processor time. Comparing each with each would take minutes. */
const milliseconds = (work: () => unknown) => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

describe("union", () => {
  test("is what the simple definition says", () => {
    fc.assert(
      fc.property(list, list, list, (base, mine, theirs) =>
        deepStrictEqual(union(base, mine, theirs), simpleUnion(base, mine, theirs)),
      ),
      { numRuns: 2000 },
    );
  });

  test("of 30,000 objects in each list does not stop the event loop for long", () => {
    const items = (from: number) =>
      Array.from({ length: 30_000 }, (_, i) => ({ id: from + i, name: `item ${from + i}` }));
    const took = milliseconds(() => expect(union(items(0), items(1), items(2))).toHaveLength(30_000));
    expect(took).toBeLessThan(5000);
  });
});

describe("objects", () => {
  const key = fc.constantFrom("a", "b", "c", "__proto__", "toString");
  const { tree } = fc.letrec<{ tree: Json; node: Json }>((tie) => ({
    tree: fc.dictionary(key, tie("node"), { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<Json>,
    node: fc.oneof({ depthSize: "small" }, fc.constantFrom<Json>(0, 1, [], [1], {}), tie("tree")),
  }));
  const value = tree.map((node) => JSON.parse(JSON.stringify(node)) as Json);

  test("merge as the simple definition says", () => {
    fc.assert(
      fc.property(value, value, value, (base, mine, theirs) =>
        deepStrictEqual(mergeSlots(base, mine, theirs, [compileRules()]), simpleMerge(base, mine, theirs)),
      ),
      { numRuns: 2000 },
    );
  });

  test("that are nested deep are compared once, not once for each level", () => {
    const nested = (leaf: Json) => {
      let at: Json = leaf;
      for (let n = 0; n < 900; n++) at = { down: at, beside: n };
      return at;
    };
    const leaf = (n: number) => Array.from({ length: 20_000 }, (_, i) => ({ i, n }));
    const [base, mine, theirs] = [nested(leaf(0)), nested(leaf(1)), nested(leaf(2))];
    const took = milliseconds(() => mergeSlots(base, mine, theirs, [compileRules()]));
    expect(took).toBeLessThan(5000);
  });

  test("append to long lists takes its time once", () => {
    const items = Array.from({ length: 50_000 }, (_, i) => ({ i }));
    const took = milliseconds(() => append(items, [...items, 1], [...items, 2]));
    expect(took).toBeLessThan(5000);
  });
});

test("a rule of the app's own that changes what it is given changes nothing but its result", () => {
  const [base, mine, theirs]: Json[][] = [[1], [1, 2], [1, 3]];
  const rules = [compileRules({ a: (_base, own, stored) => ((stored as Json[]).push(...(own as Json[])), stored) })];
  const merge = () => mergeSlots({ a: base! }, { a: mine! }, { a: theirs! }, rules);
  expect(merge()).toEqual({ a: [1, 3, 1, 2] });
  expect(merge()).toEqual({ a: [1, 3, 1, 2] });
});
