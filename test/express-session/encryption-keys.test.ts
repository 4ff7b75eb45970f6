/** The keys of the option `encrypt`: which are taken, from where, and that no message repeats one. */
// cspell:ignore correcthorsebatterystaplecorrecthorsebatter
import { createSecretKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encryptionOf, hasEncryptionKeys } from "../../lib/express-session/encryption-keys.js";

const bytes = Buffer.from("c7e2f1a05b9d3846e1f07a2c94d8b35e60f1c2a79be4d3580f6a1e2d3c4b5a69", "hex");
const other = randomBytes(32);
const place = "of one session";
const taken = (option: unknown, env: NodeJS.ProcessEnv = {}) => encryptionOf(option as never, env);

/** The same key in each of its forms. */
const forms: [string, unknown][] = [
  ["a Buffer", bytes],
  ["a Uint8Array that is part of another", Uint8Array.from(Buffer.concat([other, bytes, other])).subarray(32, 64)],
  ["a KeyObject", createSecretKey(bytes)],
  ["hexadecimal digits", bytes.toString("hex")],
  ["capital ones", bytes.toString("hex").toUpperCase()],
  ["base64", bytes.toString("base64")],
  ["base64url", bytes.toString("base64url")],
  ["base64 with white space around it", ` ${bytes.toString("base64")}\n`],
];
const raw = taken(bytes)!.keyring.of(place).encrypt("{}");

test.each(forms)("%s is taken, and is the same key", (_form, key) => {
  for (const option of [key, [key], [other, key], { keys: key }, { keys: [other, key] }])
    expect(taken(option)!.keyring.of(place).decrypt(raw)).toBe("{}");
});

test("the environment has one or several, as text, for `true` and for an object without keys", () => {
  const text = bytes.toString("base64");
  for (const value of [text, `${other.toString("hex")},${text}`, ` ${other.toString("hex")} , ${text} `]) {
    const env = { SESSION_ENCRYPTION_KEY: value };
    for (const option of [true, {}, { write: false }, { onlyEncrypted: true }, { keys: undefined }])
      expect(taken(option, env)!.keyring.of(place).decrypt(raw)).toBe("{}");
    expect(hasEncryptionKeys(env)).toBe(true);
    for (const none of [undefined, null, false]) expect(taken(none, env)).toBeUndefined();
    expect(taken(other, env)!.keyring.of(place).decrypt(raw)).toBeUndefined();
  }
  for (const env of [{}, { SESSION_ENCRYPTION_KEY: "" }, { SESSION_ENCRYPTION_KEY: "  " }]) {
    expect(hasEncryptionKeys(env)).toBe(false);
    expect(() => taken(true, env)).toThrow(
      /SESSION_ENCRYPTION_KEY is not set\. Make one with: openssl rand -base64 32$/,
    );
  }
});

test("it writes encrypted, and reads what is not, unless told otherwise", () => {
  expect(taken(bytes)).toMatchObject({ isWriting: true, isStrict: false });
  expect(taken({ keys: bytes, write: undefined, onlyEncrypted: undefined })).toMatchObject({ isWriting: true });
  expect(taken({ keys: bytes, write: false })).toMatchObject({ isWriting: false, isStrict: false });
  expect(taken({ keys: bytes, onlyEncrypted: true })).toMatchObject({ isWriting: true, isStrict: true });
});

describe("is refused, in words that do not repeat it", () => {
  const passphrase = "correct horse battery staple!!!!"; // 32 characters
  const cases: [string, unknown, RegExp][] = [
    ["an empty text", "", /is empty, but must be 32 random bytes/],
    ["a passphrase", "a passphrase that somebody thought of", /is a text of length 37, but must be 32 random bytes/],
    ["a passphrase of 32 characters", passphrase, /looks like a password/],
    ["its bytes", Buffer.from(passphrase), /looks like a password/],
    ["its base64", Buffer.from(passphrase).toString("base64"), /looks like a password/],
    ["half of a key in hexadecimal digits", bytes.toString("hex").slice(0, 32), /looks like a password/],
    ["those as bytes", Buffer.from(bytes.toString("hex").slice(0, 32)), /looks like a password/],
    ["a Buffer that nobody filled", Buffer.alloc(32), /looks like an empty Buffer/],
    ["zeros as text", "0".repeat(64), /looks like an empty Buffer/],
    ["the same few bytes again and again", Buffer.alloc(32, "\u0001\u0002\u0003"), /looks like a few bytes, repeated/],
    ["words that could be base64", "correcthorsebatterystaplecorrecthorsebatter", /is a text of length 43/],
    ["31 bytes", bytes.subarray(1), /is 31 bytes long/],
    ["64 bytes", Buffer.concat([bytes, other]), /is 64 bytes long/],
    ["a key for AES-128", createSecretKey(randomBytes(16)), /is 16 bytes long/],
    ["a public key", generateKeyPairSync("ed25519").publicKey, /is an object of another kind/],
    ["a number", 5, /is a number/],
    ["a function", () => bytes, /is a function/],
    ["an empty list", [], /There is no key in/],
    ["a list with undefined", [bytes, undefined], /^Number 2 of the keys in the option `encrypt` is undefined/],
    ["a list with null", [null, bytes], /^Number 1 of the keys in the option `encrypt` is null/],
    ["a list in a list", [[bytes]], /is an object of another kind/],
    ["a list with a bad one", [bytes.toString("hex"), passphrase], /^Number 2 of the keys/],
    [
      "the same key twice",
      [bytes, other, bytes.toString("base64")],
      /^Number 1 and number 3 of the keys .* are the same/,
    ],
    [
      "a key with quotation marks",
      `"${bytes.toString("base64")}"`,
      /a text of length 46 with quotation marks around it/,
    ],
    ["a promise of a key", Promise.resolve(bytes), /is a promise/],
    ["a list with one", [Promise.resolve(bytes)], /is a promise/],
    ["an ArrayBuffer", Uint8Array.from(bytes).buffer, /is an object of another kind/],
    ["a key as the name of a member", { [bytes.toString("hex")]: true }, /has no member of that name/],
    ["an unknown member", { key: bytes }, /has no member `key`: it may have keys, write, onlyEncrypted/],
    ["`write` as text", { keys: bytes, write: "no" }, /`encrypt\.write` must be true or false/],
    ["`onlyEncrypted` as a number", { keys: bytes, onlyEncrypted: 1 }, /`encrypt\.onlyEncrypted` must be true/],
    ["what excludes each other", { keys: bytes, write: false, onlyEncrypted: true }, /exclude each other/],
  ];
  test.each(cases)("%s", (_what, option, words) => {
    let message = "";
    try {
      taken(option);
    } catch (error) {
      ({ message } = error as Error);
      expect(error).toMatchObject({ code: "HOLDFAST_OPTION_INVALID" });
      expect(error).not.toHaveProperty("cause");
    }
    expect(message).toMatch(words);
    for (const secret of [passphrase, "somebody thought of", bytes.toString("hex").slice(0, 32)])
      expect(message).not.toContain(secret);
  });

  test.each(["a,b", `${bytes.toString("hex")},`, `,${bytes.toString("hex")}`, "short"])(
    "SESSION_ENCRYPTION_KEY=%s",
    (text) => {
      const message = /(?:The key|Number \d of the keys) in SESSION_ENCRYPTION_KEY is (?:empty|a text of length \d)/;
      expect(() => taken(true, { SESSION_ENCRYPTION_KEY: text })).toThrow(message);
    },
  );
});
