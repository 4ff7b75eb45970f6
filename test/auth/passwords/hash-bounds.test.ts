/** What is read of a stored hash, without computing any: its kind, and whether it asks for more than a login may cost. */
import { describe, expect, it } from "vitest";
import { passwordHashProblem, readHash, today } from "../../../lib/auth/passwords/hash-forms.js";

const salt = "c29tZXNhbHRzb21lc2FsdA";
const sum = "A".repeat(43);
const argon2 = (parameters: string, kind = "argon2id") => `$${kind}$v=19$${parameters}$${salt}$${sum}`;
const bcrypt = (cost: string, rest = `${"A".repeat(21)}O${"B".repeat(30)}O`) => `$2b$${cost}$${rest}`;
const pbkdf2 = (rounds: string, encoded = `${sum}=`, own = "salt") => `pbkdf2_sha256$${rounds}$${own}$${encoded}`;

describe("a hash that is read", () => {
  it.each<[string, object]>([
    [`${today}${salt}$${sum}`, { kind: "argon2", isCurrent: true }],
    [argon2("m=262144,t=4,p=16"), { kind: "argon2", isCurrent: false }],
    [argon2("m=19456,t=2,p=1", "argon2i"), { kind: "argon2", isCurrent: false }],
    [`argon2${argon2("m=102400,t=2,p=8")}`, { kind: "argon2", phc: argon2("m=102400,t=2,p=8") }],
    [bcrypt("04"), { kind: "bcrypt", hash: bcrypt("04"), isOfSha256: false }],
    [bcrypt("16"), { kind: "bcrypt" }],
    [bcrypt("12").replace("2b", "2a"), { kind: "bcrypt" }],
    [bcrypt("12").replace("2b", "2y"), { kind: "bcrypt" }],
    [`bcrypt$${bcrypt("12")}`, { kind: "bcrypt", hash: bcrypt("12"), isOfSha256: false }],
    [`bcrypt_sha256$${bcrypt("12")}`, { kind: "bcrypt", hash: bcrypt("12"), isOfSha256: true }],
    [pbkdf2("1"), { kind: "pbkdf2", rounds: 1, salt: "salt" }],
    [pbkdf2("3000000"), { kind: "pbkdf2", rounds: 3_000_000, derivedKey: Buffer.from(sum, "base64") }],
    [pbkdf2("600000", sum), { kind: "pbkdf2" }],
  ])("%s", (text, expected) => expect(readHash(text)).toMatchObject(expected));

  it("has cleared what has no meaning at the ends of bcrypt's salt and hash, and nothing else", () => {
    // The last letter of the salt has two bits that count, the last one of the hash four.
    const ends: [string, string][] = [
      ["./ABCDEFGHIJKLMN", "."],
      ["OPQRSTUVWXYZabcd", "O"],
      ["efghijklmnopqrst", "e"],
      ["uvwxyz0123456789", "u"],
    ];
    for (const [letters, cleared] of ends)
      for (const letter of letters)
        expect(readHash(bcrypt("12", `${"A".repeat(21)}${letter}${"B".repeat(30)}.`))).toMatchObject({
          hash: bcrypt("12", `${"A".repeat(21)}${cleared}${"B".repeat(30)}.`),
        });
    for (const [letters, cleared] of [
      ["./AB", "."],
      ["CDEF", "C"],
      ["GHIJ", "G"],
      ["6789", "6"],
    ])
      for (const letter of letters!)
        expect(readHash(bcrypt("12", `${"A".repeat(21)}.${"B".repeat(30)}${letter}`))).toMatchObject({
          hash: bcrypt("12", `${"A".repeat(21)}.${"B".repeat(30)}${cleared}`),
        });
  });
});

describe("a hash that fits no password", () => {
  it.each([
    ["more memory", argon2("m=262145,t=1,p=1")],
    ["more lanes", argon2("m=19456,t=2,p=17")],
    ["more passes than its memory allows", argon2("m=262144,t=5,p=1")],
    ["a higher cost", bcrypt("17")],
    ["more rounds", pbkdf2("3000001")],
    ["more text", `${argon2("m=19456,t=2,p=1")}${"A".repeat(1000)}`],
  ])("because it asks for %s", (_, text) => expect(readHash(text)).toMatchObject({ kind: "none", isBomb: true }));

  it.each([
    "",
    "x",
    "$argon2id$",
    argon2("m=19456,t=2"),
    bcrypt("03"),
    bcrypt("12").slice(0, -1),
    `${bcrypt("12")}A`,
    `x${bcrypt("12")}`,
    bcrypt("12").replace("2b", "2x"),
    bcrypt("12").replace("B", "!"),
    `bcrypt${bcrypt("12")}`,
    pbkdf2("0"),
    pbkdf2("-1"),
    pbkdf2("1e3"),
    pbkdf2("1000", `${sum}==`),
    pbkdf2("1000", sum.slice(1)),
    pbkdf2("1000", `${sum}=`, ""),
    `x${pbkdf2("1000")}`,
  ])("because it is none: %j", (text) => expect(readHash(text)).toMatchObject({ kind: "none", isBomb: false }));

  it("only beyond a thousand characters is it not read at all", () => {
    expect(readHash(pbkdf2("1000", `${sum}=`, "s".repeat(936)))).toMatchObject({ kind: "pbkdf2" });
  });
});

it("what is wrong with a hash is said, and nothing of one that can be checked", () => {
  expect(passwordHashProblem(bcrypt("12"))).toBeUndefined();
  expect(passwordHashProblem(bcrypt("17"))).toContain("the cost 17");
  expect(passwordHashProblem("x")).toContain("unknown kind");
});
