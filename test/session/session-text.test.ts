/** A session as text: its cookie and its body are told apart without parsing, and come together as they were. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bodyOf, joinText, splitText, stringify } from "../../lib/session/text/session-text.js";

describe("a text in two parts", () => {
  test("generated: is the text again, and each part is what parsing finds there", () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\a')) }));
    const values = fc.dictionary(
      text.filter((key) => key !== "cookie" && key !== "__proto__"),
      fc.oneof(text, fc.jsonValue()),
    );
    fc.assert(
      fc.property(values, values, (cookie, others) => {
        const whole = joinText(JSON.stringify(cookie), JSON.stringify(others));
        const parts = splitText(whole)!;
        expect(parts).toEqual({ cookie: JSON.stringify(cookie), body: JSON.stringify(others) });
        const { cookie: found, ...rest } = JSON.parse(whole) as Record<string, unknown>;
        expect([JSON.parse(parts.cookie), JSON.parse(parts.body)]).toEqual([found, rest]);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    '{"a":1,"cookie":{}}',
    '{"cookie":null}',
    '{"cookie":"x","a":1}',
    '{"cookie":{"path":"/"',
    '{"cookie":{"path":"/',
    '{"cookie":{} ,"a":1}',
    "{}",
    "",
  ])("one of another form is to be parsed: %s", (text) => expect(splitText(text)).toBeUndefined());

  test("data that is no session may have no cookie", () => {
    expect(joinText(undefined, '{"a":1}')).toBe('{"a":1}');
    expect(joinText('{"path":"/"}', "{}")).toBe('{"cookie":{"path":"/"}}');
  });
});

describe("the body", () => {
  test("is all but the cookie", () => expect(bodyOf({ a: 1, cookie: { path: "/" }, b: [2] })).toBe('{"a":1,"b":[2]}'));

  test("is what a toJSON() of the session says, which is called once, on the session, as JSON.stringify() does", () => {
    const calls: unknown[] = [];
    const session = {
      n: 1,
      toJSON(this: object, key: string) {
        calls.push([this === session, key]);
        return { m: 2, cookie: {}, toJSON: () => "called again" };
      },
    };
    expect(bodyOf(session)).toBe('{"m":2}');
    expect(calls).toEqual([[true, ""]]);
    expect(bodyOf({ toJSON: "a value like any other" })).toBe('{"toJSON":"a value like any other"}');
  });

  test.each([
    ["a cycle", cycle],
    ["a BigInt", () => ({ n: 1n })],
    ["a toJSON() that returns a text", () => ({ toJSON: () => "x" })],
    ["a toJSON() that returns a list", () => ({ toJSON: () => [] })],
    ["a toJSON() that returns null", () => ({ toJSON: () => null })],
    ["a toJSON() that throws", () => ({ toJSON: () => JSON.parse("{") as object })],
  ])("with %s is refused with a code and its cause", (_, make) => {
    expect(() => bodyOf(make())).toThrow(
      expect.objectContaining({ code: "SESSION_NOT_SERIALIZABLE", cause: expect.any(Error) as Error }),
    );
  });

  test("of a thousand levels is taken, one more is refused; around the value of a key there is one", () => {
    const nested = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth)) as unknown;
    const tooDeep = expect.objectContaining({ code: "SESSION_NOT_SERIALIZABLE" }) as Error;
    expect(bodyOf({ a: nested(999) })).toHaveLength(2 * 999 + 6);
    expect(() => bodyOf({ a: nested(1000) })).toThrow(tooDeep);
    expect(stringify(nested(999), 1)).toHaveLength(2 * 999);
    expect(() => stringify(nested(1000), 1)).toThrow(tooDeep);
  });

  test("of nothing is nothing", () => expect(stringify(undefined)).toBeUndefined());
});

function cycle(): object {
  const session: Record<string, unknown> = {};
  session["self"] = session;
  return session;
}
