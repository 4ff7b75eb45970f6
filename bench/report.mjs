// Prints the results as Markdown tables, which a terminal shows well enough.
import { markdownTable } from "./markdown.mjs";

const digits = (count) => (value) => (value === undefined || Number.isNaN(value) ? "" : value.toFixed(count));
const times = (value) => (value === undefined || Number.isNaN(value) ? "" : `${value.toFixed(2)} ×`);

const range = (bounds) => bounds.map(digits(0)).join(" to ");
const ratios = (bounds) => (bounds === undefined ? "" : bounds.map(digits(2)).join(" to "));

const pageColumns = {
  "CPU µs": ["cpu", digits(0)],
  "middle half": ["cpuMiddle", range],
  "of it the session": ["cost", digits(0)],
  "to connect-redis": ["costRatio", times],
  "middle half ": ["costRatioMiddle", ratios],
  "to the floor": ["floorRatio", times],
  "middle half  ": ["floorRatioMiddle", ratios],
  "requests/s": ["rate", digits(0)],
  "to connect-redis ": ["rateRatio", times],
  commands: ["commands", digits(2)],
  "round trips": ["trips", digits(2)],
  "ms, server 1 ms away": ["latency", digits(1)],
  "log bytes": ["bytes", digits(0)],
  "to connect-redis  ": ["bytesRatio", times],
};
const updateColumns = {
  "updates/s": ["rate", digits(0)],
  "to connect-redis": ["rateRatio", times],
  "CPU µs": ["cpu", digits(0)],
};

export function printReport({ machine, results, notBuilt, comparison }) {
  const lines = [machine];
  lines.push("", "## A page that reads, per request", "", ...table(results.read, pageColumns));
  lines.push("", "## A page view that writes, per request", "", ...table(results.write, pageColumns));
  lines.push("", "## Updates of the store without HTTP, 50 workers", "", ...table(results.updates, updateColumns));
  for (const name of notBuilt) lines.push("", `${name}: not built yet`);
  lines.push("", "## To reach, as ratios to connect-redis", "", ...comparisonTable(comparison));
  process.stdout.write(`${lines.join("\n")}\n`);
}

function table(rows, columns) {
  const header = ["", ...Object.keys(columns)];
  const body = Object.entries(rows).map(([name, row]) => [
    name,
    ...Object.values(columns).map(([figure, format]) => format(row[figure])),
  ]);
  return markdownTable([header, ...body]);
}

function comparisonTable(rows) {
  const body = rows.map(({ variant, page, what, toReach, measured, reached }) => [
    variant,
    page,
    what,
    toReach,
    measured.toFixed(2),
    reached ? "yes" : "NO",
  ]);
  return markdownTable([["variant", "page", "figure", "to reach", "measured", "reached"], ...body]);
}
