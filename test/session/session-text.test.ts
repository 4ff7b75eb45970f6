/** A session as text: its cookie and its body are told apart without parsing, and come together as they were. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bodyOf, bodyOfTail, joinText, splitText, stringify, tailOf } from "../../lib/session/text/session-text.js";

const nested = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth)) as unknown;
const tooDeep = expect.objectContaining({ code: "SESSION_NOT_SERIALIZABLE" }) as Error;

describe("a text in two parts", () => {
  test("generated: is the text again, and each part is what parsing finds there", () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\a')) }));
    const values = fc.dictionary(
      text.filter((key) => key !== "cookie" && key !== "__proto__"),
      fc.oneof(text, fc.jsonValue()),
    );
    fc.assert(
      fc.property(values, values, (cookie, others) => {
        const tail = tailOf(others);
        const whole = joinText(JSON.stringify(cookie), tail);
        const parts = splitText(whole)!;
        expect(parts).toEqual({ cookie: JSON.stringify(cookie), tail });
        const { cookie: found, ...rest } = JSON.parse(whole) as Record<string, unknown>;
        expect([JSON.parse(parts.cookie), JSON.parse(bodyOfTail(parts.tail))]).toEqual([found, rest]);
        expect(tailOf({ cookie, ...others })).toBe(tail);
        expect(tailOf({ ...others, cookie })).toBe(tail);
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
    expect(joinText(undefined, tailOf({ a: 1 }))).toBe('{"a":1}');
    expect(joinText(undefined, tailOf({}))).toBe("{}");
    expect(joinText('{"path":"/"}', tailOf({}))).toBe('{"cookie":{"path":"/"}}');
  });
});

describe("the tail", () => {
  test.each([
    ["{}", {}],
    ['{"a":1}', { cookie: { path: "/" }, a: 1 }],
    ['{"1":true,"a":2}', { cookie: { path: "/" }, a: 2, 1: true }],
    ['{"a":1}', { cookie: "no cookie", a: 1 }],
    ['{"a":1}', { cookie: { toJSON: () => undefined }, a: 1 }],
    ['{"a":1}', { cookie: { maxAge: 1n }, a: 1 }],
    ['{"cookies":{"path":"/"}}', { cookies: { path: "/" } }],
    ['{"b":2}', { a: 1, toJSON: () => ({ b: 2, cookie: {} }) }],
  ])("of the body %s, whatever its cookie is and wherever it stands", (body, session) => {
    expect(bodyOfTail(tailOf(session))).toBe(body);
    expect(bodyOf(session)).toBe(body);
  });

  test("fails for what the body fails for", () => {
    expect(() => tailOf({ cookie: {}, n: 1n })).toThrow(/cannot express/);
    expect(() => tailOf({ cookie: {}, a: nested(1000) })).toThrow(tooDeep);
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
