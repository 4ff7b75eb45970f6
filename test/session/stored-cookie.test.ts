/** A cookie is saved exactly if express-session can make one of it again. */
import session, { MemoryStore } from "express-session";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { checkCookie, cookieFault, invalidCookie } from "../../lib/session/cookie/stored-cookie.js";

const date = "2026-11-26T12:00:00.000Z";

/** For each setting some values that fit, some that do not, and some that only express-session can judge. */
const values: Record<string, unknown[]> = {
  originalMaxAge: [null, 0, 60_000, -1, 1e15, -1e15, 1e300, "60000", "soon", {}],
  expires: [null, false, true, "", date, "soon", 0, 5, {}],
  path: ["/", "/shop", "", "/a;b", null, 7, []],
  domain: [null, "example.com", "a b", "", 7, {}],
  httpOnly: [true, false, null, "yes", {}],
  secure: [true, false, null, "auto"],
  partitioned: [true, null, 1],
  sameSite: [true, false, null, "lax", "strict", "none", "LAX", "loose", 5, {}],
  priority: [null, "low", "high", "urgent", 1, {}],
  maxAge: [null, 5, "soon", date],
  data: [null, {}, 5],
  other: [null, "x", { path: "/" }],
};
const setting = fc
  .constantFrom(...Object.keys(values))
  .chain((name) => fc.tuple(fc.constant(name), fc.constantFrom(...values[name]!)));
/** A cookie that expires is sent with each change, so it must be possible to send it. */
const bases = [{}, { originalMaxAge: 60_000, expires: date }];
const cookies = fc
  .tuple(fc.constantFrom(...bases), fc.array(setting, { maxLength: 4 }))
  .map(([base, settings]) => ({ ...base, ...Object.fromEntries(settings) }));

/** What a request does with it: load it, refresh it, send it. */
function canBeUsed(cookie: unknown): boolean {
  try {
    const made = new MemoryStore().createSession({} as never, { cookie: structuredClone(cookie) } as never).cookie;
    Object.assign(made, { maxAge: made.originalMaxAge });
    if (made.expires) (made as unknown as { serialize(name: string, value: string): string }).serialize("n", "v");
    return made instanceof session.Cookie;
  } catch {
    return false;
  }
}

test.each(
  Object.entries(values).flatMap(([name, all]) =>
    all.flatMap((value) => bases.map((base) => [{ ...base, [name]: value }])),
  ),
)("%j is refused exactly if express-session cannot use it", (cookie) =>
  expect(cookieFault(cookie) === undefined).toBe(canBeUsed(cookie)),
);

test("property: any settings together are refused exactly if express-session cannot use them", () => {
  const seen = { usable: 0, refused: 0 };
  fc.assert(
    fc.property(cookies, (cookie) => {
      const isUsable = canBeUsed(cookie);
      seen[isUsable ? "usable" : "refused"]++;
      expect(cookieFault(cookie) === undefined).toBe(isUsable);
    }),
    { numRuns: 500 },
  );
  expect(Math.min(seen.usable, seen.refused)).toBeGreaterThan(20);
});

const ordinary: [string, unknown[]][] = [
  ["originalMaxAge", [null, 0, 60_000, -1]],
  ["expires", [null, date]],
  ["path", ["/"]],
  ["domain", [null]],
  ["httpOnly", [true, false, null]],
  ["secure", [true, false, null]],
  ["partitioned", [true, false, null]],
  ["sameSite", [true, false, null, "lax", "strict", "none"]],
];
test("a cookie of ordinary settings is known to be usable without trying it out; any other is tried", () => {
  const tried = vi.spyOn(session.Store.prototype, "createSession");
  const triesFor = (cookie: object) => {
    tried.mockClear();
    cookieFault(cookie);
    return tried.mock.calls.length;
  };
  for (const [name, usual] of ordinary) {
    for (const value of usual)
      expect([name, value, triesFor({ ...bases[1], [name]: value })]).toEqual([name, value, 0]);
    expect([name, triesFor({ ...bases[1], [name]: "unusual" })]).toEqual([name, 1]);
  }
  expect(triesFor({ priority: "low" })).toBe(1);
  expect(triesFor({ toString: "/" })).toBe(1);
  expect(triesFor([])).toBe(1);
  tried.mockRestore();
});

test.each([[undefined], [null], [7], ["text"], [true], [[]], [[{}]]])(
  "%j in place of a cookie is judged alike",
  (cookie) => {
    expect(cookieFault(cookie) === undefined).toBe(canBeUsed(cookie));
  },
);

test.each([
  ['{"serialize":1}', "a method of it was replaced"],
  ['{"toJSON":null}', "a method of it was replaced"],
  ['{"__proto__":{"path":"/"},"path":"/"}', "it has a prototype of its own"],
])("%s is refused: %s", (text, why) => {
  expect(cookieFault(JSON.parse(text))).toBe(why);
  expect(() => checkCookie(text)).toThrow(expect.objectContaining({ code: "SESSION_COOKIE_INVALID" }));
});

test("a save is stopped by an absent or a faulty cookie only, and the cause is kept", () => {
  expect(() => checkCookie(undefined)).toThrow(expect.objectContaining({ code: "SESSION_COOKIE_INVALID" }));
  expect(() => checkCookie('{"originalMaxAge":"soon"}')).toThrow(/`maxAge`/);
  expect(checkCookie(JSON.stringify({ originalMaxAge: 60_000, expires: date, path: "/" }))).toBeUndefined();
  expect(invalidCookie("why", new Error("cause")).cause).toEqual(new Error("cause"));
});
