/** How long a session lives, and when a request refreshes its lifetime. */
import type { SessionData } from "express-session";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Lifetime, type LifetimeOptions } from "../../lib/session/lifetime/lifetime.js";
import { renewPastExpiry } from "../../lib/session/lifetime/living-expiry.js";
import type { Stored } from "../../lib/session/stored.js";

const now = Date.parse("2026-11-26T12:00:00Z");
const [second, hour] = [1000, 3_600_000];
beforeEach(() => void vi.useFakeTimers({ now, toFake: ["Date", "performance"] }));
afterEach(() => void vi.useRealTimers());

const lifetime = (options: Partial<LifetimeOptions> = {}) =>
  new Lifetime({ ttl: 86_400, disableTTL: false, disableTouch: false, ...options });
const session = (values: object) => values as SessionData;

describe("the lifetime", () => {
  /** With a cookie that expires in `left` milliseconds. */
  const secondsFor = (left: number, originalMaxAge: number | null) =>
    lifetime().seconds(session({ cookie: { expires: new Date(now + left), originalMaxAge } }));

  test.each<[why: string, left: number, originalMaxAge: number | null, seconds: number]>([
    ["lasts until the cookie expires", hour, hour, 3600],
    ["is rounded up", 1001, hour, 2],
    ["of a session that was only touched since it was written is the cookie's full age", -hour, 5 * second, 5],
    ["and so at the very end", 0, 5 * second, 5],
    ["but not before it", 1, 5 * second, 1],
    ["is over if the app made the cookie expire", -hour, 0, -3600],
    ["is over after a date that the app set", -hour, null, -3600],
    ["is over if the cookie's age is negative", -2 * second, -second, -2],
  ])("%s", (_why, left, originalMaxAge, seconds) => expect(secondsFor(left, originalMaxAge)).toBe(seconds));

  test("is the option `ttl` without an expiry, and the cookie's expiry may be a text", () => {
    expect(lifetime().seconds(session({}))).toBe(86_400);
    expect(lifetime().seconds(session({ cookie: { expires: null } }))).toBe(86_400);
    const expires = new Date(now + hour).toISOString();
    expect(lifetime().seconds(session({ cookie: { expires } }))).toBe(3600);
  });

  test("is what a function says, rounded up, whatever the cookie says", () => {
    const byUser = lifetime({ ttl: ({ cookie }) => (cookie.originalMaxAge ?? 0) / 3 });
    expect(byUser.seconds(session({ cookie: { originalMaxAge: 100, expires: new Date(now) } }))).toBe(34);
  });

  test.each([Number.NaN, Infinity, "1h", undefined])("a function that returns %s is refused", (wrong) => {
    expect(() => lifetime({ ttl: () => wrong as number }).seconds(session({}))).toThrow(
      expect.objectContaining({ code: "HOLDFAST_OPTION_INVALID" }),
    );
  });

  test("an expiry that is no date is refused", () => {
    expect(() => lifetime().seconds(session({ cookie: { expires: "soon" } }))).toThrow(
      expect.objectContaining({ code: "SESSION_COOKIE_INVALID" }),
    );
  });

  test("of a first visit is short, unless someone has logged in or the full one is shorter", () => {
    const short = lifetime({ firstVisitTtl: 59.5 });
    expect([3600, 60, 30].map((seconds) => short.firstSeconds(seconds))).toEqual([60, 60, 30]);
    expect(short.isShortAtFirst(session({ cart: [1] }))).toBe(true);
    expect(short.isShortAtFirst(session({ passport: { user: 7 } }))).toBe(false);
    expect(lifetime().isShortAtFirst(session({}))).toBe(false);
    expect(lifetime().firstSeconds(3600)).toBe(3600);
  });

  test.each([
    [{}, { expiry: 7, isTouchable: true }],
    [{ disableTouch: true }, { expiry: 7, isTouchable: false }],
    [{ disableTTL: true }, { expiry: 0, isTouchable: false }],
  ])("with %j, a write and a touch set %j", (options, { expiry, isTouchable }) => {
    expect(lifetime(options).expiry(7)).toBe(expiry);
    expect(lifetime(options).isTouchable).toBe(isTouchable);
    expect(lifetime(options).isTouchDue("a", undefined)).toBe(isTouchable);
  });
});

/** A session with this cookie, as each layout has it. */
const storedAs = (cookie: string): Stored[] => [
  { form: "json", text: `{"cookie":${cookie},"n":1}` },
  { form: "hash", fields: { cookie, n: "1" } },
];
/** Written `ago` milliseconds ago. */
const written = (ago: number, originalMaxAge = hour) =>
  storedAs(JSON.stringify({ originalMaxAge, expires: new Date(now - ago + originalMaxAge).toISOString() }));

describe("a process that does not know when a session was refreshed takes the time at which it was written", () => {
  const isDue = (stored: Stored[], options?: Partial<LifetimeOptions>, seconds?: number) =>
    stored.map((one) => lifetime(options).isTouchDue("a", one, seconds));

  test.each<[why: string, Stored[], Partial<LifetimeOptions>, boolean]>([
    ["a moment ago", written(0), {}, false],
    ["59 seconds ago", written(60 * second - 1), {}, false],
    ["a minute ago", written(60 * second), {}, true],
    ["a twentieth of its own short lifetime ago", written(second, 20 * second), {}, true],
    ["less than that ago", written(second - 1, 20 * second), {}, false],
    ["longer ago than the option says", written(5 * second), { touchInterval: 5 }, true],
    ["less long ago than the option says", written(120 * second), { touchInterval: 121 }, false],
    ["in the future, by another clock", written(-1), {}, true],
    ["a moment ago, perhaps with the short lifetime of a first visit", written(0), { firstVisitTtl: 60 }, true],
  ])("%s", (_why, stored, options, due) => expect(isDue(stored, options)).toEqual([due, due]));

  test.each([
    `{"originalMaxAge":null,"expires":null}`,
    `{"originalMaxAge":${hour},"expires":${now + hour}}`,
    `{"originalMaxAge":"${hour}","expires":"2026-11-26T13:00:00Z"}`,
    `{"originalMaxAge":${hour},"expires":"soon"}`,
    `{originalMaxAge}`,
  ])("which %s does not tell, so it is refreshed", (cookie) => {
    expect(isDue(storedAs(cookie))).toEqual([true, true]);
    expect(lifetime().isTouchDue("a", { form: "hash", fields: {} })).toBe(true);
    expect(lifetime().isTouchDue("a", { form: "json", text: `{"n":1,"cookie":${cookie}}` })).toBe(true);
    expect(lifetime().isTouchDue("a", undefined)).toBe(true);
  });

  test("another lifetime than the cookie's is set at once; what a function gave before is not known", () => {
    expect(isDue(written(second), {}, 3600)).toEqual([false, false]);
    expect(isDue(written(second), {}, 1800)).toEqual([true, true]);
    expect(isDue(written(second), { ttl: () => 60 }, 1800)).toEqual([false, false]);
  });

  test("a time in the future, by another clock, is not remembered", () => {
    const process = lifetime();
    expect(process.isTouchDue("a", written(-10 * second)[0])).toBe(true);
    vi.advanceTimersByTime(11 * second);
    expect(process.isTouchDue("a", undefined)).toBe(true);
  });

  test("and it remembers that time", () => {
    const process = lifetime();
    expect(process.isTouchDue("a", written(20 * second)[0])).toBe(false);
    vi.advanceTimersByTime(39 * second);
    expect(process.isTouchDue("a", undefined)).toBe(false);
    vi.advanceTimersByTime(second);
    expect(process.isTouchDue("a", undefined)).toBe(true);
  });
});

describe("a process that knows when it refreshed a session", () => {
  test("property: does so again after the interval, or at once to set another lifetime", () => {
    const options = fc.record({
      ttl: fc.integer({ min: 20, max: 9999 }),
      touchInterval: fc.constantFrom(undefined, 7),
    });
    const ages = fc.constantFrom(undefined, null, 100 * second, hour);
    fc.assert(
      fc.property(options, ages, fc.nat(90), ({ ttl, touchInterval }, originalMaxAge, elapsed) => {
        const process = lifetime({ ttl, ...(touchInterval && { touchInterval }) });
        const own = typeof originalMaxAge === "number" ? originalMaxAge / 1000 : ttl;
        process.noteRefresh("a", originalMaxAge === undefined ? undefined : { originalMaxAge }, own);
        vi.advanceTimersByTime(elapsed * second);
        const isDue = elapsed >= (touchInterval ?? Math.min(60, own / 20));
        expect(process.isTouchDue("a", undefined, own)).toBe(isDue);
        expect(process.isRefreshDue("a", own)).toBe(isDue);
        expect(process.isRefreshDue("a", own * 10)).toBe(true);
      }),
    );
  });

  test("takes 60 seconds for the lifetime if a function decides it", () => {
    const process = lifetime({ ttl: () => 9999 });
    process.noteRefresh("a", undefined, 9999);
    vi.advanceTimersByTime(3 * second - 1);
    expect(process.isRefreshDue("a", 9999)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(process.isRefreshDue("a", 9999)).toBe(true);
  });

  test("forgets one that has ended, and knows nothing of others", () => {
    const process = lifetime();
    process.noteRefresh("a", undefined, 60);
    expect([process.isRefreshDue("a", 60), process.isRefreshDue("b", 60)]).toEqual([false, true]);
    process.forget("a");
    expect(process.isRefreshDue("a", 60)).toBe(true);
  });
});

describe("the expiry of a cookie that was stored", () => {
  const now = Date.parse("2026-11-27T12:00:00.000Z");
  const past = "2026-11-27T11:00:00.000Z";
  const renewed = (cookie: object) => {
    renewPastExpiry(cookie, now);
    return cookie;
  };

  test.each([
    ["has passed: it is as of now", { expires: past, originalMaxAge: 60_000 }, "2026-11-27T12:01:00.000Z"],
    ["passes now", { expires: "2026-11-27T12:00:00.000Z", originalMaxAge: 60_000 }, "2026-11-27T12:01:00.000Z"],
    ["is to come", { expires: "2026-11-27T12:00:00.001Z", originalMaxAge: 60_000 }, "2026-11-27T12:00:00.001Z"],
    ["has passed, without an age", { expires: past, originalMaxAge: null }, past],
    ["has passed, with an age of 0", { expires: past, originalMaxAge: 0 }, past],
    ["has passed, with an age that leads to no date", { expires: past, originalMaxAge: 9e15 }, past],
    ["is no date", { expires: "soon", originalMaxAge: 60_000 }, "soon"],
    ["is not there", { expires: null, originalMaxAge: 60_000 }, null],
  ])("%s", (_, cookie, expires) => {
    expect(renewed({ ...cookie, path: "/" })).toEqual({ ...cookie, path: "/", expires });
  });

  test("stays in a frozen cookie, and nothing is thrown for what is none", () => {
    const frozen = Object.freeze({ expires: past, originalMaxAge: 60_000 });
    expect(renewed(frozen)).toEqual({ expires: past, originalMaxAge: 60_000 });
    for (const none of [undefined, null, "text", 5]) expect(() => renewPastExpiry(none, now)).not.toThrow();
  });
});
