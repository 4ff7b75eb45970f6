/** The dashboard and the alerts use only metrics, labels and values that exist, in expressions that Prometheus can parse. */
import { readFileSync } from "node:fs";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { instruments } from "../../lib/ops/metrics/instruments.js";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const page = read("docs/monitoring.md");
const words = new Set(
  [...(page + read("docs/errors.md") + read("docs/login.md")).matchAll(/`([\w-]+)`/g)].map(([, word]) => word),
);

/** Each series that a query may name, with its labels. */
const series = new Map<string, readonly string[]>();
const add = (name: string, labels: readonly string[]) => void series.set(name, labels);
instruments({
  counter: add,
  gauge: add,
  histogram(name, labels) {
    add(`${name}_bucket`, [...labels, "le"]);
    add(`${name}_count`, labels);
    add(`${name}_sum`, labels);
  },
});

interface Query {
  /** Where it is used. */
  where: string;
  text: string;
  /** The text that is shown with it. */
  shown: string;
}

interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}
const { groups } = parse(read("monitoring/alerts.yml")) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: object;
  gridPos: { h: number; w: number; x: number; y: number };
  targets?: { expr: string; legendFormat: string; datasource: object }[];
}
interface Variable {
  name: string;
  type: string;
  definition?: string;
}
const dashboard = JSON.parse(read("monitoring/grafana-dashboard.json")) as {
  panels: Panel[];
  templating: { list: Variable[] };
};

const queries: Query[] = [
  ...rules.map(({ alert, annotations, expr }) => ({ where: alert, text: expr, shown: JSON.stringify(annotations) })),
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ where: title, text: expr, shown: legendFormat })),
  ),
];

/** What a query names, and what the parser did not understand. */
function used(query: string) {
  const text = query.replaceAll("$__rate_interval", "5m").replaceAll("$store", ".*"); // as Grafana does
  const found = {
    errors: 0,
    metrics: [] as string[],
    matched: [] as [metric: string, label: string, value: string][],
    grouped: [] as string[],
  };
  let isGrouping = false;
  let label = "";
  parser.parse(text).iterate({
    enter({ name, type, from, to }) {
      const word = text.slice(from, to);
      if (type.isError) found.errors++;
      if (name === "GroupingLabels") isGrouping = true;
      if (name === "Identifier") found.metrics.push(word);
      if (name === "LabelName" && isGrouping) found.grouped.push(word);
      else if (name === "LabelName") label = word;
      if (name === "StringLiteral") found.matched.push([found.metrics.at(-1)!, label, word.slice(1, -1)]);
    },
    leave({ name }) {
      if (name === "GroupingLabels") isGrouping = false;
    },
  });
  return found;
}

describe.each(queries)("$where: $text", ({ text, shown }) => {
  const { errors, grouped, matched, metrics } = used(text);
  const labelsOf = (metric: string) => series.get(metric) ?? [];

  it("is an expression of Prometheus on metrics that exist", () => {
    expect(errors).toBe(0);
    expect(metrics.length).toBeGreaterThan(0);
    expect(metrics.filter((metric) => !series.has(metric))).toEqual([]);
  });

  it("uses their labels, with values that the documents name", () => {
    expect(matched.filter(([metric, label]) => !labelsOf(metric).includes(label))).toEqual([]);
    const values = matched.flatMap(([, , value]) => value.split("|")).filter((value) => value !== ".*");
    expect(values.filter((value) => !words.has(value))).toEqual([]);
    for (const metric of metrics) expect(labelsOf(metric)).toEqual(expect.arrayContaining(grouped));
  });

  it("shows labels that its result has", () => {
    const labels = [...shown.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, label]) => label!);
    expect(grouped).toEqual(expect.arrayContaining(labels));
  });
});

describe("the alerts", () => {
  it("say how severe they are, what has happened and what it means", () => {
    for (const { annotations, labels } of rules) {
      expect(["critical", "warning", "info"]).toContain(labels.severity);
      expect(annotations).toEqual({ summary: expect.any(String), description: expect.any(String) });
    }
  });

  it("are on the page, which lists no other", () => {
    const listed = [...page.matchAll(/^\| `(Holdfast\w+)`/gm)].map(([, name]) => name);
    expect(listed).toEqual(rules.map(({ alert }) => alert));
  });
});

describe("the dashboard", () => {
  const { panels, templating } = dashboard;

  it("shows every metric", () => {
    const shown = new Set(panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => used(expr).metrics)));
    const bases = new Set([...series.keys()].map((name) => name.replace(/_(bucket|count|sum)$/, "")));
    expect([...bases].filter((base) => ![...shown].some((name) => name.startsWith(base)))).toEqual([]);
  });

  it("has its rows, and panels that do not overlap", () => {
    expect(panels.filter(({ type }) => type === "row").map(({ title }) => title)).toEqual([
      "Visitors",
      "Saves",
      "Redis",
      "Logins",
      "Move",
    ]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from({ length: h * w }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { w, x } }) => x + w))).toBe(24);
  });

  it("takes its data from the source that is chosen", () => {
    expect(templating.list.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      "datasource: datasource",
      "store: query",
    ]);
    expect(templating.list[1]!.definition).toBe("label_values(holdfast_sessions_found_total, store)");
    const source = { type: "prometheus", uid: "${datasource}" };
    for (const { datasource, targets } of panels.filter(({ type }) => type !== "row")) {
      expect(datasource).toEqual(source);
      for (const target of targets!) expect(target.datasource).toEqual(source);
    }
  });
});
