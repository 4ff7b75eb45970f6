/** A cookie's signature is computed once, as long as the secrets stay as they are. */
import { createHmac, createSecretKey } from "node:crypto";
import { sign, type unsign } from "cookie-signature";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { VerifiedCookies, verify } from "../../lib/http/cookie/verified-cookies.js";

/** Counts the signatures that are computed; they are Node's own. */
const computed = vi.hoisted(() => ({ count: 0 }));
vi.mock("cookie-signature", async (original) => {
  const own = await original<{ sign: typeof sign; unsign: typeof unsign }>();
  const counted =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A) => {
      computed.count++;
      return call(...args);
    };
  return { sign: counted(own.sign), unsign: counted(own.unsign) };
});

const [first, second] = ["first", "second"].map((name) => `${name}: a secret that is long enough for the tests`) as [
  string,
  string,
];
const signed = (id: string, secret: string) =>
  `s:${id}.${createHmac("sha256", secret).update(id).digest("base64").replace(/=+$/, "")}`;
const cost = (call: () => unknown) => {
  const before = computed.count;
  const result = call();
  return [result, computed.count - before];
};
let cookies: VerifiedCookies;
beforeEach(() => void (cookies = new VerifiedCookies()));

describe("nothing is computed", () => {
  test("for a cookie that was verified before, nor to send it again", () => {
    const secrets = [first, second];
    expect(cost(() => cookies.idOf(signed("a", first), secrets))).toEqual(["a", 1]);
    expect(cost(() => cookies.idOf(signed("a", first), secrets))).toEqual(["a", 0]);
    expect(cost(() => cookies.idOf(signed("a", first), [...secrets]))).toEqual(["a", 0]);
    expect(cost(() => cookies.valueOf("a", secrets))).toEqual([signed("a", first), 0]);
  });

  test("for a cookie of an older secret; the new one that replaces it is computed", () => {
    const secrets = [first, second];
    expect(cost(() => cookies.idOf(signed("a", second), secrets))).toEqual(["a", 2]);
    expect(cost(() => cookies.idOf(signed("a", second), secrets))).toEqual(["a", 0]);
    expect(cost(() => cookies.valueOf("a", secrets))).toEqual([signed("a", first), 1]);
  });

  test("for what is no signed cookie, or if there is no secret", () => {
    for (const value of [undefined, "", "a", signed("a", first).slice(2)])
      expect(cost(() => cookies.idOf(value, [first]))).toEqual([undefined, 0]);
    expect(cost(() => cookies.idOf(signed("a", first), []))).toEqual([undefined, 0]);
    expect(cost(() => verify(7, [first]))).toEqual([undefined, 0]);
    expect(cost(() => verify(signed("a", ""), ["", " "]))).toEqual([undefined, 0]);
  });

  test("for a KeyObject again; the bytes of a Buffer can change, so they are used each time", () => {
    const [key, bytes] = [createSecretKey(Buffer.from(first)), Buffer.from(first)];
    for (const [secret, again] of [
      [key, 0],
      [bytes, 1],
    ] as const) {
      const fresh = new VerifiedCookies();
      expect(cost(() => fresh.idOf(signed("a", first), [secret]))).toEqual(["a", 1]);
      expect(cost(() => fresh.idOf(signed("a", first), [secret]))).toEqual(["a", again]);
    }
    expect(cookies.idOf(signed("a", first), [second, bytes])).toBe("a");
    bytes[0]! ^= 1;
    expect(cookies.idOf(signed("a", first), [second, bytes])).toBeUndefined();
  });
});

test("a list that changed in any place is followed: what was known is computed anew", () => {
  const value = signed("a", first);
  for (const [before, after, id] of [
    [[first], [second], undefined],
    [[first, second], [first], "a"],
    [[first], [first, second], "a"],
    [[second, first], [second], undefined],
    [[second, first], [second, second], undefined],
  ] as const) {
    const fresh = new VerifiedCookies();
    expect(fresh.idOf(value, before)).toBe("a");
    const [found, count] = cost(() => fresh.idOf(value, after));
    expect([found, count !== 0]).toEqual([id, true]);
    expect(fresh.valueOf("a", after)).toBe(signed("a", after[0]));
  }
});

test("ten thousand cookies are remembered; one more, and all are computed anew", () => {
  const secrets = [first];
  const values = Array.from({ length: 10_001 }, (_, n) => signed(`${n}`, first));
  for (const value of values.slice(0, -1)) cookies.idOf(value, secrets);
  expect(cost(() => values.slice(0, -1).map((value) => cookies.idOf(value, secrets)).length)).toEqual([10_000, 0]);
  expect(cost(() => cookies.idOf(values.at(-1), secrets))).toEqual(["10000", 1]);
  expect(cost(() => cookies.idOf(values.at(-1), secrets))).toEqual(["10000", 0]);
  expect(cost(() => cookies.idOf(values[0], secrets))).toEqual(["0", 1]);
  expect(cost(() => cookies.valueOf("1", secrets))).toEqual([values[1], 1]);
});

test("without a secret that can be used, no cookie is signed", () => {
  for (const secrets of [[], ["", " "]])
    expect(() => cookies.valueOf("a", secrets)).toThrow(expect.objectContaining({ code: "HOLDFAST_SECRET_MISSING" }));
  expect(cookies.valueOf("a", ["", second])).toBe(signed("a", second));
  expect(sign("a", second)).toBe(signed("a", second).slice(2));
});
