/** Compressed texts: what is put in comes out, damage is noticed, and none of them is JSON or grows without limit. */
import { randomBytes } from "node:crypto";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fields } from "../../lib/session/stored.js";
import { fieldsAsRead, rawFields, rawText, textAsRead } from "../../lib/session/text/packed-stored.js";
import { isPacked, longestPacked, packed, unpacked } from "../../lib/session/text/packed-text.js";
import { dictionary } from "../../lib/session/text/packing-dictionary.js";

const cookie = '{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}';
const session = `{"cookie":${cookie},"user":{"id":"42","name":"Zoë 🛶"},"list":[${"1,2,".repeat(100)}3]}`;
const raw = packed(session, 1)!;

describe("a compressed text", () => {
  test("is what it was", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const whole = `{"cookie":${cookie},"value":${text}}`;
        const result = packed(whole, 1)!;
        expect(unpacked(result)).toBe(whole);
        expect(result.length).toBeLessThan(Buffer.byteLength(whole));
        expect(Buffer.byteLength(result)).toBe(result.length); // ASCII, which every client returns as it is
      }),
    );
  });

  test("is no JSON, and no JSON is taken for one", () => {
    expect(isPacked(raw)).toBe(true);
    expect(() => JSON.parse(raw) as unknown).toThrow(SyntaxError);
    fc.assert(fc.property(fc.json(), (text) => !isPacked(text) && !isPacked(` ${text}`)));
    expect(isPacked("")).toBe(false);
  });

  test("of earlier versions can be read: the dictionary does not change", () => {
    const earlier = "~1WKR4uSlmw+cKcDgiXADh4jS9Vgc1eE2MlHRgeS0q//BqhQ/zZ28DqYLmI0MdI51RPHiwcWwtAHCTdB4=";
    expect(unpacked(earlier)).toBe(session);
  });

  test("with any character changed is refused, or says the same", () => {
    for (let i = 0; i < raw.length; i++) {
      for (const other of ["A", "z", "=", "!"]) {
        let text = session;
        try {
          text = unpacked(raw.slice(0, i) + other + raw.slice(i + 1));
        } catch {
          continue;
        }
        expect(text).toBe(session);
      }
    }
    for (const damaged of ["~", "~1", "~2abc", "~1!!", raw.slice(0, -8), raw.slice(0, raw.length / 2)])
      expect(() => unpacked(damaged)).toThrow();
  });

  test("does not expand to more than the longest that is compressed", () => {
    const bomb = (length: number) => `~1${deflateSync(Buffer.alloc(length, " "), { dictionary }).toString("base64")}`;
    expect(unpacked(bomb(longestPacked))).toHaveLength(longestPacked);
    expect(() => unpacked(bomb(longestPacked + 1))).toThrow(RangeError);
    expect(() => unpacked(bomb(100 * longestPacked))).toThrow(RangeError);
  });
});

describe("a text stays as it is", () => {
  const text = (bytes: number) => `"${"é".repeat(bytes / 2 - 1)}"`;
  test("below the threshold, in bytes", () => {
    expect(packed(text(1000), 1001)).toBeUndefined();
    expect(packed(text(1000), 1000)).toBeDefined();
  });

  test("if it would not get smaller", () => {
    expect(packed(JSON.stringify(randomBytes(3000).toString("base64")), 1)).toBeUndefined();
    expect(packed('"short"', 1)).toBeUndefined();
  });

  test("if it is long enough to hold up other requests", () => {
    expect(packed(text(longestPacked), 1)).toBeDefined();
    expect(packed(text(longestPacked + 2), 1)).toBeUndefined();
  });
});

describe("what is read", () => {
  test("has the text, and what Redis holds", () => {
    const stored = textAsRead(raw);
    expect(stored).toEqual({ form: "json", text: session, packed: raw });
    expect(rawText(stored as never)).toBe(raw);
    expect(textAsRead(session)).toEqual({ form: "json", text: session });
  });

  test("stays as it is if it cannot be decompressed", () => {
    expect(textAsRead("~1abc")).toEqual({ form: "json", text: "~1abc" });
    const fields = { cookie, list: "~1abc" };
    expect(fieldsAsRead(fields)).toEqual({ form: "hash", fields });
  });

  test("of a hash is decompressed field by field, whatever their names", () => {
    const inRedis: Fields = Object.create(null);
    inRedis["cookie"] = cookie;
    inRedis["__proto__"] = raw;
    inRedis["views"] = "1";
    const stored = fieldsAsRead(inRedis);
    expect(stored.form === "hash" && Object.entries(stored.fields)).toEqual([
      ["cookie", cookie],
      ["__proto__", session],
      ["views", "1"],
    ]);
    expect(Object.entries(rawFields(stored as never))).toEqual(Object.entries(inRedis));
  });
});
