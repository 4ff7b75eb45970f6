/** Inputs that nobody who means well would send: cookies, values in Redis, form bodies. The same ones at every run. */
import { sign } from "cookie-signature";
import fc from "fast-check";
import type { RedisClientType } from "redis";

const seed = 20_261_122;

function sample<T>(arbitrary: fc.Arbitrary<T>, count: number): T[] {
  return fc.sample(arbitrary, { numRuns: count, seed });
}

/** Every text one byte a character, as it goes over the wire in latin1. */
const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((array) =>
    Buffer.from(array)
      .toString("latin1")
      .replace(/[\r\n]/g, " "),
  );
const printable = fc.string({ unit: "grapheme-ascii", maxLength: 60 });
const unicode = fc.string({ unit: "binary", maxLength: 40 });
const wellFormed = fc.string({ unit: "grapheme", maxLength: 40 });
const utf8 = wellFormed.map((text) =>
  Buffer.from(text)
    .toString("latin1")
    .replace(/[\r\n]/g, " "),
);

/** `Cookie` headers. */
export function hostileCookies(count: number, secret: string): string[] {
  const id = fc.string({ unit: fc.constantFrom(...Array.from("abcXYZ019-_")), minLength: 1, maxLength: 40 });
  const value = fc.oneof(
    printable.map((text) => `s:${text}`),
    id.map((text) => `s:${text}`),
    id.map((text) => `s%3A${text}.`),
    id.map((text) => `s%3A.${text}`),
    fc.tuple(id, id).map(([sid, signature]) => `s%3A${sid}.${signature}`),
    id.map((sid) => encodeURIComponent(`s:${sign(sid, "another secret")}`)),
    id.map((sid) => encodeURIComponent(`s:${sign(sid, secret)}`).slice(0, -1)),
    wellFormed.map((sid) => encodeURIComponent(`s:${sign(sid, secret)}`)), // signed well, and no id of ours
    fc.constantFrom("__proto__", "constructor", "../../etc/passwd", "*", "\u0000", "a\nb").map((sid) => {
      return encodeURIComponent(`s:${sign(sid, secret)}`);
    }),
    fc.constantFrom("%", "%E0%A4%A", "%00", "%zz", "%u1234", '"quoted"', '"', "j:{}", "s:", "s%3A", "", "=", "=="),
    fc.integer({ min: 1000, max: 7000 }).map((size) => `s%3A${"A".repeat(size)}`),
    bytes(80),
    utf8,
  );
  const header = fc.oneof(
    { weight: 8, arbitrary: value.map((text) => `connect.sid=${text}`) },
    fc.array(value, { minLength: 2, maxLength: 20 }).map((all) => all.map((one) => `connect.sid=${one}`).join("; ")),
    fc
      .array(fc.tuple(printable, printable), { maxLength: 200 })
      .map((all) => all.map((pair) => pair.join("=")).join(";")),
    fc
      .array(fc.constantFrom("__proto__", "constructor", "toString"), { maxLength: 5 })
      .map((all) => `${all.join("=1; ")}=1`),
    bytes(200),
  );
  const large = [8_000, 15_000, 16_384, 20_000, 70_000].map((size) => `connect.sid=s%3A${"A".repeat(size)}`);
  return [...sample(header, count - large.length), ...large];
}

/** Puts something in the place of a session. */
export type Plant = (client: RedisClientType, key: string) => Promise<unknown>;

const reserved = [
  ..."__proto__ constructor prototype toString valueOf toJSON then catch hasOwnProperty".split(" "),
  ..."save reload touch regenerate destroy resetMaxAge id req cookie sessionID length".split(" "),
];
const notCookie = reserved.filter((name) => name !== "cookie");
const json = fc.json({ maxDepth: 4 });
const number = fc.constantFrom("1e999", "-1e999", "-0", "9007199254740993", `1${"0".repeat(400)}`, "1e-400", "NaN");
const weird = fc.oneof(
  fc.constantFrom("null", "true", "[]", "{}", "0", "-1", '""', '"garbage"', '"2099-01-01"', "1e999", '{"a":1}', "[[]]"),
  fc.constantFrom('"+275760-09-13T00:00:00.001Z"', '"1970-01-01T00:00:00.000Z"', '"\\u0000"', '"a;b"', '"\\r\\nX: 1"'),
  json,
);
const cookieKeys = ["originalMaxAge", "expires", "maxAge", "path", "domain", "sameSite", "secure", "httpOnly"];
const cookieField = fc.tuple(
  fc.constantFrom(...cookieKeys, "priority", "partitioned", "_expires", "data", "serialize", "toJSON", "__proto__"),
  weird,
);
const cookie = fc.array(cookieField, { maxLength: 5 }).map((all) => `{${all.map(([k, v]) => `"${k}":${v}`).join()}}`);
const goodCookie = '{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}';

/** The last so many of `hostileSessions` are nested very deep. */
export const strangeSessions = 9;

export function hostileSessions(count: number): Plant[] {
  const strings = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
    json,
    unicode,
    fc.tuple(cookie, json).map(([one, value]) => `{"cookie":${one},"a":${value}}`),
    cookie.map((one) => `{"n":1,"cookie":${one}}`),
    weird.map((one) => `{"cookie":${one}}`),
    fc.tuple(fc.constantFrom(...reserved), weird).map(([key, value]) => `{"cookie":${goodCookie},"${key}":${value}}`),
    number.map((value) => `{"cookie":${goodCookie},"n":${value}}`),
    fc.tuple(json, fc.double({ min: 0, max: 1, noNaN: true })).map(([value, part]) => {
      const whole = `{"cookie":${goodCookie},"a":${value}}`;
      return whole.slice(0, Math.floor(whole.length * part));
    }),
    fc.constantFrom(
      "",
      " ",
      "undefined",
      "[object Object]",
      '{"cookie":{},"cookie":null}',
      '{"cookie":{"cookie":{"cookie":{}}}}',
      `\uFEFF{"cookie":${goodCookie}}`,
      `{"cookie":${goodCookie}}{"cookie":${goodCookie}}`,
      `{"cookie":${goodCookie},}`,
      `{"cookie":${goodCookie},"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}`,
    ),
  );
  const text = (value: string | Buffer): Plant => {
    return (client, key) => client.set(key, typeof value === "string" ? value : (value as unknown as string));
  };
  const short = fc.string({ unit: "binary", maxLength: 10 });
  const field = fc.tuple(fc.oneof(fc.constantFrom(...notCookie, "a", "n"), short), fc.oneof(weird, short));
  const other = fc.oneof(
    short.map(
      (value): Plant =>
        (client, key) =>
          client.rPush(key, value),
    ),
    short.map(
      (value): Plant =>
        (client, key) =>
          client.sAdd(key, value),
    ),
    short.map(
      (value): Plant =>
        (client, key) =>
          client.zAdd(key, { score: 1, value }),
    ),
    short.map(
      (value): Plant =>
        (client, key) =>
          client.xAdd(key, "*", { field: value }),
    ),
    short.map(
      (value): Plant =>
        (client, key) =>
          client.pfAdd(key, value),
    ),
    fc.array(field, { minLength: 1, maxLength: 5 }).map(
      (all): Plant =>
        (client, key) =>
          client.hSet(key, all),
    ),
    fc.tuple(cookie, fc.array(field, { minLength: 1, maxLength: 5 })).map(
      ([one, all]): Plant =>
        (client, key) =>
          client.hSet(key, [...all, ["cookie", one]]),
    ),
  );
  const deep = ["[", '{"a":'].flatMap((open) => {
    const close = open === "[" ? "]" : "}";
    return [1000, 10_000, 100_000].map((depth) => {
      const value = `${open.repeat(depth)}1${close.repeat(depth)}`;
      return text(`{"cookie":${goodCookie},"a":${value}}`);
    });
  });
  const open = [text("[".repeat(100_000)), text('{"cookie":{"a":'.repeat(20_000)), text(`{"cookie":${"{".repeat(50)}`)];
  const strange = [...deep, ...open];
  const rest = count - strange.length;
  const many = [...sample(strings.map(text), Math.ceil(rest * 0.7)), ...sample(other, Math.floor(rest * 0.3))];
  return [...many, ...strange];
}

/** Sessions as the layout `hash` keeps them, with rubbish in the fields. */
export function hostileHashes(count: number): Plant[] {
  const short = fc.string({ unit: "binary", maxLength: 10 });
  const field = fc.tuple(fc.oneof(fc.constantFrom(...reserved, "a", "n"), short), fc.oneof(weird, short));
  const fields = fc.tuple(fc.oneof(cookie, weird), fc.array(field, { minLength: 1, maxLength: 5 }));
  return sample(fields, count).map(
    ([one, all]) =>
      (client, key) =>
        client.hSet(key, [...all, ["cookie", one]]),
  );
}

export interface HostileForm {
  path: string;
  type: string;
  body: string;
}

/** Bodies for the shop's forms. `token` goes in most of them, so that they get past the check of forgeries. */
export function hostileForms(count: number, token: string): HostileForm[] {
  const name = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("sku", "quantity", "username", "password", "next", "remove", "csrf") },
    fc.constantFrom("__proto__", "constructor", "toString", "sku[]", "sku[a][b]", "__proto__[isAdmin]", "a.b", ""),
    wellFormed.map(encodeURIComponent),
    bytes(20),
  );
  const value = fc.oneof(
    fc.constantFrom("rope", "1", "-1", "1e9", "NaN", "0x10", "%00", "%E0%A4%A", "__proto__", "constructor", ""),
    wellFormed.map(encodeURIComponent),
    fc.integer({ min: 1000, max: 30_000 }).map((size) => "x".repeat(size)),
    bytes(60),
    fc.constantFrom("<script>alert(1)</script>", "' OR 1=1 --", "../../etc/passwd", "%0d%0aSet-Cookie: a=b"),
  );
  const pairs = fc.array(fc.tuple(name, value), { maxLength: 80 }).map((all) => all.map((pair) => pair.join("=")));
  const form = fc.tuple(pairs, fc.boolean()).map(([all, withToken]) => {
    return [...(withToken ? [`csrf=${encodeURIComponent(token)}`] : []), ...all].join("&");
  });
  const urlencoded = form.map((body) => ({ type: "application/x-www-form-urlencoded", body }));
  const asJson = fc.oneof(json, weird, bytes(200)).map((body) => ({ type: "application/json", body }));
  const lie = fc
    .tuple(
      fc.constantFrom("text/plain", "multipart/form-data; boundary=x", "a/b; charset=klingon", "", "/"),
      bytes(200),
    )
    .map(([type, body]) => ({ type, body }));
  const path = fc.constantFrom(
    "/cart",
    "/cart",
    "/cart/rope",
    "/cart/__proto__",
    "/cart/%00",
    "/cart/%E0%A4%A",
    "/cart/items.json",
  );
  const content = fc.oneof({ weight: 6, arbitrary: urlencoded }, { weight: 3, arbitrary: asJson }, lie);
  // Each login costs a password hash, so few of them.
  const forms = fc.oneof(
    { weight: 60, arbitrary: path },
    { weight: 1, arbitrary: fc.constantFrom("/login", "/register") },
  );
  return sample(fc.tuple(forms, content), count).map(([to, { type, body }]) => ({ path: to, type, body }));
}
