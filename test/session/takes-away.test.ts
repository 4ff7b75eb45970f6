/** A change that only takes something away is lost without harm where the session is gone; any other is not. */
import { expect, test } from "vitest";
import { takesOnlyAway } from "../../lib/session/takes-away.js";
import { tailOf } from "../../lib/session/text/session-text.js";

const before = { a: 1, list: [1, 2], user: { name: "ann", address: { street: "Mill Lane" } } };
const { a: _a, ...withoutA } = before;

test.each<[string, object, boolean]>([
  ["nothing changed", before, true],
  ["a key is gone", withoutA, true],
  ["all is gone", {}, true],
  ["a key inside is gone", { ...before, user: { address: { street: "Mill Lane" } } }, true],
  ["a key further inside is gone", { ...before, user: { name: "ann", address: {} } }, true],
  ["one is gone and one is new", { ...withoutA, b: 1 }, false],
  ["a new key", { ...before, b: 1 }, false],
  ["a new key that every object inherits", { ...before, toString: 1 }, false],
  ["another value", { ...before, a: 2 }, false],
  ["another value further inside", { ...before, user: { name: "ann", address: { street: "High Street" } } }, false],
  ["a list with one item less, which is another list", { ...before, list: [1] }, false],
  ["an object in place of a list", { ...before, list: {} }, false],
  ["null in place of an object", { ...before, user: null }, false],
])("%s: %#", (_, after, expected) => {
  expect(takesOnlyAway(tailOf(before), tailOf(after))).toBe(expected);
  expect(takesOnlyAway(fieldsOf(before), fieldsOf(after))).toBe(expected);
});

test("the cookie of a HASH counts for nothing: it moves with every request", () => {
  expect(takesOnlyAway({ cookie: '{"path":"/"}', a: "1" }, { cookie: '{"path":"/x"}', a: "1" })).toBe(true);
});

function fieldsOf(values: object): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]));
}
