/** Which rows of a legacy table are copied, and how long they live. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lifeOf, readRow } from "../../lib/migrate/steps/stored-row.js";

const now = Date.parse("2026-03-01T00:00:00Z");
const row = (text: string, expires = now + 60_000) => ({ sid: "s", text, expires });

/** JSON in whatever form: keys twice, escaped, in any order, with white space. */
const key = fc.constantFrom(
  '"cookie"',
  '"c\\u006fokie"',
  '"\\u0063ookie"',
  '"cook\\u0069e"',
  '"user"',
  '"cookies"',
  '"rookie"',
  '"a\\"cookie"',
);
const json = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("null", "1", "true", "[]", '"cookie"', '"\\u0063"', "{}", '"{"'),
    tie("object"),
    tie("value").map((value) => `[${value}]`),
  ),
  object: fc
    .array(fc.tuple(key, fc.constantFrom(":", ": "), tie("value")), { maxLength: 4 })
    .map((entries) => `{${entries.map((entry) => entry.join("")).join(",")}}`),
}));
const text = fc.oneof(
  json.value,
  json.object,
  json.object.map((rest) => `{"cookie":{"path":"/"}${rest === "{}" ? "" : ","}${rest.slice(1)}`),
);

describe("a text that a database has checked", () => {
  test("property: counts as a session exactly if parsing it says so", () => {
    fc.assert(
      fc.property(text, (one) => {
        JSON.parse(one);
        const parsed = readRow(row(one), now);
        expect(lifeOf(row(one), now, true)).toBe(parsed.kind === "live" ? parsed.seconds : parsed.kind);
        expect(lifeOf(row(one), now)).toBe(lifeOf(row(one), now, true));
      }),
      { numRuns: 2000 },
    );
  });

  test("is not a session if a later key takes the cookie away", () => {
    for (const name of ['"cookie"', '"c\\u006fokie"'])
      expect(lifeOf(row(`{"cookie":{},${name}:null}`), now, true)).toBe("unreadable");
  });
});

test("a text that no database has checked is parsed", () => {
  expect(lifeOf(row('{"cookie":{},'), now)).toBe("unreadable");
  expect(lifeOf(row('{"cookie":{}}'), now)).toBe(60);
});

test("the column says how long it lives, to the next second", () => {
  expect(lifeOf(row('{"cookie":{}}', now + 1), now, true)).toBe(1);
  expect(lifeOf(row('{"cookie":{}}', now), now, true)).toBe("expired");
  expect(lifeOf(row("{", now), now)).toBe("expired");
  expect(lifeOf(row('{"cookie":{}}', Number.NaN), now, true)).toBe("unreadable");
});
