/** Encrypted texts: they decrypt with their key, in their place, if nothing of them was changed, and not otherwise. */
import { createSecretKey, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isEncrypted, Keyring } from "../../lib/session/text/encrypted-text.js";
import { compressed, isPacked } from "../../lib/session/text/packed-text.js";

const newKey = () => createSecretKey(randomBytes(32));
const [key, oldKey] = [newKey(), newKey()];
const ring = new Keyring([key]);
const place = "of one session";
const text = JSON.stringify({ cookie: {}, user: "ada", list: Array(50).fill("the same again") });
const bytes = compressed(text, 1)!;

describe("a text", () => {
  test("comes back, whatever it is, and shows nothing of what it says", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (content, where) => {
        const raw = ring.of(where).encrypt(content);
        expect(ring.of(where).decrypt(raw)).toBe(content);
        expect(raw).toMatch(/^~2[\w-]{4}[\w-]+$/);
      }),
    );
    expect(ring.of(place).encrypt(text)).not.toContain("ada");
  });

  test("comes back from compressed bytes", () => {
    const raw = ring.of(place).encrypt(bytes);
    expect(ring.of(place).decrypt(raw)).toBe(text);
    expect(raw).toMatch(/^~3/);
    expect(raw.length).toBeLessThan(ring.of(place).encrypt(text).length / 2);
  });

  test("is encrypted in another way each time", () => {
    const all = new Set(Array.from({ length: 1000 }, () => ring.of(place).encrypt(text)));
    expect(all.size).toBe(1000);
    const nonces = new Set([...all].map((raw) => raw.slice(6, 22)));
    expect(nonces.size).toBe(1000);
  });

  test("is no JSON, and is known as encrypted", () => {
    const raw = ring.of(place).encrypt("{}");
    expect([isEncrypted(raw), isPacked(raw)]).toEqual([true, true]);
    expect(() => JSON.parse(raw) as unknown).toThrow();
    for (const other of ["", "~", "~1", "~1abc", "~2abc", "{}", text, '"~2"']) expect(isEncrypted(other)).toBe(false);
  });
});

describe("does not decrypt", () => {
  test.each([
    ["~2", text],
    ["~3", bytes],
  ] as const)("with any of its bytes changed: %s", (_marker, content) => {
    const raw = ring.of(place).encrypt(content);
    for (let i = 0; i < raw.length; i++) {
      for (const bit of [1, 2, 4, 8, 16, 32, 64]) {
        const changed = raw.slice(0, i) + String.fromCharCode(raw.charCodeAt(i) ^ bit) + raw.slice(i + 1);
        expect({ i, bit, text: ring.of(place).decrypt(changed) }).toEqual({ i, bit, text: undefined });
      }
    }
  });

  test("cut off anywhere, or with anything added", () => {
    const raw = ring.of(place).encrypt("{}");
    for (let length = 0; length < raw.length; length++)
      expect(ring.of(place).decrypt(raw.slice(0, length))).toBeUndefined();
    for (const end of ["A", "=", "==", "\n", " ", "AAAA", raw])
      expect(ring.of(place).decrypt(raw + end)).toBeUndefined();
  });

  test("with the marker of the other content", () => {
    const raw = ring.of(place).encrypt(text);
    expect(ring.of(place).decrypt(`~3${raw.slice(2)}`)).toBeUndefined();
  });

  test("for another session", () => {
    const raw = ring.of(place).encrypt(text);
    for (const other of ["", `${place} `, place.slice(1), place.toUpperCase()])
      expect(ring.of(other).decrypt(raw)).toBeUndefined();
  });

  test("in another field, or as a field", () => {
    const [whole, a] = [ring.of(place).encrypt(text), ring.of(place).encrypt(text, "a")];
    expect(ring.of(place).decrypt(a, "a")).toBe(text);
    for (const field of [undefined, "", "b", "a ", "/a"]) expect(ring.of(place).decrypt(a, field)).toBeUndefined();
    for (const field of ["", "a"]) expect(ring.of(place).decrypt(whole, field)).toBeUndefined();
  });

  test("with another key, also one that has the same name", () => {
    const raw = new Keyring([oldKey]).of(place).encrypt(text);
    expect(ring.of(place).decrypt(raw)).toBeUndefined();
    expect(ring.knows(raw)).toBe(false);
    const renamed = `~2${ring.names[0]}${raw.slice(6)}`;
    expect(ring.knows(renamed)).toBe(true);
    expect(ring.of(place).decrypt(renamed)).toBeUndefined();
  });
});

test("the first key encrypts, all decrypt", () => {
  const before = new Keyring([oldKey]).of(place).encrypt(text);
  const both = new Keyring([key, oldKey]);
  expect(both.of(place).decrypt(before)).toBe(text);
  expect([both.isNewest(before), both.knows(before)]).toEqual([false, true]);
  const after = both.of(place).encrypt(text);
  expect([both.isNewest(after), ring.of(place).decrypt(after)]).toEqual([true, text]);
});

test("the names of keys are the same in every process, differ, and say nothing of the keys", () => {
  const bytesOfKey = Buffer.alloc(32, 7);
  const [one, other] = [0, 1].map(() => new Keyring([createSecretKey(bytesOfKey)]).names[0]);
  expect(one).toBe(other);
  expect(one).toMatch(/^[\w-]{4}$/);
  expect(bytesOfKey.toString("base64url")).not.toContain(one);
  const names = Array.from({ length: 50 }, () => new Keyring([newKey()]).names[0]);
  expect(new Set(names).size).toBeGreaterThan(48);
});
