/** What a save of the layout `hash` sends: the fields that changed, what has to be there for that, and several saves as one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FieldChanges, type FieldChange } from "../../lib/session/merge/hash-changes.js";
import { append, compileRules, max, min, sum, type MergeRules } from "../../lib/session/merge/merge-rules.js";

type Fields = Record<string, string>;
interface Save {
  base: Fields;
  mine: Fields;
  hasNewCookie?: boolean;
  reserved?: string[];
}

function changes(stored: Fields, saves: Save[], rules: MergeRules = {}): FieldChanges {
  const made = new FieldChanges(stored, compileRules(rules));
  for (const { base, mine, hasNewCookie = false, reserved = [] } of saves)
    made.add(base, mine, { hasNewCookie, isReserved: (key) => reserved.includes(key) });
  return made;
}

const set = (field: string, expected: string | undefined, value: string | undefined): FieldChange => ({
  kind: "set",
  field,
  expected,
  value,
});

describe("one save", () => {
  test("sends what changed, and nothing else", () => {
    const base = { cookie: "{}", a: "1", b: "2", c: "3" };
    const { list, fields } = changes(base, [{ base, mine: { cookie: '{"n":1}', a: "1", b: "5", d: "4" } }]);
    expect(list).toEqual([set("b", "2", "5"), set("c", "3", undefined), set("d", undefined, "4")]);
    expect({ ...fields }).toEqual({ cookie: "{}", a: "1", b: "5", d: "4" });
  });

  test("sends the cookie where its settings are new, whoever changed it meanwhile", () => {
    const mine = { cookie: '{"n":1}' };
    const { list } = changes({ cookie: '{"n":0}' }, [{ base: { cookie: "{}" }, mine, hasNewCookie: true }]);
    expect(list).toEqual([set("cookie", '{"n":0}', '{"n":1}')]);
  });

  test("does not remove what is reserved, and changes it", () => {
    const base = { a: "1", b: "1" };
    expect(changes(base, [{ base, mine: { b: "2" }, reserved: ["a", "b"] }]).list).toEqual([set("b", "1", "2")]);
  });

  test("that makes what another one made sends nothing", () => {
    expect(changes({ a: "2" }, [{ base: { a: "1" }, mine: { a: "2" } }]).list).toEqual([]);
    expect(changes({}, [{ base: { a: "1" }, mine: {} }]).list).toEqual([]);
  });

  test("is merged into what another one made of the same field", () => {
    const [base, theirs, mine] = [{ a: '{"x":1}' }, { a: '{"x":1,"y":2}' }, { a: '{"x":5}' }];
    expect(changes(theirs, [{ base, mine }]).list).toEqual([set("a", '{"x":1,"y":2}', '{"x":5,"y":2}')]);
    expect(changes({ l: "[1,2]" }, [{ base: { l: "[1]" }, mine: { l: "[1,3]" } }], { l: append }).list).toEqual([
      set("l", "[1,2]", "[1,2,3]"),
    ]);
  });

  test.each<[string, MergeRules, string | undefined, string, FieldChange]>([
    ["a sum", { n: sum }, "5", "7", { kind: "sum", field: "n", expected: undefined, value: "2" }],
    ["a sum that begins", { n: sum }, undefined, "3", { kind: "sum", field: "n", expected: undefined, value: "3" }],
    ["a sum that goes down", { "*": sum }, "5", "-7", { kind: "sum", field: "n", expected: undefined, value: "-12" }],
    ["a maximum", { n: max }, "5", "7.5", { kind: "max", field: "n", expected: "5", value: "7.5" }],
    ["a minimum", { n: min }, "5", "-7.5", { kind: "min", field: "n", expected: "5", value: "-7.5" }],
    ["a sum of a fraction, which Redis could not add", { n: sum }, "5", "7.5", set("n", "5", "7.5")],
    ["a sum of a text", { n: sum }, "5", '"x"', set("n", "5", '"x"')],
    ["a sum beyond what a double holds", { n: sum }, "5", "1234567890123456", set("n", "5", "1234567890123456")],
    ["a maximum of texts", { n: max }, '"a"', '"b"', set("n", '"a"', '"b"')],
    ["a maximum with an exponent", { n: max }, "5", "1e+21", set("n", "5", "1e+21")],
    ["a rule for something inside", { "n.a": sum }, "5", "7", set("n", "5", "7")],
  ])("leaves to Redis what it can do, else sends the value: %s", (_, rules, before, value, expected) => {
    const base: Fields = before === undefined ? {} : { n: before };
    expect(changes(base, [{ base, mine: { n: value } }], rules).list).toEqual([expected]);
  });

  test("a counter that is removed is removed", () => {
    expect(changes({ n: "5" }, [{ base: { n: "5" }, mine: {} }], { n: sum }).list).toEqual([set("n", "5", undefined)]);
  });

  test.each<[MergeRules, string, string, string, string]>([
    [{ n: max }, "1", "5", "7", "7"],
    [{ n: max }, "1", "7", "5", "7"],
    [{ n: min }, "9", "5", "7", "5"],
    [{ n: min }, "9", "7", "5", "5"],
    [{ n: max }, "9", "5", "9", "5"],
    [{ n: min }, "1", "5", "1", "5"],
    [{ n: sum }, "1", "5", "7", "11"],
  ])("%o: from %s to %s, where there is %s, gives %s", (rules, before, mine, theirs, result) => {
    const { fields } = changes({ n: theirs }, [{ base: { n: before }, mine: { n: mine } }], rules);
    expect(fields["n"]).toBe(result);
  });
});

describe("several saves in one write", () => {
  test("sums of one field become one", () => {
    const base = { n: "5" };
    const { list, fields } = changes(
      base,
      [
        { base, mine: { n: "6" } },
        { base, mine: { n: "8" } },
      ],
      { n: sum },
    );
    expect(list).toEqual([{ kind: "sum", field: "n", expected: undefined, value: "4" }]);
    expect(fields["n"]).toBe("9");
  });

  test("whatever else happens to one field becomes one value, in place of what is stored", () => {
    const stored = { n: "5", a: "1" };
    const first = { base: { n: "5", a: "1" }, mine: { n: "6", a: "2" } };
    const { list } = changes(stored, [first, { base: { n: "6", a: "2" }, mine: { a: "3" } }], { n: sum });
    expect(list).toEqual([set("n", "5", undefined), set("a", "1", "3")]);
  });

  test("a merge rule that throws adds nothing of its save", () => {
    const rules = compileRules({
      b: () => {
        throw new Error("no");
      },
    });
    const made = new FieldChanges({ a: "1", b: "2" }, rules);
    const save = () =>
      made.add({ a: "1", b: "1" }, { a: "5", b: "3" }, { hasNewCookie: false, isReserved: () => false });
    expect(save).toThrow("no");
    expect([made.list, { ...made.fields }]).toEqual([[], { a: "1", b: "2" }]);
  });

  test("generated: what is sent makes of what is stored what the process takes it for", () => {
    const name = fc.constantFrom("a", "b", "n", "toString", "__proto__");
    const fields = fc
      .array(fc.tuple(name, fc.integer({ min: -5, max: 5 }).map(String)), { maxLength: 4 })
      .map((entries) => {
        const made = Object.create(null) as Fields; // as the layout reads them
        for (const [key, text] of entries) made[key] = text;
        return made;
      });
    const saves = fc.array(fc.record({ base: fields, mine: fields }), { minLength: 1, maxLength: 3 });
    const rules = fc.constantFrom<MergeRules>({}, { n: sum, a: max }, { n: min, "*": sum });
    fc.assert(
      fc.property(fields, saves, rules, (stored, all, ruled) => {
        const made = changes(stored, all, ruled);
        const expected = sorted(made.fields);
        expect(sorted(sent(stored, made.list))).toEqual(expected);
        // Every field is sent once: Redis compares all of them before it writes any.
        const names = made.list.map(({ field }) => field);
        expect(new Set(names).size).toBe(names.length);
      }),
      { numRuns: 1000 },
    );
  });
});

/** What the script does, where what is stored is what the process knows of it. */
function sent(stored: Fields, list: FieldChange[]): Map<string, string> {
  const result = new Map(Object.entries(stored));
  for (const { kind, field, expected, value } of list) {
    const now = result.get(field);
    const isThere = now === expected || (kind !== "set" && now === undefined);
    if (kind === "sum") result.set(field, String(Number(now ?? 0) + Number(value)));
    else if (isThere && value === undefined) result.delete(field);
    else if (isThere) result.set(field, value!);
    else if (kind === "set") throw new Error(`${field} is ${now}, and ${expected} is expected`);
    else result.set(field, String(Math[kind](Number(now), Number(value))));
  }
  return result;
}

const sorted = (fields: Fields | Map<string, string>) =>
  [...(fields instanceof Map ? fields : Object.entries(fields))].sort(([a], [b]) => (a < b ? -1 : 1));
