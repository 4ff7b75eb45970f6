/** All processes together, and the memory of Redis, in a few lines. Pure. */
import type { Pulse, PulseSum, PulseTimes } from "../../ops/index.js";
import { bytes, count, milliseconds, percent, rate, shareOf } from "./figures.js";
import { fullFrom, fullness } from "../../ops/fullness.js";
import { sumOfMemory, type RedisMemory } from "../../ops/redis-memory.js";
import { padded, span, widthOf, type Line, type Span, type Style } from "./spans.js";
import type { View } from "./view.js";

/** A name, and behind it what is to be said, each in a place of its own. */
type Row = readonly [label: string, ...cells: Span[]];

const labelWidth = 11;
/** Three of them fit a terminal of 80 columns. */
const cellWidth = 22;

export function summary({ pulses: { processes, sum }, memory }: View, width: number): Line[] {
  const rows: Row[] = [["memory", ...memoryCells(memory)]];
  if (processes.length > 0) rows.unshift(...sumRows(processes, sum));
  return rows.flatMap((row) => laidOut(row, width));
}

function sumRows(processes: readonly Pulse[], sum: PulseSum): Row[] {
  const { perSecond, total, withoutRedis } = sum;
  const found = shareOf(perSecond.found, perSecond.requests);
  const near = shareOf(perSecond.nearCacheHits, perSecond.nearCacheHits + perSecond.nearCacheMisses);
  const event = (label: string, name: "merged" | "gone" | "refused" | "failures", style: Style = "plain") =>
    span(`${label} ${rate(perSecond[name])}/s (${count(total[name])})`, perSecond[name] > 0 ? style : "plain");
  return [
    [
      "processes",
      span(count(sum.processes)),
      withoutRedis > 0 ? span(`${count(withoutRedis)} without Redis`, "bad") : span("all with Redis"),
      span(versionsOf(processes)),
    ],
    [
      "requests",
      span(`${rate(perSecond.requests)}/s`),
      ...(found === undefined ? [] : [span(`found ${percent(found)}`)]),
      span(near === undefined ? "near cache not asked" : `near cache ${percent(near)}`),
    ],
    ["find", ...timeCells(sum.find)],
    ["save", span(`${rate(perSecond.saves)}/s`), ...timeCells(sum.save)],
    ["conflicts", event("merged", "merged"), event("gone", "gone")],
    ["errors", event("refused", "refused", "warning"), event("failures", "failures", "bad")],
  ];
}

function timeCells(times: PulseTimes | undefined): Span[] {
  if (!times) return [span("none within the last interval")];
  return [span(`p50 ${milliseconds(times.p50)} ms`), span(`p99 ${milliseconds(times.p99)} ms`)];
}

/** `1.4.2 in 3, 1.4.1 in 1`, the most frequent one first. */
function versionsOf(processes: readonly Pulse[]): string {
  const counts = new Map<string, number>();
  for (const { version } of processes) counts.set(version, (counts.get(version) ?? 0) + 1);
  const all = [...counts].toSorted(([, a], [, b]) => b - a);
  if (all.length === 1) return all[0]![0] && `version ${all[0]![0]}`;
  return all.map(([version, number]) => `${version || "no version"} in ${count(number)}`).join(", ");
}

function styleOf(share: number): Style {
  return share >= fullFrom.bad ? "bad" : share >= fullFrom.warning ? "warning" : "plain";
}

function memoryCells({ servers, silent }: RedisMemory): Span[] {
  const sum = sumOfMemory(servers);
  if (!sum) return [span(`not known: ${reasonOf(silent)}`)];
  const { used, limit, fullest } = sum;
  const share = fullness({ used, limit });
  const cells = [
    limit > 0
      ? span(`${bytes(used)} of ${bytes(limit)}, ${percent(share, 0)}`, styleOf(share))
      : span(`${bytes(used)}, no maxmemory`),
  ];
  const all = servers.length + silent.length;
  if (all === 1) return cells;
  cells.push(
    silent.length === 0
      ? span(`in ${count(all)} primaries`)
      : span(`in ${count(servers.length)} of ${count(all)} primaries: ${reasonOf(silent)}`, "warning"),
  );
  const most = fullness(fullest);
  const amount = fullest.limit > 0 ? percent(most, 0) : bytes(fullest.used);
  return [...cells, span(`fullest ${fullest.server}, ${amount}`, styleOf(most))];
}

function reasonOf(silent: RedisMemory["silent"]): string {
  if (silent.includes("refused")) return "this Redis user may not run INFO";
  return silent.includes("silent") ? "no answer to INFO" : "INFO was answered with an error";
}

/** As many cells in a line as fit, the others below them. One that is too long takes the place of the next as well. */
function laidOut([label, ...cells]: Row, width: number): Line[] {
  const indent = span(" ".repeat(labelWidth));
  const lines: Span[][] = [[padded(span(label, "dim"), labelWidth)]];
  for (const cell of cells) {
    const places = Math.ceil((widthOf([cell]) + 2) / cellWidth);
    const last = lines.at(-1)!;
    if (last.length > 1 && widthOf([...last, cell]) > width) lines.push([indent]);
    lines.at(-1)!.push(padded(cell, places * cellWidth));
  }
  return lines;
}
