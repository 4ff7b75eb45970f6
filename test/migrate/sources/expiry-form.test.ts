/** The form in which a column keeps times is taken from what stands in it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formOf,
  isoText,
  milliseconds,
  readExpiry,
  seconds,
  writeExpiry,
  type Form,
} from "../../../lib/migrate/sources/expiry-form.js";

const forms = fc.oneof(
  fc.constantFrom<Form>(milliseconds, seconds, isoText),
  fc.record({
    kind: fc.constant("text" as const),
    between: fc.constantFrom("T", " "),
    digits: fc.constantFrom(0, 1, 2, 3, 6),
    zone: fc.constantFrom("Z", "", "+00:00", " +00:00", "+05:30", " -0800"),
  }),
);
const times = fc.integer({ min: Date.parse("2001-01-01"), max: Date.parse("2099-12-31") });
const stepOf = (form: Form) =>
  form.kind === "number" ? (form.unit === "seconds" ? 1000 : 1) : 10 ** (3 - Math.min(form.digits, 3));

test("a written time is read as the same time, never an earlier one, and in the same form", () => {
  fc.assert(
    fc.property(forms, times, (form, time) => {
      const written = writeExpiry(time, form);
      const late = readExpiry(written) - time;
      expect(late >= 0 && late < stepOf(form), `${written}: ${late} ms`).toBe(true);
      expect(formOf([written], undefined)).toEqual(form);
      expect(writeExpiry(readExpiry(written), form)).toBe(written);
    }),
  );
});

test("a few outliers are ignored, a mixture has no form, and an empty column gets the fallback", () => {
  const many = (form: Form, count: number) =>
    Array.from({ length: count }, (_, i) => writeExpiry(1.7e12 + i * 1000, form));
  expect(formOf([...many(isoText, 95), ...many(milliseconds, 5), null, "soon", 0], undefined)).toEqual(isoText);
  expect(formOf([...many(isoText, 60), ...many(milliseconds, 40)], isoText)).toBeUndefined();
  expect(formOf([...many(seconds, 50), ...many(milliseconds, 50)], seconds)).toBeUndefined();
  expect(formOf([null, "", "soon", 0], seconds)).toEqual(seconds);
  expect(formOf([], undefined)).toBeUndefined();
});

test.each([
  ["2026-11-26 08:00:00", "2026-11-26T08:00:00.000Z"],
  ["2026-11-26 08:00:00.000 +00:00", "2026-11-26T08:00:00.000Z"],
  ["2026-11-26T08:00:00.5+05:30", "2026-11-26T02:30:00.500Z"],
  ["2026-11-26 08:00:00 -0800", "2026-11-26T16:00:00.000Z"],
  ["2026-11-26 08:00:00+0530", "2026-11-26T02:30:00.000Z"],
  ["2026-11-26T08:00:00.123456789Z", "2026-11-26T08:00:00.123Z"],
  [1e11, "1973-03-03T09:46:40.000Z"],
  [1e11 - 1, "5138-11-16T09:46:39.000Z"],
  [1_700_000_000, "2023-11-14T22:13:20.000Z"],
  [1_700_000_000_000, "2023-11-14T22:13:20.000Z"],
])("%s is %s, whatever the time zone of the process", (value, iso) => {
  expect(new Date(readExpiry(value)).toISOString()).toBe(iso);
});

test.each([null, undefined, "", "soon", "2026-13-45 00:00:00", "1700000000", {}, true, ["2026-11-26 08:00:00"]])(
  "%j is not a time",
  (value) => {
    expect(readExpiry(value)).toBeNaN();
  },
);

test.each<[unknown[], Form | undefined]>([
  [[1e8], seconds],
  [[1e8 - 1], undefined],
  [[1e11 - 1], seconds],
  [[1e11], milliseconds],
  [[Number.NaN, -1e12], undefined],
  [[["2026-11-26T08:00:00.000Z"]], undefined],
  [[...Array<number>(9).fill(1e9), 1e12], seconds],
  [[...Array<number>(8).fill(1e9), 1e12], undefined],
])("the form of %j is %j", (values, form) => expect(formOf(values, undefined)).toEqual(form));
