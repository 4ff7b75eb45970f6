// What the report draws as lines: each second of a run, its percentiles, and how cost grows. Pure.
import { groups } from "./bars.mjs";
import { nameOf } from "./csv.mjs";
import { dashOf, familyOf } from "./families.mjs";

/**
 * @returns charts of one scenario: `title`, `unit` of the values (`perSecond`, `ms`, `mb` or `µs`), `x` with its values or
 * names, `lines`, and whether `x` and `y` are logarithmic
 */
export function chartsOf(name, result) {
  const charts = name === "growth" ? growth(result) : [...courses(result), ...percentiles(result)];
  return charts.filter(({ lines }) => lines.length > 0);
}

function courses({ rows, wanted }) {
  const timed = rows
    .map((row) => ({ name: nameOf(row), timeline: row.timeline ?? row.meanwhile?.timeline }))
    .filter(({ timeline }) => timeline);
  const lines = (figure) => timed.map(({ name, timeline }) => line(name, timeline.map(figure)));
  const failed = lines(({ failed: count }) => count).filter(({ values }) => values.some((count) => count > 0));
  // What the databases' rows have is the memory of a Redis that nobody uses.
  const memory = rows
    .filter((row) => Array.isArray(row.memory) && row.memory.length > 1 && familyOf(nameOf(row)) !== "database")
    .map((row) =>
      line(
        nameOf(row),
        row.memory.map((bytes) => bytes / 2 ** 20),
      ),
    );
  return [
    overTime(
      "Answered, second by second",
      "perSecond",
      lines(({ answered }) => answered),
      { limit: wanted },
    ),
    overTime(
      "Slowest hundredth (p99), second by second",
      "ms",
      lines(({ p99 }) => p99),
      { isLogarithmic: true },
    ),
    overTime("Failed, second by second", "perSecond", failed),
    overTime("Memory of Redis, second by second", "mb", memory),
  ];
}

/** @param limit drawn as a line of its own */
function overTime(title, unit, lines, { limit, isLogarithmic = false } = {}) {
  const longest = Math.max(0, ...lines.map(({ values }) => values.length));
  const seconds = Array.from({ length: longest }, (_, index) => index + 1);
  const padded = lines.map((one) => ({ ...one, values: seconds.map((_, index) => one.values[index] ?? null) }));
  const wanted =
    limit && longest > 0
      ? [
          {
            ...line(
              "wanted",
              seconds.map(() => limit),
            ),
            dash: [3, 3],
          },
        ]
      : [];
  return { title, unit, x: { title: "seconds", values: seconds }, y: { isLogarithmic }, lines: [...padded, ...wanted] };
}

const figures = { p50: "p50", p95: "p95", p99: "p99", p999: "p99.9", longest: "longest" };

/** One for each group of rows that can be compared. */
function percentiles({ rows }) {
  const measured = rows
    .map((row) => ({ group: row.crowd ?? row.storm ?? "", name: row.variant ?? row.site ?? row.name, ...timesOf(row) }))
    .filter(({ p50, p95 }) => typeof p50 === "number" && typeof p95 === "number");
  return groups(measured, "group").map(([group, each]) => {
    const known = Object.keys(figures).filter((figure) => each.some((one) => typeof one[figure] === "number"));
    return {
      title: group ? `${group}: how long it takes, by percentile` : "How long an answer takes, by percentile",
      unit: "ms",
      x: { names: known.map((figure) => figures[figure]) },
      y: { isLogarithmic: true },
      lines: each.map((one) =>
        line(
          one.name,
          known.map((figure) => one[figure] ?? null),
        ),
      ),
    };
  });
}

/** A login's, where there are any; not the medians of slices, which the scenario `database` has. */
function timesOf({ p50, p95, p99, p999, longest, login }) {
  return login ?? { p50, p95, p99, p999, longest };
}

function growth({ rows }) {
  return groups(rows, "by").map(([by, each]) => {
    const operations = [
      ["update", "Holdfast, an update"],
      ["get", "a look-up"],
    ];
    const values = each.map(({ value }) => value);
    return {
      title: `By ${by}: the app's processor time`,
      unit: "µs",
      x: { title: by, values, isLogarithmic: values.at(-1) / values[0] >= 100 },
      y: { isLogarithmic: by.startsWith("bytes") },
      lines: operations
        .filter(([operation]) => each.some((row) => row[operation]))
        .map(([operation, name]) =>
          line(
            name,
            each.map((row) => row[operation]?.cpu ?? null),
          ),
        ),
    };
  });
}

function line(name, values) {
  return { name, family: familyOf(name), dash: dashOf(name), values };
}
