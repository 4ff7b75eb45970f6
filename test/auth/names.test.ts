/** User names and e-mail addresses: what is allowed, and what is the same. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emailPattern, isEmail, normaliseEmail, normaliseUsername, usernamePattern } from "holdfast/auth";

describe("e-mail addresses", () => {
  it.each([
    ["case", "ADA@EXAMPLE.ORG"],
    ["space around it", " ada@example.org\n"],
    ["full-width letters", "ａｄａ@ｅｘａｍｐｌｅ.ｏｒｇ"],
    ["a full-width @", "ada＠example.org"],
    ["the full stop of Chinese", "ada@example。org"],
  ])("one address whatever its %s", (_, other) => {
    expect(normaliseEmail(other)).toBe("ada@example.org");
  });

  it.each(["ada@bücher.example", "ada@BÜCHER.example", "ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"])(
    "one domain, in Unicode and as DNS has it: %s",
    (other) => expect(normaliseEmail(other)).toBe("ada@xn--bcher-kva.example"),
  );

  it.each(["ad.a@example.org", "ada+shop@example.org", "ada@example.org/x", "ada@example.org?x", "ada@exam%70le.org"])(
    "another address stays another: %s",
    (other) => expect(normaliseEmail(other)).toBe(other),
  );

  it.each(["", "@", "ada", "a@b@c", "@example.org/x", "ada@xn--a", "\uD800@\uD800"])(
    "nonsense is no error: %j",
    (text) => {
      expect(typeof normaliseEmail(text)).toBe("string");
    },
  );

  it("what was normalised stays as it is", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.emailAddress());
    const emails = fc.tuple(text, text).map((parts) => parts.join("@"));
    fc.assert(
      fc.property(fc.oneof(text, emails), (email) => normaliseEmail(normaliseEmail(email)) === normaliseEmail(email)),
      { numRuns: 5000 },
    );
  });

  it.each([
    "a@b",
    "o'brien+shop@example.org",
    "ada@bücher.example",
    "🦊@example.org",
    `${"x".repeat(242)}@example.org`,
  ])("may be one: %s", (text) => expect(isEmail(text)).toBe(true));

  it.each([
    ["no @", "ada.example.org"],
    ["two @", "a@b@example.org"],
    ["two @ once it is folded", "a＠b@example.org"],
    ["nothing before the @", "@example.org"],
    ["nothing after it", "ada@"],
    ["a dot at the end", "ada@example.org."],
    ["a space", "ada l@example.org"],
    ["a line, which would end a mail's header", "ada@example.org\r\nBcc: all@example.org"],
    ["a zero byte", "a\0da@example.org"],
    ["255 characters", `${"x".repeat(243)}@example.org`],
    ["more than 254 once it is folded", `${"\uFDFA".repeat(100)}@example.org`],
    ["nothing at all", ""],
  ])("is none: %s", (_, text) => expect(isEmail(text)).toBe(false));

  it("a long text without an end is judged at once", () => {
    const started = performance.now();
    emailPattern.test(`${"@.".repeat(500_000)} `);
    isEmail(`${"x.".repeat(500_000)}@`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("user names", () => {
  it("no letter that a user name may have is an @ in the form in which names are compared", () => {
    const letters = Array.from({ length: 0x110000 }, (_, code) => code)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code))
      .filter((letter) => usernamePattern.test(`ada${letter}`));
    expect(letters.length).toBeGreaterThan(100_000);
    expect(letters.filter((letter) => normaliseUsername(`ada${letter}`).includes("@"))).toEqual([]);
    expect(usernamePattern.test("ada@example")).toBe(false);
  });
});
