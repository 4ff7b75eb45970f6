/** The option `cookie`: what is refused at the start, what at a request, and which cookie a new session gets. */
import type { CookieOptions } from "express-session";
import { describe, expect, test } from "vitest";
import {
  cookieNames,
  cookieOptionsFor,
  createCookie,
  prepareCookie,
  wrongCookie,
  type CookieSettings,
} from "../../lib/http/cookie/cookie-options.js";

const defaults = { httpOnly: true, sameSite: "lax", secure: "auto", path: "/" };
const given = (settings: unknown) => settings as CookieSettings;
const req = { url: "/here" } as never;

describe("settings for all requests", () => {
  test.each<[unknown, object]>([
    [undefined, {}],
    [null, {}],
    [{}, {}],
    [{ httpOnly: undefined, path: undefined }, {}],
    [
      { path: "/shop", sameSite: "none" },
      { path: "/shop", sameSite: "none" },
    ],
    [
      { domain: null, maxAge: 5 },
      { domain: null, maxAge: 5 },
    ],
    [Object.create({ path: "/inherited" }), { path: "/inherited" }],
  ])("%o go before the defaults", (settings, changed) => {
    expect(prepareCookie(given(settings))).toEqual({ ...defaults, ...changed });
    expect(cookieOptionsFor(req, prepareCookie(given(settings)))).toEqual({ ...defaults, ...changed });
  });

  const date = new Date("2026-11-26T12:00:00Z");
  const fitting: Record<string, unknown[]> = {
    maxAge: [60_000, 0, -1, date, null],
    expires: [date, 60_000, false, null],
    domain: ["example.com", null],
    path: ["/shop", "", false, null],
    sameSite: [true, false, "lax", "Strict", "none", "auto", null],
    priority: ["low", "Medium", "high", null],
    httpOnly: [true, false, "yes"],
    secure: [true, false, "auto", "yes"],
    partitioned: [true, 1],
    originalMaxAge: [5, "anything"],
  };
  const wrong: Record<string, unknown[]> = {
    maxAge: ["1h", {}, Number.NaN],
    expires: ["tomorrow", new Date(Number.NaN), {}],
    domain: ["a;b", {}],
    path: ["/a;b", 7, {}, ["/"], true],
    sameSite: ["loose", 7],
    priority: ["urgent", 7],
  };

  test("every attribute is checked here", () => expect(Object.keys(fitting)).toEqual(cookieNames));

  test.each(Object.entries(fitting))("`%s` is taken as %j", (name, values) => {
    for (const value of values) expect(prepareCookie(given({ [name]: value }))).toMatchObject({ [name]: value });
  });

  test.each(Object.entries(wrong))("`%s` is refused as %j, and the name is said", (name, values) => {
    for (const value of values)
      expect(() => prepareCookie(given({ [name]: value }))).toThrow(
        expect.objectContaining({
          code: "HOLDFAST_OPTION_INVALID",
          message: expect.stringContaining(`\`cookie.${name}\` must be`) as string,
        }),
      );
  });

  test.each(["text", 5, true])("%j is no settings", (settings) => {
    expect(() => prepareCookie(given(settings))).toThrow(
      expect.objectContaining({
        code: "HOLDFAST_OPTION_INVALID",
        message: expect.stringContaining("`cookie`") as string,
      }),
    );
  });
});

describe("a function of the request", () => {
  const ask = (answer: unknown) => cookieOptionsFor(req, prepareCookie(given(() => answer)));

  test("is asked at each request, with that request", () => {
    const byPath = prepareCookie((asked) => ({ path: asked.url! }));
    expect(cookieOptionsFor(req, byPath)).toEqual({ ...defaults, path: "/here" });
    expect(cookieOptionsFor({ url: "/there" } as never, byPath)).toEqual({ ...defaults, path: "/there" });
  });

  test.each([null, undefined, {}])("that returns %j gets the defaults", (answer) =>
    expect(ask(answer)).toEqual(defaults),
  );

  test.each([["text"], [5], [true], [Promise.resolve({})], [() => ({})]])("that returns %o is refused", (answer) => {
    expect(() => ask(answer)).toThrow(expect.objectContaining({ code: "SESSION_COOKIE_INVALID" }));
  });
});

describe("a new session's cookie", () => {
  const made = (options: object, isSecure: boolean) => {
    const { secure, sameSite } = createCookie(options as CookieOptions, isSecure);
    return { secure, sameSite };
  };

  test.each<[object, boolean, object]>([
    [{ secure: "auto", sameSite: "lax" }, true, { secure: true, sameSite: "lax" }],
    [{ secure: "auto", sameSite: "lax" }, false, { secure: false, sameSite: "lax" }],
    [{ secure: false, sameSite: "auto" }, true, { secure: false, sameSite: "none" }],
    [{ secure: true, sameSite: "auto" }, false, { secure: true, sameSite: "lax" }],
    [{ secure: "auto", sameSite: "auto" }, true, { secure: true, sameSite: "none" }],
    [{ secure: true, sameSite: "strict" }, false, { secure: true, sameSite: "strict" }],
  ])("with %j, TLS %s: %j", (options, isSecure, expected) => expect(made(options, isSecure)).toEqual(expected));

  test("has the other settings as they are, and is refused with its cause if they cannot be", () => {
    expect(createCookie({ maxAge: 5000, path: "/shop" }, true)).toMatchObject({ originalMaxAge: 5000, path: "/shop" });
    expect(() => createCookie({ maxAge: "1h" as never }, true)).toThrow(
      expect.objectContaining({ code: "SESSION_COOKIE_INVALID", cause: expect.any(TypeError) as Error }),
    );
    expect(wrongCookie("why").message).toContain("why");
  });
});
