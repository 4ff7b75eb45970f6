/** What the option `compress` remembers, so that nothing is decompressed or tried twice; within bounds. */
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { Packing } from "../../lib/repository/packing.js";
import { RecentTexts } from "../../lib/repository/recent-texts.js";
import type { Stored } from "../../lib/session/stored.js";
import { packed, unpacked } from "../../lib/session/text/packed-text.js";

const json = (n: number) => JSON.stringify({ cookie: {}, n, list: Array(200).fill("the same again") });

/** Counts what it decompresses. */
function counting(threshold?: number) {
  const texts: string[] = [];
  const packing = new Packing(threshold, true, (raw) => {
    texts.push(raw);
    return unpacked(raw);
  });
  return { packing, texts };
}

test("a text that was read before is not decompressed again", () => {
  const { packing, texts } = counting();
  const raw = packed(json(1), 1)!;
  for (let i = 0; i < 3; i++) {
    expect(packing.readText(raw)).toEqual({ form: "json", text: json(1), packed: raw });
    expect(packing.readFields({ cookie: "{}", list: raw })).toMatchObject({ fields: { list: json(1) } });
  }
  expect(texts).toEqual([raw]);
});

test("nor one that this process wrote", () => {
  const { packing, texts } = counting(100);
  const written = packing.written<Stored>({ form: "json", text: json(1) });
  expect(written.packed).toBeTypeOf("string");
  expect(packing.readText(written.packed as string)).toEqual(written);
  expect(packing.writtenText(json(2))).toBe(packed(json(2), 1));
  packing.readText(packing.writtenText(json(2)));
  expect(texts).toEqual([]);
});

test("a field that did not change keeps what Redis holds of it", () => {
  const { packing } = counting(100);
  const fields = { cookie: "{}", list: json(1), token: JSON.stringify(randomBytes(300).toString("base64")) };
  const before: Stored = { form: "hash", fields, packed: { list: "~1 as another process compressed it" } };
  expect(packing.written({ form: "hash", fields: { ...fields } }, before)).toEqual(before);
  expect(packing.written<Stored>({ form: "hash", fields }).packed).toEqual({ list: packed(json(1), 1) });
});

test("without the option, what is written is not touched", () => {
  const { packing } = counting();
  const session: Stored = { form: "json", text: json(1) };
  expect(packing.written(session)).toBe(session);
  expect(packing.writtenText(json(1))).toBe(json(1));
});

test("the text of the app's own serializer is its own affair", () => {
  const packing = new Packing(undefined, false);
  const raw = packed(json(1), 1)!;
  expect(packing.readText(raw)).toEqual({ form: "json", text: raw });
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
