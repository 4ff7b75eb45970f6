/** What the shop's forms say about an input: the rule that it breaks, whatever was typed. */
import fc from "fast-check";
import { isEmail, isUsername } from "holdfast/auth";
import { describe, expect, it } from "vitest";
import { emailProblem, passwordProblem, usernameProblem } from "../../demo-app/input-rules.js";
import { readQuantity } from "../../demo-app/quantity.js";

describe("a user name", () => {
  it.each([
    ["", "Please choose a user name."],
    ["   ", "Please choose a user name."],
    ["x", "This name has 1 character; it needs at least 3."],
    ["𝒳y", "This name has 2 characters; it needs at least 3."],
    ["x".repeat(31), "This name has 31 characters; it may have at most 30."],
    ["ada lovelace", "A user name cannot contain a space."],
    ["ada@home", "A user name cannot contain “@”."],
    ["ada\u200b", "A user name cannot contain a character that cannot be seen."],
    ["-ada", "A user name cannot begin with “-”."],
    ["аda", "This name could be taken for another one: it mixes alphabets, or has characters that cannot be seen."],
  ])("%j: %s", (typed, sentence) => expect(usernameProblem(typed)).toBe(sentence));

  it("breaks a rule exactly if holdfast/auth refuses it", () => {
    const typed = fc.oneof(
      fc.string({ unit: "binary", maxLength: 35 }),
      fc.string({ unit: fc.constantFrom(...Array.from("aб1.-_ @é\u3164")), maxLength: 35 }),
    );
    fc.assert(fc.property(typed, (name) => (usernameProblem(name) === undefined) === isUsername(name.trim())));
  });
});

describe("an e-mail address", () => {
  it.each([
    ["ada", "This address has no @."],
    ["ada@home@work", "This address has more than one @."],
    ["@home", "This address has nothing before its @."],
    ["ada@", "This address has nothing after its @."],
    ["ada@example.", "An address cannot end with a dot."],
    ["ada @example.org", "An address cannot contain a space."],
    ["<ada@example.org>", "An address cannot contain “<”."],
    [`${"a".repeat(250)}@b.org`, "This address has 256 characters; it may have at most 254."],
    ["ada@ex\u200bample.org", "This address has characters that no address can have."],
  ])("%j: %s", (typed, sentence) => expect(emailProblem(typed)).toBe(sentence));

  it("breaks a rule exactly if it is there and holdfast/auth refuses it", () => {
    const typed = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(...Array.from("a@.<, \u3164")) }),
    );
    fc.assert(
      fc.property(typed, (address) => {
        const trimmed = address.trim();
        return (emailProblem(address) === undefined) === (trimmed === "" || isEmail(trimmed));
      }),
    );
  });
});

it.each([
  ["", "Please choose a password."],
  ["short", "This has 5 characters; a password needs at least 8."],
  ["🐴🐴🐴🐴", "This has 4 characters; a password needs at least 8."],
  ["x".repeat(257), "This has 257 characters; a password may have at most 256."],
  ["password", "So many people use this password that it is tried first. Please choose another one."],
  ["correct horse", undefined],
])("a password of %j: %s", async (typed, sentence) =>
  expect(await passwordProblem(typed, (password) => password === "password")).toBe(sentence),
);

describe("a quantity", () => {
  it.each([
    ["", "Please type how many."],
    ["0", "0 is too few: at least 1."],
    ["-1", "-1 is too few: at least 1."],
    ["-0.5", "-0.5 is too few: at least 1."],
    ["1.5", "1.5 is not possible: whole pieces only."],
    [",5", ",5 is not possible: whole pieces only."],
    ["1000", "1000 is too many: at most 99 at once."],
    ["9".repeat(400), `${"9".repeat(20)}… is too many: at most 99 at once.`],
    ["abc", "“abc” is not a whole number."],
    ["1e1", "“1e1” is not a whole number."],
    ["１", "“１” is not a whole number."],
    ["0x1", "“0x1” is not a whole number."],
  ])("of %j: %s", (typed, problem) =>
    expect(readQuantity(typed, { min: 1, max: 99, most: "at once" })).toEqual({ problem }),
  );

  it.each([
    ["1", 1],
    [" 99 ", 99],
    ["007", 7],
  ])("of %j is %i", (typed, value) =>
    expect(readQuantity(typed, { min: 1, max: 99, most: "at once" })).toEqual({ value }),
  );

  it("of 0 is one where 0 is allowed", () => {
    expect(readQuantity("0", { min: 0, max: 999, most: "of a thing" })).toEqual({ value: 0 });
  });
});
