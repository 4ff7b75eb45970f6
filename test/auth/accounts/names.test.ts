/** User names and e-mail addresses: what is allowed, and what is the same. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emailPattern, isEmail, isUsername, normalizeEmail, normalizeUsername, usernamePattern } from "holdfast/auth";

describe("e-mail addresses", () => {
  it.each([
    ["case", "ADA@EXAMPLE.ORG"],
    ["space around it", " ada@example.org\n"],
    ["full-width letters", "ａｄａ@ｅｘａｍｐｌｅ.ｏｒｇ"],
    ["a full-width @", "ada＠example.org"],
    ["the full stop of Chinese", "ada@example。org"],
  ])("one address whatever its %s", (_, other) => {
    expect(normalizeEmail(other)).toBe("ada@example.org");
  });

  it.each(["ada@bücher.example", "ada@BÜCHER.example", "ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"])(
    "one domain, in Unicode and as DNS has it: %s",
    (other) => expect(normalizeEmail(other)).toBe("ada@xn--bcher-kva.example"),
  );

  it.each(["ad.a@example.org", "ada+shop@example.org", "ada@example.org/x", "ada@example.org?x", "ada@exam%70le.org"])(
    "another address stays another: %s",
    (other) => expect(normalizeEmail(other)).toBe(other),
  );

  it.each(["", "@", "ada", "a@b@c", "@example.org/x", "ada@xn--a", "\uD800@\uD800"])(
    "nonsense is no error: %j",
    (text) => {
      expect(typeof normalizeEmail(text)).toBe("string");
    },
  );

  it("what was normalized stays as it is", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.emailAddress());
    const emails = fc.tuple(text, text).map((parts) => parts.join("@"));
    fc.assert(
      fc.property(fc.oneof(text, emails), (email) => normalizeEmail(normalizeEmail(email)) === normalizeEmail(email)),
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
    ["two addresses", "ada@example.org,eve"],
    ["a list", "eve,ada@example.org"],
    ["a group", "all:ada@example.org;"],
    ["a name before it", "Ada<ada@example.org>"],
    ["a full-width comma", "eve，ada@example.org"],
    ["a quotation", '"ada"@example.org'],
  ])("is none: %s", (_, text) => expect(isEmail(text)).toBe(false));

  it("a long text without an end is judged at once", () => {
    const started = performance.now();
    emailPattern.test(`${"@.".repeat(500_000)} `);
    isEmail(`${"x.".repeat(500_000)}@`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

/** Every code point that is in the set. */
const codePoints = (set: RegExp) =>
  Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code)).filter((letter) => set.test(letter));

const unseen = [
  ["default-ignorable", /\p{Default_Ignorable_Code_Point}/u],
  ["turning the direction of writing", /\p{Bidi_Control}/u],
  ["controls", /\p{Cc}/u],
  ["formats", /\p{Cf}/u],
  ["spaces", /[\p{Z}\s\u2800]/u],
  ["halves of a pair", /\p{Cs}/u],
  ["of private use", /\p{Co}/u],
  ["unassigned", /\p{Cn}/u],
] as const;

describe("what cannot be seen", () => {
  it.each(unseen)("is in no user name and in no e-mail address: %s", (_, set) => {
    const all = codePoints(set);
    expect(all.length).toBeGreaterThan(10);
    const letters = all.length < 10_000 ? all : all.filter((_letter, n) => n % 50 === 0);
    const names = letters.flatMap((letter) => [`ada${letter}`, `ad${letter}a`, `${letter}ada`, letter.repeat(4)]);
    expect(names.filter((name) => isUsername(name)).map((name) => JSON.stringify(name))).toEqual([]);
    const emails = letters.flatMap((letter) => [`a${letter}da@example.org`, `ada@exam${letter}ple.org`]);
    expect(emails.filter((email) => isEmail(email)).map((email) => JSON.stringify(email))).toEqual([]);
  });

  // The last five are blank, although Unicode calls them letters and signs.
  const some = "\u3164 \u115F \uFE0F \u034F \u200B \u202E \uFFA0 \u2800 \u{13441} \u{13442} \u{16FE4} \u{1D159}";

  it.each(some.split(" "))("%j is one of them", (letter) => {
    for (const name of [`ada${letter}`, `ad${letter}a`, letter.repeat(4)]) {
      expect(isUsername(name)).toBe(false);
      expect(usernamePattern.test(name)).toBe(false);
    }
    expect(isEmail(`ada${letter}@example.org`)).toBe(false);
  });
});

describe("user names", () => {
  it.each([
    ["Cyrillic in Latin", "\u0430da"],
    ["Cyrillic in Latin of full width", "ａｄ\u0430"],
    ["Greek in Latin", "ad\u03B1"],
    ["Greek in Cyrillic", "\u0430\u0434\u03B1"],
    ["Cyrillic in letters of mathematics", "\u{1D41A}d\u0430"],
    ["an accent twice", "ad\u00E1\u0301"],
    ["five accents", "ada\u0301\u0300\u0302\u0303\u0308"],
    ["a dot on an i", "adi\u0307"],
    ["more than 30 letters once it is folded", "\uFB03".repeat(15)],
    ["a space once it is folded", "ad\uFDFA"],
  ])("that look like another are refused: %s", (_, name) => expect(isUsername(name)).toBe(false));

  it.each([
    "ada",
    "Ada_L.-1",
    "ａｄａ",
    "Łukasz",
    "İlker",
    "иван",
    "Αλέξανδρος",
    "김철수",
    "ボブbob",
    "वरुण",
    "محمد",
    "สมชาย",
    "Zoë",
    "nguyễn",
    "渡辺42",
  ])("of people are accepted: %s", (name) => {
    for (const form of [name, name.normalize("NFD")]) expect(isUsername(form)).toBe(true);
  });

  it("every accepted name is accepted in the form in which it is compared, and that form is stable", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(...Array.from("adа.-_\u0301\u0307iİßẞſﬃ²")) }),
    );
    fc.assert(
      fc.property(name, (text) => {
        const normal = normalizeUsername(text);
        expect(normalizeUsername(normal)).toBe(normal);
        if (isUsername(text)) expect(normal).not.toMatch(/[\s@\p{C}\p{Default_Ignorable_Code_Point}]/u);
      }),
      { numRuns: 3000, examples: [["\uFC5E"], ["\u00B4ada"], [" ada "]] },
    );
  });

  it("no letter that a user name may have is an @ in the form in which names are compared", () => {
    const letters = Array.from({ length: 0x110000 }, (_, code) => code)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code))
      .filter((letter) => usernamePattern.test(`ada${letter}`));
    expect(letters.length).toBeGreaterThan(100_000);
    expect(letters.filter((letter) => normalizeUsername(`ada${letter}`).includes("@"))).toEqual([]);
    expect(usernamePattern.test("ada@example")).toBe(false);
  });
});

it.each([
  [" ＡDA ", "ada"],
  ["\u00B4ada", "\u0301ada"],
  ["Straße", "straße"],
])("the normal form of the user name %j is %j", (name, normal) => expect(normalizeUsername(name)).toBe(normal));

it("what has no @ is folded like any text, and is no domain", () => expect(normalizeEmail(" Bücher ")).toBe("bücher"));
