/** How much of a session is shown to people, and what of it is hidden. */
import { describe, expect, it } from "vitest";
import { excerptOf } from "../../../lib/ops/sessions/excerpt.js";
import { masked } from "../../../lib/ops/sessions/mask.js";
import type { Json, JsonObject } from "../../../lib/session/index.js";

const most = 64_000;
const read = (text: string): unknown => JSON.parse(text);
const cookie = { originalMaxAge: null, path: "/", secret: "hush" };

describe("a session that people can read", () => {
  it.each<[string, JsonObject]>([
    ["empty", {}],
    ["with every kind of value", { cookie, a: [1, "b", null, true, [], {}, [{ c: {} }]], "": "" }],
    ["with invisible characters", { "k\u202e": "v\u001b\u0000\n\u2066\ud800" }],
    ["with HTML", { "<img src=x onerror=alert(1)>": "</pre><script>alert(1)</script>" }],
    ["with keys like parts of objects", JSON.parse('{"__proto__":{"a":1},"n":[{"__proto__":2}],"constructor":"b"}')],
    ["with secrets in lists of lists", { list: [[{ token: "t" }, [{ password: ["p"] }]], "Bearer abcdef123456"] }],
    ["with its id", { "the-id": "/resume?s=the-id", pg: "postgres://app:hush@db/shop" }],
    ["nested as deep as a session may be, narrowly", nested(100)],
  ])("is shown whole: %s", (_, values) => {
    const { text, isWhole } = excerptOf(values, "the-id", most);
    expect(isWhole).toBe(true);
    expect(JSON.stringify(read(text))).toBe(JSON.stringify(masked(values, "the-id")));
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{C}/u);
  });
});

describe("a larger one", () => {
  const items = Array.from({ length: 50_000 }, (_, i) => ({ id: i, name: `rope ${i}`, token: `hush-${i}` }));

  it("is cut where it is long, says how much is missing, and hides nothing that is short", () => {
    const values = { cookie, blob: "x".repeat(5_000_000), items, last: { user: "ada", token: "hush-1" } };
    const { text, isWhole } = excerptOf(values, "the-id", most);
    expect(isWhole).toBe(false);
    expect(text.length).toBeLessThan(2 * most);
    expect(text).toMatch(/"x{1000,}" … 4,9\d\d,\d\d\d more characters,\n/);
    const [, more] = /\n {4}… ([\d,]+) more items\n/.exec(text)!;
    expect(text.match(/"id": \d+/g)!.length + Number(more!.replaceAll(",", ""))).toBe(items.length);
    expect(text).toContain('"user": "ada"');
    expect(text).not.toContain("hush-");
  });

  it.each<[string, Json]>([
    ["nested too deep to indent", nested(900).in!],
    ["lists in lists", Array.from({ length: 200 }, () => Array.from({ length: 200 }, () => [[1, 2], [3]]))],
    ["a hundred thousand keys", Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i]))],
    ["a huge key", { ["k".repeat(1_000_000)]: 1 }],
    ["escapes", "\u0000".repeat(1_000_000)],
  ])("takes no more characters than are allowed, in any form: %s", (_, value) => {
    const { text, isWhole } = excerptOf({ cookie, value, last: "shown" }, "the-id", most);
    expect(isWhole).toBe(false);
    expect(text.length).toBeLessThan(2 * most);
    expect(text).toContain('"last": "shown"');
    expect(text).toMatch(/… [\d,]+ (more )?(item|key|character)s?/);
  });

  it("a secret is not shown because it was cut", () => {
    const jwt = `eyJ${"a".repeat(100_000)}.${"b".repeat(100_000)}.c`;
    const { text } = excerptOf({ note: jwt, list: ["x".repeat(100_000), jwt], [jwt]: 1 }, "the-id", most);
    expect(text).not.toContain("eyJ");
  });
});

function nested(levels: number): JsonObject {
  let value: JsonObject = { in: 1 };
  for (let i = 1; i < levels; i++) value = { in: value };
  return value;
}
