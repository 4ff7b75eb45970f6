/** What one line says about a process, and in which order the lines are. Pure. */
import type { Pulse } from "../../ops/index.js";
import { span as duration } from "../words.js";
import { bytes, milliseconds, percent, rate, unknown } from "./figures.js";
import type { Style } from "./spans.js";

export interface Column {
  readonly title: string;
  /** Numbers are aligned at their end. */
  readonly isNumber: boolean;
  /** At least, so that a column does not move whenever a number gets longer. */
  readonly width: number;
  /** At most, for names that somebody has chosen. */
  readonly most?: number;
  readonly text: (pulse: Pulse) => string;
  readonly style?: (pulse: Pulse) => Style;
  /** Numbers: the largest is first. Texts: in order. */
  readonly order: (pulse: Pulse) => number | string;
}

type Times = Pulse["find"];

const text = (title: string, most: number, of: (pulse: Pulse) => string): Column => ({
  title,
  isNumber: false,
  width: title.length,
  most,
  text: (pulse) => of(pulse) || unknown,
  order: of,
});

type Numeric = Pick<Column, "text" | "order"> & Partial<Column>;
const numeric = (title: string, width: number, rest: Numeric): Column => ({ title, isNumber: true, width, ...rest });

const perSecond = (title: string, of: (pulse: Pulse) => number, style?: Column["style"]): Column =>
  numeric(title, 7, { text: (pulse) => rate(of(pulse)), order: of, ...(style && { style }) });

const times = (title: string, of: (pulse: Pulse) => Times): Column =>
  numeric(title, 12, {
    text: (pulse) => {
      const all = of(pulse);
      return all ? `${milliseconds(all.p50)}/${milliseconds(all.p99)}` : unknown;
    },
    order: (pulse) => of(pulse)?.p99 ?? -1,
  });

/** In the order in which they are shown. */
export const columns = {
  name: text("NAME", 20, ({ name }) => name),
  host: text("HOST", 24, ({ host }) => host),
  pid: numeric("PID", 7, { text: ({ pid }) => String(pid), order: ({ pid }) => -pid }),
  version: text("VERSION", 12, ({ version }) => version),
  requests: perSecond("REQ/S", ({ perSecond }) => perSecond.requests),
  saves: perSecond("SAVE/S", ({ perSecond }) => perSecond.saves),
  find: times("FIND p50/p99", ({ find }) => find),
  save: times("SAVE p50/p99", ({ save }) => save),
  failures: perSecond(
    "FAIL/S",
    ({ perSecond }) => perSecond.failures,
    ({ perSecond }) => (perSecond.failures > 0 ? "bad" : "plain"),
  ),
  delay: numeric("DELAY", 8, {
    text: ({ eventLoop }) => `${milliseconds(eventLoop.delay)} ms`,
    order: ({ eventLoop }) => eventLoop.delay,
    style: ({ eventLoop }) => (eventLoop.delay >= 100 ? "warning" : "plain"),
  }),
  loop: numeric("LOOP", 4, {
    text: ({ eventLoop }) => percent(eventLoop.utilization, 0),
    order: ({ eventLoop }) => eventLoop.utilization,
    style: ({ eventLoop }) => (eventLoop.utilization >= 0.9 ? "warning" : "plain"),
  }),
  rss: numeric("RSS", 7, { text: ({ memory }) => bytes(memory.rss), order: ({ memory }) => memory.rss }),
  redis: {
    title: "REDIS",
    isNumber: false,
    width: 5,
    text: ({ redis }) => (redis.isAvailable ? "yes" : "no"),
    style: ({ redis }) => (redis.isAvailable ? "plain" : "bad"),
    order: ({ redis }) => (redis.isAvailable ? 0 : 1),
  },
  outage: {
    title: "LAST OUTAGE",
    isNumber: false,
    width: 11,
    text: lastOutage,
    order: ({ redis }) => redis.lastOutage?.at ?? 0,
  },
} satisfies Record<string, Column>;

export type ColumnName = keyof typeof columns;

/** Where there is not room for all, these are kept, the first one longest. */
export const byImportance: readonly ColumnName[] = [
  "host",
  "pid",
  "requests",
  "redis",
  "find",
  "save",
  "saves",
  "loop",
  "delay",
  "name",
  "failures",
  "rss",
  "version",
  "outage",
];

/** Both times are by the clock of the process. */
function lastOutage({ at, redis: { lastOutage } }: Pulse): string {
  if (!lastOutage) return unknown;
  const seconds = (milliseconds: number) => duration(Math.max(0, milliseconds) / 1000);
  return `${seconds(lastOutage.duration)}, ${seconds(at - lastOutage.at)} ago`;
}

export function sorted(processes: readonly Pulse[], by: ColumnName): Pulse[] {
  const names = [by, "requests", "host", "pid", "name"] as const;
  return processes.toSorted((a, b) => {
    for (const name of names) {
      const order = compared(columns[name].order(a), columns[name].order(b));
      if (order !== 0) return order;
    }
    return compared(a.id, b.id);
  });
}

function compared(a: number | string, b: number | string): number {
  if (typeof a === "string" || typeof b === "string") return String(a) < String(b) ? -1 : Number(String(a) > String(b));
  const known = (value: number) => (Number.isFinite(value) ? value : -Infinity);
  return known(a) === known(b) ? 0 : known(a) > known(b) ? -1 : 1;
}
