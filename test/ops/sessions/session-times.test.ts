/** What a session tells about its age and its last use. */
import { describe, expect, it } from "vitest";
import { timesOf } from "../../../lib/ops/sessions/session-times.js";

const now = Date.parse("2026-06-01T12:00:00Z");
const hour = 3_600_000;
const cookie = (maxAge: number, writtenAgo: number) => ({
  originalMaxAge: maxAge,
  expires: new Date(now - writtenAgo + maxAge).toISOString(),
});
const login = (since: number, seen: number) => ({
  user: { id: "42" },
  device: "d",
  epoch: "e",
  since: now - since,
  seen: now - seen,
  confirmed: 0,
  remember: false,
});

describe("the latest sign of life counts", () => {
  it.each<[what: string, values: object, milliseconds: number | undefined, ttl: number | undefined, idle?: number]>([
    ["the time to live, after a touch", { cookie: cookie(24 * hour, 5 * hour) }, 23 * hour, undefined, 3600],
    [
      "the time of the write, after the short lifetime of a first visit",
      { cookie: cookie(24 * hour, 60_000) },
      9 * 60_000,
      undefined,
      60,
    ],
    ["the time of the write, without an expiry", { cookie: cookie(24 * hour, 2 * hour) }, undefined, undefined, 7200],
    ["the login", { cookie: cookie(24 * hour, 5 * hour), login: login(9 * hour, 120_000) }, 20 * hour, undefined, 120],
    ["trackActivity()", { cookie: { originalMaxAge: null }, lastActivity: now - 5000 }, hour, undefined, 5],
    [
      "the store's ttl, if the cookie has no age",
      { cookie: { originalMaxAge: null, expires: null } },
      23 * hour,
      86_400,
      3600,
    ],
    ["nothing", { cookie: { originalMaxAge: null, expires: null } }, 23 * hour, undefined, undefined],
    [
      "nothing of a lifetime that is longer than the cookie's",
      { cookie: { originalMaxAge: hour } },
      3 * hour,
      undefined,
      undefined,
    ],
    ["nothing that is not a time", { cookie: "?", lastActivity: "yesterday", login: 1 }, hour, undefined, undefined],
    ["nothing that lies in the future", { cookie: {}, lastActivity: now + hour }, hour, undefined, undefined],
  ])("%s", (_, values, milliseconds, ttl, idle) => {
    expect(timesOf(values as never, { milliseconds, ttl }, now).idle).toBe(idle);
  });
});

it("the age is that of the login, and otherwise not known", () => {
  const remaining = { milliseconds: hour, ttl: undefined };
  expect(timesOf({ login: login(2 * hour, 0) }, remaining, now).age).toBe(7200);
  expect(timesOf({ cookie: cookie(hour, 0) }, remaining, now).age).toBeUndefined();
});
