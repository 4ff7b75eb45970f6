/** What the options `compress` and `encrypt` remember, so that nothing is converted or tried twice; within bounds. */
import { createSecretKey, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Packing } from "../../lib/repository/packing.js";
import { RecentTexts } from "../../lib/repository/recent-texts.js";
import type { Stored } from "../../lib/session/stored.js";
import { Keyring } from "../../lib/session/text/encrypted-text.js";
import { packed, unpacked } from "../../lib/session/text/packed-text.js";

const json = (n: number) => JSON.stringify({ cookie: {}, n, list: Array(200).fill("the same again") });

const key = "sess:a";

/** Counts what it decompresses. */
function counting(threshold?: number) {
  const texts: string[] = [];
  const packing = new Packing({ threshold, isJson: true, prefix: "sess:" }, (raw) => {
    texts.push(raw);
    return unpacked(raw);
  });
  return { packing, texts };
}

test("a text that was read before is not decompressed again", () => {
  const { packing, texts } = counting();
  const raw = packed(json(1), 1)!;
  for (let i = 0; i < 3; i++) {
    expect(packing.readText(raw, key)).toEqual({ form: "json", text: json(1), packed: raw });
    expect(packing.readFields({ cookie: "{}", list: raw }, key)).toMatchObject({ fields: { list: json(1) } });
  }
  expect(texts).toEqual([raw]);
});

test("nor one that this process wrote", () => {
  const { packing, texts } = counting(100);
  const written = packing.written<Stored>({ form: "json", text: json(1) }, key);
  expect(written.packed).toBeTypeOf("string");
  expect(packing.readText(written.packed as string, key)).toEqual(written);
  expect(packing.writtenText(json(2), key)).toBe(packed(json(2), 1));
  packing.readText(packing.writtenText(json(2), key), key);
  expect(texts).toEqual([]);
});

test("a field that did not change keeps what Redis holds of it", () => {
  const { packing } = counting(100);
  const fields = { cookie: "{}", list: json(1), token: JSON.stringify(randomBytes(300).toString("base64")) };
  const before: Stored = { form: "hash", fields, packed: { list: "~1 as another process compressed it" } };
  expect(packing.written({ form: "hash", fields: { ...fields } }, key, before)).toEqual(before);
  expect(packing.written<Stored>({ form: "hash", fields }, key).packed).toEqual({ list: packed(json(1), 1) });
});

test("without the option, what is written is not touched", () => {
  const { packing } = counting();
  const session: Stored = { form: "json", text: json(1) };
  expect(packing.written(session, key)).toBe(session);
  expect(packing.writtenText(json(1), key)).toBe(json(1));
});

describe("encrypted", () => {
  const names = ["decrypt", "encrypt"] as const;
  /** Counts what it decrypts and encrypts. */
  function encrypting({ isWriting = true, threshold = undefined as number | undefined, keys = [keyOne] } = {}) {
    const keyring = new Keyring(keys);
    const counts = { decrypt: 0, encrypt: 0 };
    const of = keyring.of.bind(keyring);
    keyring.of = (session) => {
      const cipher = of(session);
      for (const name of names) {
        const before = cipher[name].bind(cipher) as (...args: unknown[]) => string;
        Object.assign(cipher, { [name]: (...args: unknown[]) => (counts[name]++, before(...args)) });
      }
      return cipher;
    };
    const encryption = { keyring, isWriting, isStrict: false };
    return { packing: new Packing({ threshold, isJson: true, encryption, prefix: "sess:" }), counts };
  }
  const [keyOne, keyTwo] = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(32))];

  test("a text that was read or written before is not decrypted again", () => {
    const { packing, counts } = encrypting();
    const { packing: other, counts: of } = encrypting();
    const written = packing.written<Stored & { form: "json" }>({ form: "json", text: json(1) }, key);
    for (let i = 0; i < 3; i++)
      for (const one of [packing, other]) expect(one.readText(written.packed!, key)).toEqual(written);
    expect([counts, of]).toEqual([
      { decrypt: 0, encrypt: 1 },
      { decrypt: 1, encrypt: 0 },
    ]);
    for (let i = 0; i < 3; i++) other.forMany().readText(written.packed!, key);
    expect(of.decrypt).toBe(4);
  });

  test("what is remembered of one session or field is not taken for another's", () => {
    const { packing } = encrypting();
    const { packed: raw } = packing.written<Stored & { form: "json" }>({ form: "json", text: json(1) }, "sess:a");
    expect(packing.readText(raw!, "sess:a")).toMatchObject({ text: json(1) });
    for (const other of ["sess:b", "sess:", "other:a", "sess:a "])
      expect(packing.readText(raw!, other)).toMatchObject({ text: "~" });
    expect(packing.readFields({ a: raw! }, "sess:a")).toMatchObject({ fields: { a: "~" } });
    const { packed } = packing.written<Stored & { form: "hash" }>(
      { form: "hash", fields: { a: "1", b: "1" } },
      "sess:a",
    );
    expect(packing.readFields({ a: packed!["b"]!, b: packed!["b"]! }, "sess:a")).toMatchObject({
      fields: { a: "~", b: "1" },
    });
    expect(packing.readText(packed!["a"]!, "sess:a")).toMatchObject({ text: "~" });
  });

  test("a field that did not change is not encrypted again, unless its key is an old one", () => {
    const { packing, counts } = encrypting({ threshold: 100 });
    const fields = { cookie: "{}", list: json(1) };
    const before = packing.written<Stored & { form: "hash" }>({ form: "hash", fields }, key);
    expect(counts.encrypt).toBe(2);
    expect(packing.written({ form: "hash", fields: { ...fields } }, key, before)).toEqual(before);
    packing.written({ form: "hash", fields: { ...fields, list: json(2) } }, key, before);
    expect(counts.encrypt).toBe(3);
    const rotated = encrypting({ keys: [keyTwo, keyOne] });
    rotated.packing.written({ form: "hash", fields }, key, rotated.packing.readFields(before.packed!, key));
    expect(rotated.counts).toEqual({ decrypt: 2, encrypt: 2 });
    const off = encrypting({ isWriting: false, threshold: 100 });
    const plain = off.packing.written<Stored>(
      { form: "hash", fields },
      key,
      off.packing.readFields(before.packed!, key),
    );
    expect(plain.packed).toEqual({ list: packed(json(1), 1) });
  });
});

test("the text of the app's own serializer is its own affair", () => {
  const packing = new Packing({ isJson: false, prefix: "sess:" });
  const raw = packed(json(1), 1)!;
  expect(packing.readText(raw, key)).toEqual({ form: "json", text: raw });
});

test("texts are kept up to a number of characters, those that were used last", () => {
  const texts = new RecentTexts(2000);
  for (let i = 0; i < 500; i++) {
    texts.add(`key ${i}`, "text");
    texts.get("key 0");
  }
  expect(texts.get("key 0")).toBe("text");
  expect(texts.get("key 499")).toBe("text");
  expect(texts.get("key 300")).toBeUndefined();
  expect(texts.size).toBeLessThanOrEqual(2000);
  expect(texts.size).toBeGreaterThan(1980);
  texts.add("key 499", "another");
  expect(texts.get("key 499")).toBe("another");
  texts.add("large", "x".repeat(16));
  expect(texts.get("large")).toBeUndefined();
});
