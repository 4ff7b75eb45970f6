/** Whether an expiry column means what it is taken for, told by the cookies in the rows. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeTimes, sentenceOf, type TimedRow } from "../../../lib/migrate/sources/times.js";

const now = Date.parse("2026-06-15T12:00:00Z");
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

/** As a store writes it: cookie and column together, the column again at each touch. */
interface Visit {
  age: number;
  changed: number;
  touched: number;
}
function rowOf({ age, changed, touched }: Visit, shift = 0): TimedRow {
  const cookie = { originalMaxAge: age, expires: new Date(now - changed + age).toISOString() };
  return { text: JSON.stringify({ cookie }), column: now - touched + age + shift };
}
function without(row: TimedRow): TimedRow {
  return { ...row, text: JSON.stringify({ cookie: { originalMaxAge: null, expires: null } }) };
}
/** Sessions of a site that is used: some were changed a moment ago, some lie still. */
const visits = fc
  .array(
    fc.record({
      age: fc.constantFrom(hour, day, 14 * day),
      changed: fc.nat(day),
      touched: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { minLength: 40, maxLength: 120 },
  )
  .map((all) => all.map((one) => ({ ...one, touched: Math.round(one.changed * one.touched) })));
const fresh = (age: number): Visit[] =>
  Array.from({ length: 20 }, (_, i) => ({ age, changed: i * 1000, touched: i * 1000 }));

describe("a correct column is accepted", () => {
  test("property: whatever visitors do, with clocks that differ by up to a minute", () => {
    fc.assert(
      fc.property(visits, fc.integer({ min: -minute, max: minute }), (all, skew) => {
        expect(
          judgeTimes(
            all.map((visit) => rowOf(visit, skew)),
            now,
            now,
          ).kind,
        ).toBe("fine");
      }),
    );
  });
  test.each<[string, TimedRow[]]>([
    ["an empty table", []],
    [
      "rows that are not sessions",
      [
        { text: "no json", column: now + hour },
        { text: "{}", column: Number.NaN },
      ],
    ],
    ["session cookies without an expiry", fresh(day).map((visit) => without(rowOf(visit)))],
    [
      "a table that is never pruned",
      fresh(day).map((visit) => rowOf({ ...visit, changed: 9 * day, touched: 9 * day })),
    ],
    [
      "one session whose expiry the app set itself",
      [...fresh(day), { age: day, changed: 0, touched: -30 * day }].map((visit) => rowOf(visit)),
    ],
  ])("%s", (_, rows) => {
    expect(judgeTimes(rows, now, now).kind).toBe("fine");
    expect(sentenceOf(judgeTimes(rows, now, now))).toBeUndefined();
  });
});

describe("a column that is hours off is detected", () => {
  test("property: in either direction, for any time zone, to the quarter of an hour", () => {
    const zones = fc
      .integer({ min: -48, max: 56 })
      .filter((quarters) => quarters !== 0)
      .map((quarters) => quarters * 15 * minute);
    fc.assert(
      fc.property(visits, zones, fc.constantFrom(hour, day), (all, shift, age) => {
        const rows = [...all, ...fresh(age)].map((visit) => rowOf(visit, shift));
        expect(judgeTimes(rows, now, now)).toEqual({ kind: "shifted", by: shift, compared: rows.length });
      }),
    );
  });
  test.each<[string, number, TimedRow[]]>([
    ["even if there is only one session", -5 * hour, [rowOf({ age: hour, changed: 0, touched: 0 }, -5 * hour)]],
    [
      "among cookies without an expiry",
      2 * hour,
      fresh(day).flatMap((visit) => [rowOf(visit, 2 * hour), without(rowOf(visit))]),
    ],
    [
      "milliseconds read as seconds",
      Number.NaN,
      fresh(day).map((visit) => ({ ...rowOf(visit), column: rowOf(visit).column * 1000 })),
    ],
  ])("%s", (_, by, rows) => {
    const verdict = judgeTimes(rows, now, now);
    expect(verdict.kind).toBe("shifted");
    if (Number.isFinite(by)) expect(verdict).toMatchObject({ by });
    expect(sentenceOf(verdict)).toMatch(
      /^the expiry column is .* (later|earlier) than the cookies of \d+ sampled sessions/,
    );
  });
  test.each([
    [5 * hour, "5 h later"],
    [-5.5 * hour, "5 h 30 min earlier"],
    [-40 * minute, "40 min earlier"],
  ])("%d ms is reported as %s", (by, words) => {
    expect(sentenceOf({ kind: "shifted", by, compared: 7 })).toContain(words);
  });
});

describe("most rows have expired, and nothing confirms it", () => {
  test("session cookies without an expiry confirm nothing", () => {
    const rows = fresh(day).map((visit) => without(rowOf(visit, -2 * day)));
    expect(judgeTimes(rows, now, now)).toEqual({ kind: "expired", expired: 20, rows: 20 });
    expect(sentenceOf(judgeTimes(rows, now, now))).toMatch(/^20 of 20 sampled sessions .* have expired/);
  });
  test("a database clock that is a day ahead", () => {
    const rows = fresh(hour).map((visit) => rowOf(visit));
    expect(judgeTimes(rows, now + day, now)).toEqual({ kind: "expired", expired: 20, rows: 20 });
    expect(judgeTimes(rows, now - day, now).kind).toBe("shifted");
  });
});
