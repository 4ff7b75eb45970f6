/** Sessions are copied instead of parsed, and compared instead of turned into text: with the same result in every case. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../lib/session/text/json.js";
import { KnownSessions } from "../../lib/session/known-sessions.js";
import { copyOf, hasSameKeys, isUnchanged } from "../../lib/session/text/pristine.js";
import { bodyOf } from "../../lib/session/text/session-text.js";

const parse = (text: string) => JSON.parse(text) as Json;
const text = (value: unknown) => JSON.stringify(value);

describe("a copy", () => {
  test.each([
    '{"a":1,"b":[1,{"c":null}],"d":"x","e":true,"f":{}}',
    '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":"x"}',
    '{"2":"b","1":"a","z":0,"a":-0.5}',
    "[[],[[1]],{}]",
    "null",
    '"text"',
  ])("of %s has the same text, and nothing in common with it", (source) => {
    const value = parse(source);
    const copy = copyOf(value);
    expect(text(copy)).toBe(text(value));
    expect(Object.getPrototypeOf(Object(copy))).toBe(Object.getPrototypeOf(Object(value)));
    spoil(copy);
    expect(text(value)).toBe(text(parse(source)));
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("unchanged", () => {
  const pristine = parse('{"a":1,"list":[{"x":1},2],"o":{"p":null,"q":"r"}}') as JsonObject;
  const changed: [string, (value: any) => void][] = [
    ["another value", (value) => (value.a = 2)],
    ["a number as text", (value) => (value.a = "1")],
    ["one key more", (value) => (value.o.more = 1)],
    ["one key less", (value) => delete value.o.p],
    ["undefined in place of a value", (value) => (value.o.p = undefined)],
    ["NaN", (value) => (value.a = Number.NaN)],
    ["a list that is longer", (value) => value.list.push(3)],
    ["a list that is shorter", (value) => value.list.pop()],
    ["a list in place of an object", (value) => (value.o = [])],
    ["an object in place of a list", (value) => (value.list = { 0: { x: 1 }, 1: 2 })],
    ["a value deep inside", (value) => (value.list[0].x = 2)],
    ["keys in another order", (value) => (value.o = { q: "r", p: null })],
    ["a key named __proto__", (value) => Object.defineProperty(value.o, "__proto__", { value: {}, enumerable: true })],
    ["a toJSON of its own", (value) => Object.defineProperty(value.o, "toJSON", { value: () => "else" })],
    ["an inherited toJSON", (value) => Object.setPrototypeOf(value.list[0], { toJSON: () => "else" })],
    ["a date", (value) => (value.o = new Date(0))],
    ["a map", (value) => (value.o = new Map())],
    ["a hole in a list", (value) => delete value.list[1]],
  ];

  test("what nobody changed", () => {
    expect(hasSameKeys(copyOf(pristine) as object, pristine)).toBe(true);
  });

  test.each(changed)("not %s", (_name, change) => {
    const value = copyOf(pristine) as JsonObject;
    change(value);
    expect(isUnchanged(value, pristine)).toBe(false);
  });

  test("never where the text differs: 20,000 pairs of values that are alike", () => {
    const { value: any } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<Json>(0, -0, 1, "", "1", true, null),
        fc.array(tie("value") as fc.Arbitrary<Json>, { maxLength: 2 }),
        fc.dictionary(fc.constantFrom("a", "1", "__proto__"), tie("value") as fc.Arbitrary<Json>, { maxKeys: 2 }),
      ),
    }));
    let same = 0;
    const holds = fc.property(any, any, (mine, value) => {
      const isSame = isUnchanged(mine, value as Json);
      if (isSame) same++;
      return !isSame || text(mine) === text(value);
    });
    fc.assert(holds, { numRuns: 20_000 });
    expect(same).toBeGreaterThan(500);
  });

  test("as a session's body has it: the cookie does not count", () => {
    const session = { cookie: { path: "/" }, ...(copyOf(pristine) as object) };
    const known = { cookie: { path: "/else" }, ...pristine };
    expect(hasSameKeys(session, known, "cookie")).toBe(true);
    expect(bodyOf(session)).toBe(bodyOf(known));
  });
});

describe("known sessions", () => {
  const json = (source: string) => ({ form: "json", text: source }) as const;
  const hash = (fields: Record<string, string>) => ({ form: "hash", fields }) as const;

  test("the same text twice: parsed for both, then copied", () => {
    const parsed: string[] = [];
    const known = new KnownSessions((source) => (parsed.push(source), parse(source)));
    for (let i = 0; i < 5; i++) expect(known.open("a", json('{"n":[1]}')).data).toEqual({ n: [1] });
    expect(parsed).toHaveLength(2);
  });

  test("what one request does to its session, no other request sees", () => {
    const known = new KnownSessions(parse);
    for (const stored of [json('{"n":[1]}'), hash({ n: "[1]" })]) {
      for (let i = 0; i < 5; i++) {
        const { data, pristine } = known.open("a", stored);
        expect(data).toEqual({ n: [1] });
        (data as { n: number[] }).n.push(2);
        if (pristine && "n" in pristine) expect(pristine["n"]).toEqual([1]);
      }
    }
  });

  test("of a hash, only the fields that changed are parsed", () => {
    const parsed: string[] = [];
    const known = new KnownSessions((source) => (parsed.push(source), parse(source)));
    for (let i = 0; i < 3; i++) known.open("a", hash({ cart: "[1,2]", views: "1" }));
    parsed.length = 0;
    expect(known.open("a", hash({ cart: "[1,2]", views: "2" })).data).toEqual({ cart: [1, 2], views: 2 });
    expect(parsed).toEqual(["2"]);
  });

  test("another text is read as what it says, however often the one before was", () => {
    const known = new KnownSessions(parse);
    for (const n of [1, 1, 1, 2, 2, 2, 1]) {
      expect(known.open("text", json(`{"n":${n}}`)).data).toEqual({ n });
      expect(known.open("hash", hash({ n: `${n}`, m: "0" })).data).toEqual({ n, m: 0 });
    }
    expect(known.open("hash", hash({ n: "1" })).data).toEqual({ n: 1 });
  });

  test("a session that changes its form is read as what it is", () => {
    const known = new KnownSessions(parse);
    for (let i = 0; i < 3; i++) {
      expect(known.open("a", json('{"n":1}')).data).toEqual({ n: 1 });
      expect(known.open("a", hash({ n: "2" })).data).toEqual({ n: 2 });
    }
  });

  test("they take a bounded room, those read last are kept, and a huge one takes no other's place", () => {
    const parsed = new Set<string>();
    const known = new KnownSessions((source) => (parsed.add(source), parse(source)), 10_000);
    const session = (n: number) => json(`{"n":"${String(n).padStart(80, "0")}"}`);
    for (let n = 0; n < 1000; n++) {
      known.open(String(n), session(n));
      known.open("often", session(-1));
    }
    expect(known.size).toBeLessThanOrEqual(10_000);
    expect(known.size).toBeGreaterThan(9_000);
    known.open("huge", json(`{"n":"${"x".repeat(5000)}"}`));
    expect(known.size).toBeGreaterThan(9_000);
    parsed.clear();
    known.open("often", session(-1));
    expect(parsed.size).toBe(0);
  });

  test("text that is no JSON throws, and is not remembered", () => {
    const known = new KnownSessions(parse);
    for (let i = 0; i < 3; i++) expect(() => known.open("a", json("{"))).toThrow(SyntaxError);
    expect(known.size).toBe(0);
  });
});

function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    const part = Object.getOwnPropertyDescriptor(value, key)!.value as unknown;
    spoil(part);
    Object.defineProperty(value, key, { value: "spoilt", enumerable: true, configurable: true, writable: true });
  }
}
