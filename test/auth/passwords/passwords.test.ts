/** Passwords: argon2id at OWASP's parameters, the hashes of older systems, and a check that takes as long for nobody. */
import { createHash, pbkdf2Sync } from "node:crypto";
import { hash as argon2 } from "@node-rs/argon2";
import { hash as bcrypt } from "@node-rs/bcrypt";
import { describe, expect, it } from "vitest";
import { commonPasswords } from "../../../lib/auth/passwords/common-passwords.js";
import { hashPassword, needsRehash, verifyNothing, verifyPassword } from "../../../lib/auth/passwords/passwords.js";
import { workOf } from "../../support/work.js";

/** One character and a combining accent, as some systems enter it; NFC makes one character of the two. */
const asTyped = "cafe\u0301 noir";
const inNfc = "caf\u00e9 noir";

describe("passwords", () => {
  it("are hashed with argon2id, 19 MiB, two passes, one lane, and a salt of their own", async () => {
    const [one, other] = await Promise.all([hashPassword("correct horse"), hashPassword("correct horse")]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
  });

  it("fit their own hash only", async () => {
    const hash = await hashPassword("correct horse");
    expect(await verifyPassword(hash, "correct horse")).toBe(true);
    expect(await verifyPassword(hash, "correct horsf")).toBe(false);
    expect(await verifyPassword(hash, "")).toBe(false);
  });

  it("fit whichever way a keyboard composes their letters", async () => {
    for (const [set, entered] of [
      [asTyped, inNfc],
      [inNfc, asTyped],
      [asTyped, asTyped],
    ] as const) {
      expect(await verifyPassword(await hashPassword(set), entered)).toBe(true);
    }
  });

  it("that differ in more than that are different ones", async () => {
    expect(await verifyPassword(await hashPassword("ｃorrect horse²"), "correct horse2")).toBe(false);
  });

  it("of a megabyte are refused without being hashed", async () => {
    const hash = await hashPassword("correct horse");
    expect(await verifyPassword(hash, "x".repeat(1_000_000))).toBe(false);
    expect(await verifyPassword(await argon2("x".repeat(257)), "x".repeat(257))).toBe(false);
  });
});

describe("hashes of older systems", () => {
  const django = (password: string, iterations: number, salt = "seasalt2") =>
    `pbkdf2_sha256$${iterations}$${salt}$${pbkdf2Sync(password, salt, iterations, 32, "sha256").toString("base64")}`;

  it.each([
    // Made by Python's hashlib.pbkdf2_hmac and by crypt(3), not by what is tested here.
    [
      "pbkdf2_sha256",
      "pbkdf2_sha256$720000$seasalt2seasalt2seasal$SKlah49NcxR43vA55Sl41e1w7KA1B5TVgQEBSA8r00A=",
      "correct horse",
    ],
    ["pbkdf2_sha256, as typed", "pbkdf2_sha256$1000$NaCl$uZmYlo4yduZ9j2UiWZ7/PZq4+jVu31NWHRdNkYtvjd8=", asTyped],
    ["bcrypt 2b", "$2b$10$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu", "correct horse"],
    ["bcrypt 2a", "$2a$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "correct horse"],
    ["bcrypt 2y", "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "correct horse"],
    ["Django's bcrypt", "bcrypt$$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "correct horse"],
    [
      "Django's bcrypt_sha256",
      "bcrypt_sha256$$2b$06$abcdefghijklmnopqrstuu3EU4u.1UVgeGkDujWwknY23.buxm/Ny",
      "correct horse",
    ],
  ])("%s fits its password only, and is to be replaced", async (_, hash, password) => {
    expect(await verifyPassword(hash, password)).toBe(true);
    expect(await verifyPassword(hash, `${password}!`)).toBe(false);
    expect(await verifyPassword(hash, password.toUpperCase())).toBe(false);
    expect(needsRehash(hash)).toBe(true);
  });

  it.each([
    ["plain", "correct horse"],
    ["with an accent", asTyped],
    ["of another alphabet", "пароль с пробелом"],
    ["as long as can be", "x".repeat(256)],
  ])("generated ones of a password %s", async (_, password) => {
    const hashes = [
      django(password, 1000),
      `bcrypt_sha256$${await bcrypt(createHash("sha256").update(password).digest("hex"), 4)}`,
      (await bcrypt(password, 4)).replace(/^\$2b/, "$2a"),
      `argon2${await argon2(password, { memoryCost: 512, parallelism: 8 })}`,
      await argon2(password, { memoryCost: 512, algorithm: 1 }),
    ];
    for (const hash of hashes) {
      const fits = await verifyPassword(hash, password);
      const otherFits = await verifyPassword(hash, `?${password.slice(1)}`);
      expect({ hash, fits, otherFits, old: needsRehash(hash) }).toEqual({
        hash,
        fits: true,
        otherFits: false,
        old: true,
      });
    }
  });

  it("bcrypt looks at 72 bytes, as it did on the old site; Django's bcrypt_sha256 looks at all", async () => {
    const old = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";
    expect(await verifyPassword(old, `${"x".repeat(72)}the rest`)).toBe(true);
    expect(await verifyPassword(old, `${"x".repeat(72)}another rest`)).toBe(true);
    expect(await verifyPassword(old, `${"x".repeat(71)}the rest`)).toBe(false);
    const ofAll = createHash("sha256").update("x".repeat(80)).digest("hex");
    const django = `bcrypt_sha256$${await bcrypt(ofAll, 4)}`;
    expect(await verifyPassword(django, "x".repeat(80))).toBe(true);
    expect(await verifyPassword(django, "x".repeat(81))).toBe(false);
  });

  it("that would take minutes count as unreadable", async () => {
    const began = performance.now();
    const endless = [
      django("correct horse", 1).replace("$1$", "$2000000000$"),
      "$2b$31$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu",
      "bcrypt_sha256$$2b$31$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu",
      (await hashPassword("correct horse")).replace("t=2", "t=4000000"),
    ];
    for (const hash of endless) expect(await verifyPassword(hash, "correct horse")).toBe(false);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe("needsRehash", () => {
  it("is false for a hash of today", async () => {
    expect(needsRehash(await hashPassword("correct horse"))).toBe(false);
  });

  it.each([
    ["argon2id", "argon2i"],
    ["v=19", "v=16"],
    ["m=19456", "m=19455"],
    ["t=2", "t=1"],
    ["p=1", "p=4"],
    ["$argon2id", "argon2$argon2id"],
    ["p=1$", "p=1$!"],
  ])("is true with another part: %s, %s", async (from, to) => {
    expect(needsRehash((await hashPassword("correct horse")).replace(from, to))).toBe(true);
  });

  it("is true for nothing at all", () => expect(needsRehash("")).toBe(true));
});

describe("an answer takes the same work", () => {
  it.each([
    "",
    "$",
    "$argon2id$rubbish",
    "argon2$rubbish",
    "$2b$10$rubbish",
    "bcrypt_sha256$$2b$10$rubbish",
    "pbkdf2_sha256$0$salt$SKlah49NcxR43vA55Sl41e1w7KA1B5TVgQEBSA8r00A=",
    "pbkdf2_sha256$1e3$salt$SKlah49NcxR43vA55Sl41e1w7KA1B5TVgQEBSA8r00A=",
    "pbkdf2_sha256$1000$salt$c2hvcnQ=",
    "pbkdf2_sha256$1000$salt",
    "sha1$salt$0123456789012345678901234567890123456789",
    "!unusable",
  ])("for a hash that cannot be read, which fits no password: %s", async (unreadable) => {
    const hash = await hashPassword("correct horse");
    await verifyNothing();
    let [known, unknown] = [0, 0];
    for (let round = 0; round < 8; round++) {
      known += await workOf(() => verifyPassword(hash, "wrong horse!"));
      unknown += await workOf(async () => expect(await verifyPassword(unreadable, "correct horse")).toBe(false));
    }
    // Without the work it would be a hundredth.
    expect(unknown).toBeGreaterThan(known / 3);
  });

  it.each([
    ["plain", "wrong horse!"],
    ["that NFC changes", asTyped],
    ["that is too long", "x".repeat(1000)],
  ])("for nobody: verifyNothing(), with a password %s", async (_, password) => {
    const hash = await hashPassword("correct horse");
    await verifyNothing();
    let [known, unknown] = [0, 0];
    for (let round = 0; round < 15; round++) {
      known += await workOf(() => verifyPassword(hash, password));
      unknown += await workOf(() => verifyNothing(password));
    }
    expect(await verifyNothing(password)).toBe(false);
    expect(unknown).toBeGreaterThan(known * 0.7);
    expect(unknown).toBeLessThan(known * 1.4);
  });
});

describe("commonPasswords", () => {
  const isCommon = commonPasswords();

  it.each(["password", "12345678", "iloveyou", "1qaz2wsx", "PassWord", "ｐassword"])("%s is one", async (password) => {
    expect(await isCommon(password)).toBe(true);
  });

  it.each(["correct horse battery", "", "__proto__", "constructor", "k7#pQ2!vbn"])("%s is none", async (password) => {
    expect(await isCommon(password)).toBe(false);
  });

  it("knows more than the 3,000 that ASVS asks for", async () => {
    const { dictionary } = await import("@zxcvbn-ts/language-common");
    const longEnough = dictionary["passwords-common"].filter((password) => password.length >= 8);
    expect(longEnough.length).toBeGreaterThan(17_000);
    const answers = await Promise.all(longEnough.slice(0, 3000).map(isCommon));
    expect(answers.every(Boolean)).toBe(true);
  });
});
