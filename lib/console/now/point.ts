/** What the charts show of one moment. Pure. */
import type { Pulse, Pulses, PulseSum } from "../../ops/index.js";
import type { MemorySum } from "../../ops/redis-memory.js";

/** The figures of one process, or of all together, in the order of `seriesNames`. `null` where nothing is known. */
type Figures = readonly (number | null)[];

export const seriesNames = [
  "requests",
  "saves",
  "findP50",
  "findP99",
  "saveP99",
  "hitRatio",
  "merged",
  "gone",
  "refused",
  "failures",
  "utilization",
  "rss",
] as const;
export type SeriesName = (typeof seriesNames)[number];

export interface Point {
  /** Seconds since 1970. */
  readonly at: number;
  readonly all: Figures;
  /** Redis did not answer, or a process was without it. */
  readonly isOutage: boolean;
  /** By the id of the process. */
  readonly each: Readonly<Record<string, Figures>>;
  /** Bytes that Redis uses, and may use. */
  readonly memory: number | null;
  readonly limit: number | null;
}

export function pointOf(at: number, { processes, sum }: Pulses, memory: MemorySum | undefined): Point {
  return {
    at,
    isOutage: sum.withoutRedis > 0,
    all: processes.length === 0 ? nothing : figuresOf(sum),
    each: Object.fromEntries(processes.map((one) => [one.id, figuresOf(one)])),
    memory: memory?.used ?? null,
    limit: memory?.limit || null,
  };
}

/** For a moment at which Redis did not say. */
export function gapAt(at: number, isOutage = true): Point {
  return { at, isOutage, all: nothing, each: {}, memory: null, limit: null };
}

const nothing: Figures = seriesNames.map(() => null);

function figuresOf({ perSecond, counts, find, save, eventLoop, memory }: Pulse | PulseSum): Figures {
  const figures: Record<SeriesName, number | null> = {
    requests: perSecond.requests,
    saves: perSecond.saves,
    findP50: find?.p50 ?? null,
    findP99: find?.p99 ?? null,
    saveP99: save?.p99 ?? null,
    hitRatio: hitRatioOf(counts) ?? null,
    merged: perSecond.merged,
    gone: perSecond.gone,
    refused: perSecond.refused,
    failures: perSecond.failures,
    utilization: eventLoop.utilization * 100,
    rss: memory.rss,
  };
  return seriesNames.map((name) => {
    const value = figures[name];
    return value === null ? null : Math.round(value * 1000) / 1000;
  });
}

/** Of 100 requests with a session cookie, how many found their session. */
export function hitRatioOf({ found, requests }: { found: number; requests: number }): number | undefined {
  return requests === 0 ? undefined : (100 * found) / requests;
}
