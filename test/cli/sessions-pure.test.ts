/** Amounts that are typed for `holdfast sessions`, and the lines that it prints. */
import { describe, expect, it } from "vitest";
import { UsageError } from "../../lib/cli/failure.js";
import { duration, size } from "../../lib/cli/sessions/amounts.js";
import { bytes, plainRow, shownRow, type Column } from "../../lib/cli/sessions/rows.js";

it.each([
  ["90s", 90],
  ["30m", 1800],
  ["2h", 7200],
  ["1.5h", 5400],
  ["7d", 604_800],
  ["2W", 1_209_600],
  ["0s", 0],
])("the duration %s is %i seconds", (text, seconds) => {
  expect(duration(text, "--idle")).toBe(seconds);
});

it.each([
  ["2048", 2048],
  ["100kb", 100_000],
  ["100k", 100_000],
  ["1.5MB", 1_500_000],
  ["1 GB", 1e9],
  ["4KiB", 4096],
  ["7b", 7],
])("the size %s is %i bytes", (text, expected) => {
  expect(size(text, "--larger-than")).toBe(expected);
});

it.each(["", "30", "m", "-1h", "1e3s", "1h30m", "2 years", "constructor", "1constructor"])(
  "%j is no duration",
  (text) => {
    expect(() => duration(text, "--idle")).toThrow(UsageError);
    expect(() => duration(text, "--idle")).toThrow("--idle");
  },
);

it.each(["", "kb", "-1", "1.5", "1e3", "1tb", "1toString"])("%j is no size", (text) => {
  expect(() => size(text, "--larger-than")).toThrow(UsageError);
});

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [2214, "2.2 kB"],
  [123_456, "123 kB"],
  [999_600, "1.0 MB"],
  [5e12, "5000 GB"],
])("%i bytes are shown as %s", (value, text) => {
  expect(bytes(value)).toBe(text);
});

describe("a row", () => {
  const columns: Column<string>[] = [
    { title: "A", width: 4, shown: (row) => row, plain: (row) => row },
    { title: "B", width: 3, shown: () => "b", plain: () => undefined },
  ];

  it("has columns for people, and tabs for programs", () => {
    expect(shownRow(columns, "x")).toBe("x     b");
    expect(shownRow(columns, "too long")).toBe("too…  b");
    expect(plainRow(columns, "with\ttab")).toBe("with\\ttab\t");
  });
});
