/** Which lines each chart has; for the page, and for the script that draws them. Pure. */
import type { SeriesName } from "./point.js";

export interface ChartLine {
  readonly of: SeriesName | "memory" | "limit";
  readonly label: string;
  /** The name of a color in the styles. */
  readonly color: "one" | "two" | "three" | "four";
}

export interface Chart {
  readonly title: string;
  readonly unit: "number" | "milliseconds" | "percent" | "bytes";
  readonly lines: readonly ChartLine[];
}

export const charts = {
  rate: {
    title: "Per second",
    unit: "number",
    lines: [
      { of: "requests", label: "requests", color: "one" },
      { of: "saves", label: "saves", color: "two" },
    ],
  },
  latency: {
    title: "Milliseconds",
    unit: "milliseconds",
    lines: [
      { of: "findP50", label: "find p50", color: "one" },
      { of: "findP99", label: "find p99", color: "three" },
      { of: "saveP99", label: "save p99", color: "two" },
    ],
  },
  hits: {
    title: "Cookies that find their session",
    unit: "percent",
    lines: [{ of: "hitRatio", label: "found", color: "one" }],
  },
  kept: {
    title: "Kept from going wrong, per second",
    unit: "number",
    lines: [
      { of: "merged", label: "merged", color: "one" },
      { of: "gone", label: "not brought back", color: "two" },
      { of: "refused", label: "refused", color: "three" },
      { of: "failures", label: "failed", color: "four" },
    ],
  },
  memory: {
    title: "Redis memory",
    unit: "bytes",
    lines: [
      { of: "memory", label: "used", color: "one" },
      { of: "limit", label: "limit", color: "four" },
    ],
  },
  busy: { title: "Event loop busy", unit: "percent", lines: [{ of: "utilization", label: "busiest", color: "one" }] },
} satisfies Record<string, Chart>;

export type ChartName = keyof typeof charts;
export const chartNames: readonly ChartName[] = ["rate", "latency", "hits", "kept", "memory", "busy"];
