/** Secrets: which are refused at the start, and that a list which the app changes is followed at once. */
import { createSecretKey, generateKeyPairSync } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { sign, unsign } from "cookie-signature";
import fc from "fast-check";
import { MemoryStore } from "express-session";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { redisSession, type RedisSessionOptions } from "holdfast";
import { resolveSecrets } from "../../lib/http/cookie/secrets.js";
import { VerifiedCookies } from "../../lib/http/cookie/verified-cookies.js";
import { startSite } from "../support/web-site.js";

const long = (name: string) => `${name}: a secret that is long enough for the tests`;
afterEach(() => vi.unstubAllEnvs());

describe("at the start", () => {
  const make = (secret: unknown) => redisSession({ store: new MemoryStore(), secret } as RedisSessionOptions);

  const wrong: [string, unknown][] = [
    ["an empty KeyObject", createSecretKey(Buffer.alloc(0))],
    ["an empty list", []],
    ["a list with an empty string", [""]],
    ["a list with one more, empty", [long("new"), ""]],
    ["a list with undefined", [long("new"), undefined]],
    ["a list with null", [null, long("new")]],
    ["white space", " \t\n"],
    ["a list with white space", ["   "]],
    ["a number", 5],
    ["a list with a number", [long("new"), 5]],
    ["an object", { secret: "x" }],
    ["true", true],
    ["a list in a list", [[long("new")]]],
    ["an empty Buffer", Buffer.alloc(0)],
    ["a public key", generateKeyPairSync("ed25519").publicKey],
  ];
  test.each(wrong)("%s is refused, also in production, in words that do not repeat it", (_name, secret) => {
    for (const env of ["production", "development"]) {
      vi.stubEnv("NODE_ENV", env);
      expect(() => make(secret)).toThrow(expect.objectContaining({ code: "HOLDFAST_OPTION_INVALID" }));
      expect(() => make(secret)).not.toThrow(long("new"));
    }
  });

  test("SESSION_SECRET of white space is refused", () => {
    vi.stubEnv("SESSION_SECRET", "   ");
    expect(() => make(undefined)).toThrow(/SESSION_SECRET/);
  });

  test.each([[long("text")], [Buffer.from(long("bytes"))], [createSecretKey(Buffer.from(long("key")))]])(
    "%o is taken",
    (secret) => {
      make(secret);
      make([long("new"), secret]);
    },
  );
});

describe("what is used", () => {
  const resolve = (option: unknown, env: NodeJS.ProcessEnv = {}) => resolveSecrets(option, env);
  let warned: ReturnType<typeof vi.spyOn>;
  beforeEach(() => void (warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined)));
  afterEach(() => warned.mockRestore());

  test("the option, else SESSION_SECRET; a list is the app's own", () => {
    const list = [long("new"), long("old")];
    expect(resolve(list, { SESSION_SECRET: long("env") })).toEqual({ list, isGenerated: false });
    expect(resolve(list).list).toBe(list);
    expect(resolve(long("one"))).toEqual({ list: [long("one")], isGenerated: false });
    for (const none of [undefined, null, ""])
      expect(resolve(none, { SESSION_SECRET: long("env") })).toEqual({ list: [long("env")], isGenerated: false });
  });

  test("without either: in production nothing, else 32 random bytes", () => {
    expect(() => resolve(undefined, { NODE_ENV: "production" })).toThrow(
      expect.objectContaining({ code: "HOLDFAST_SECRET_MISSING" }),
    );
    const [one, other] = [resolve(undefined), resolve(undefined, { SESSION_SECRET: "" })];
    expect([one.isGenerated, one.list]).toEqual([true, [expect.stringMatching(/^[\w-]{43}$/)]]);
    expect(one.list).not.toEqual(other.list);
  });

  test.each<[unknown, string]>([
    [[], "is an empty list"],
    [[long("new"), ""], "Number 2 of the list in the option `secret` is an empty string,"],
    [" ", "The option `secret` is only white space,"],
    [[undefined], "Number 1 of the list in the option `secret` is undefined,"],
    [[null], "is null,"],
    [5, "is a number,"],
    [Buffer.alloc(0), "is empty, or an object of another kind,"],
  ])("%j is refused in these words: %s", (secret, words) => expect(() => resolve(secret)).toThrow(words));
});

describe("whether a secret can be guessed is said once per process", () => {
  test.each<[unknown, string | undefined]>([
    ["x".repeat(31), "HOLDFAST_SECRET_SHORT"],
    ["x".repeat(32), undefined],
    [["x".repeat(32), "short"], undefined],
    [[Buffer.from("short")], undefined],
    [undefined, "HOLDFAST_SECRET_GENERATED"],
  ])("%j: %s", async (secret, code) => {
    vi.resetModules();
    const { resolveSecrets: resolve } = await import("../../lib/http/cookie/secrets.js");
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    for (let again = 0; again < 2; again++) resolve(secret, {});
    expect(JSON.stringify(warned.mock.calls)).toMatch(code ?? /^\[\]$/);
    expect(warned).toHaveBeenCalledTimes(code ? 1 : 0);
    warned.mockRestore();
  });
});

/** One change of the list, as an app makes it. */
const secretValue = fc.constantFrom<unknown>(
  "",
  " ",
  undefined,
  null,
  7,
  ...["a", "b", "c"].map(long),
  Buffer.from(long("d")),
);
const step = fc.oneof(
  secretValue.map((value) => ({ name: "unshift", run: (list: unknown[]) => void list.unshift(value) })),
  secretValue.map((value) => ({ name: "push", run: (list: unknown[]) => void list.push(value) })),
  fc.constant({ name: "pop", run: (list: unknown[]) => void list.pop() }),
  fc.constant({ name: "shift", run: (list: unknown[]) => void list.shift() }),
  fc.tuple(fc.nat(3), secretValue).map(([at, value]) => ({
    name: "set",
    run: (list: unknown[]) => void (list[Math.min(at, list.length)] = value),
  })),
  fc.constant({ name: "clear", run: (list: unknown[]) => void (list.length = 0) }),
  fc.constant({
    name: "bytes",
    run: (list: unknown[]) => list.forEach((one) => Buffer.isBuffer(one) && (one[0]! ^= 1)),
  }),
);

test("after any changes of the list, a cookie opens exactly if a secret that is in the list now has signed it", () => {
  const good = (value: unknown): value is string =>
    (typeof value === "string" && value.trim() !== "") || (Buffer.isBuffer(value) && value.length > 0);
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const list: unknown[] = [long("a"), Buffer.from(long("d"))];
      const verified = new VerifiedCookies();
      const cookies: string[] = ["a", "b", "c", "d"].map((name) => `s:${sign(`id-${name}`, long(name))}`);
      cookies.push("s:x.y", "", `s:${sign("forged", " ")}`);
      for (const { run } of steps) {
        run(list);
        const usable = list.filter(good);
        if (usable[0]) cookies.push(verified.valueOf("mine", list as string[]));
        else
          expect(() => verified.valueOf("mine", list as string[])).toThrow(
            expect.objectContaining({ code: "HOLDFAST_SECRET_MISSING" }),
          );
        for (const cookie of cookies) {
          const model = usable.map((secret) => unsign(cookie.slice(2), secret)).find((id) => id !== false);
          for (let again = 0; again < 2; again++)
            expect(verified.idOf(cookie, list as string[])).toBe(model || (model === "" ? "" : undefined));
        }
        if (usable[0]) expect(verified.valueOf("mine", list as string[])).toBe(`s:${sign("mine", usable[0])}`);
      }
    }),
    { numRuns: 300 },
  );
});

test("a site goes on while its list is rotated, and while it holds nothing usable for a moment", async () => {
  const secrets: unknown[] = [long("old")];
  const sessions = redisSession({ store: new MemoryStore(), secret: secrets } as RedisSessionOptions);
  const site = await startSite(sessions, (req, res) => {
    req.session["n"] = (req.session["n"] ?? 0) + 1;
    res.end(String(req.session["n"]));
  });
  const visit = async (cookie = "") => {
    const response = await fetch(site.url, { headers: { cookie } });
    return { body: await response.text(), cookie: response.headers.getSetCookie()[0]?.split(";")[0] ?? cookie };
  };
  const { cookie } = await visit();
  secrets.unshift(long("new"));
  expect((await visit(cookie)).body).toBe("2");
  secrets.push(undefined, "");
  expect((await visit(cookie)).body).toBe("3");
  expect((await visit("connect.sid=s%3Astale.xyz")).body).toBe("1");
  secrets.splice(1);
  expect((await visit(cookie)).body).toBe("1");
  secrets.length = 0;
  expect((await visit()).body).toBe("HOLDFAST_SECRET_MISSING");
  secrets.push(long("new"));
  expect((await visit()).body).toBe("1");
  await site.close();
});

test("what cookie-parser left on the request is not verified with an empty secret", async () => {
  const secrets: unknown[] = [long("old")];
  const sessions = redisSession({ store: new MemoryStore(), secret: secrets } as RedisSessionOptions);
  secrets.push(" ");
  const req = {
    headers: {},
    url: "/",
    cookies: { "connect.sid": `s:${sign("forged", " ")}` },
  } as unknown as IncomingMessage;
  await new Promise((resolve) => sessions(req, {} as ServerResponse, resolve));
  expect((req as unknown as { sessionID: string }).sessionID).not.toBe("forged");
});
