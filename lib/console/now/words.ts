/** What the page says in figures, by the name of the place where each is shown; the script renews them. Pure. */
import type { Pulse, Pulses } from "../../ops/index.js";
import { visible } from "../../ops/visible.js";
import { bytes, milliseconds, number, percent, seconds } from "../views/amounts.js";
import type { Snapshot } from "./collector.js";
import { hitRatioOf } from "./point.js";

export const tiles = [
  { name: "requests", title: "Requests/s" },
  { name: "find", title: "Find a session" },
  { name: "save", title: "Save one" },
  { name: "hits", title: "Found" },
  { name: "merged", title: "Merged" },
  { name: "gone", title: "Not brought back" },
  { name: "refused", title: "Refused or failed" },
  { name: "sessions", title: "Sessions" },
  { name: "memory", title: "Redis memory" },
] as const;

export function wordsOf(
  { pulses, memory, isOld }: Snapshot,
  sessions: SessionCount | undefined,
): Record<string, string> {
  const sum = pulses?.sum;
  const times = (all: { p50: number; p99: number } | undefined) => (all ? milliseconds(all.p99) : "–");
  const half = (all: { p50: number } | undefined) => (all ? `p99; half of them in ${milliseconds(all.p50)}` : "p99");
  const total = (value: number | undefined) => `${number(value)} since the start`;
  return {
    requests: number(sum?.perSecond.requests),
    requestsHint: `${number(sum?.perSecond.saves)} saves`,
    find: times(sum?.find),
    findHint: half(sum?.find),
    save: times(sum?.save),
    saveHint: half(sum?.save),
    hits: percent(sum && hitRatioOf(sum.counts)),
    hitsHint: nearCacheWords(pulses) ?? `${number(sum?.counts.missing)} cookies without a session`,
    merged: number(sum?.counts.merged),
    mergedHint: total(sum?.total.merged),
    gone: number(sum?.counts.gone),
    goneHint: total(sum?.total.gone),
    refused: number(sum && sum.counts.refused + sum.counts.failures),
    refusedHint: total(sum && sum.total.refused + sum.total.failures),
    sessions: number(sessions?.count),
    sessionsHint: sessions
      ? `counted ${seconds((Date.now() - sessions.at) / 1000)} ago`
      : isOld
        ? "not known"
        : "being counted",
    memory: bytes(memory?.used),
    memoryHint: memory === undefined ? "not known" : memory.limit > 0 ? `of ${bytes(memory.limit)}` : "no limit set",
  };
}

/** The number of sessions takes a while to count. */
export interface SessionCount {
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

function nearCacheWords(pulses: Pulses | undefined): string | undefined {
  const { nearCacheHits: hits = 0, nearCacheMisses: misses = 0 } = pulses?.sum.counts ?? {};
  return hits + misses > 0 ? `${percent((100 * hits) / (hits + misses))} from the near cache` : undefined;
}

export interface ProcessLine {
  readonly id: string;
  readonly isWell: boolean;
  readonly cells: readonly string[];
}

export const processColumns = [
  "Process",
  "Up",
  "Requests/s",
  "Saves/s",
  "Find p99",
  "Busy",
  "Memory",
  "Redis",
] as const;

export function processLines(pulses: Pulses | undefined, now: number): ProcessLine[] {
  return (pulses?.processes ?? []).map((one) => ({
    id: one.id,
    isWell: one.redis.isAvailable,
    cells: [
      nameOf(one),
      seconds((now - one.started) / 1000),
      number(one.perSecond.requests),
      number(one.perSecond.saves),
      milliseconds(one.find?.p99),
      percent(one.eventLoop.utilization * 100),
      bytes(one.memory.rss),
      redisWords(one, now),
    ],
  }));
}

function nameOf({ name, host, pid, version }: Pulse): string {
  return visible(`${name} · ${host} · ${pid}${version === "" ? "" : ` · ${version}`}`);
}

function redisWords({ redis }: Pulse, now: number): string {
  if (!redis.isAvailable) return "not available";
  if (!redis.lastOutage) return "ok";
  return `back for ${seconds((now - redis.lastOutage.at) / 1000)}`;
}
