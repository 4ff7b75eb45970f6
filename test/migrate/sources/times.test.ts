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

/** So many rows, some of them with an expiry a month ahead that the app set itself, a few rows before the end. */
function among(rows: number, odd: number): TimedRow[] {
  const visit = { age: day, changed: 0, touched: 0 };
  return Array.from({ length: rows }, (_, i) => rowOf(visit, i >= rows - 2 - odd && i < rows - 2 ? 30 * day : 0));
}

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
    ["two of them among twenty, wherever they stand", among(20, 2)],
    ["four of them among a hundred", among(100, 4)],
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
    [5 * hour, "5 h later", "expired sessions would stay alive"],
    [-5.5 * hour, "5 h 30 min earlier", "live sessions would count as expired"],
    [-hour, "1 h earlier", "live sessions would count as expired"],
    [-40 * minute, "40 min earlier", "live sessions would count as expired"],
    [1, "0 min later", "expired sessions would stay alive"],
  ])("%d ms is reported as %s: %s", (by, words, effect) => {
    const sentence = sentenceOf({ kind: "shifted", by, compared: 7 });
    expect(sentence).toContain(`is ${words} than`);
    expect(sentence).toContain(`allow, so ${effect}.`);
  });

  const alike = (shift: number, visit: Visit = { age: hour, changed: 0, touched: 0 }) =>
    judgeTimes(
      Array.from({ length: 5 }, () => rowOf(visit, shift)),
      now,
      now,
    );
  test.each([
    [2 * minute, undefined],
    [2 * minute + 1, 2 * minute + 1],
    [-2 * minute, undefined],
    [-2 * minute - 1, -2 * minute - 1],
    [2 * hour + 2 * minute, 2 * hour],
    [2 * hour + 2 * minute + 1, 2 * hour + 2 * minute + 1],
    [2 * hour - 2 * minute, 2 * hour],
    [2 * hour - 2 * minute - 1, 2 * hour - 2 * minute - 1],
    [-2 * hour - 3 * minute, -2 * hour - 3 * minute],
    [-2 * hour + 3 * minute, -2 * hour + 3 * minute],
  ])("two minutes are what clocks may differ by: %d ms is %s", (shift, by) => {
    expect(alike(shift)).toEqual(
      by === undefined ? { kind: "fine", compared: 5 } : { kind: "shifted", by, compared: 5 },
    );
  });

  test("of the times that the cookies allow, the next whole quarter of an hour is taken", () => {
    const visit = { age: day, changed: 3 * hour, touched: hour }; // so the column may be off by 2 hours more, or 1 less
    expect(alike(4.9 * hour, visit)).toMatchObject({ kind: "shifted", by: 4 * hour });
    expect(alike(-4.9 * hour, visit)).toMatchObject({ kind: "shifted", by: -3 * hour });
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

  test("of the rows that hold a time", () => {
    const rows = fresh(day).map((visit) => without(rowOf(visit, -2 * day)));
    const empty = Array.from({ length: 30 }, () => ({ text: "{}", column: Number.NaN }));
    expect(judgeTimes([...rows, ...empty], now, now)).toEqual({ kind: "expired", expired: 20, rows: 20 });
  });

  test("a session ends at its time, by the database's clock; this machine's confirms it at the same time", () => {
    const ended = rowOf({ age: hour, changed: hour, touched: hour });
    expect(judgeTimes([without(ended)], now, now)).toEqual({ kind: "expired", expired: 1, rows: 1 });
    expect(judgeTimes([without(ended)], now - 1, now)).toEqual({ kind: "fine", compared: 0 });
    expect(judgeTimes([ended], now, now)).toEqual({ kind: "fine", compared: 1 });
    expect(judgeTimes([ended], now, now - 1)).toEqual({ kind: "expired", expired: 1, rows: 1 });
  });
});

test.each<[unknown, number]>([
  [{ originalMaxAge: hour, expires: new Date(now + hour).toISOString() }, 1],
  [{ originalMaxAge: hour, expires: 5 }, 0],
  [{ originalMaxAge: hour, expires: "soon" }, 0],
  [{ originalMaxAge: `${hour}`, expires: new Date(now + hour).toISOString() }, 0],
  [{ originalMaxAge: 0, expires: new Date(now + hour).toISOString() }, 0],
  [{ originalMaxAge: -hour, expires: new Date(now + hour).toISOString() }, 0],
  [{ originalMaxAge: null, expires: new Date(now + hour).toISOString() }, 0],
  [{ expires: new Date(now + hour).toISOString() }, 0],
  [null, 0],
])("a cookie that is compared has an age and an expiry: of %j, %d", (cookie, compared) => {
  expect(judgeTimes([{ text: JSON.stringify({ cookie }), column: now + hour }], now, now)).toEqual({
    kind: "fine",
    compared,
  });
});
