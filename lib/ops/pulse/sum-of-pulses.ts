/** All processes together. Pure. */
import { sumOf } from "./counts.js";
import type { Pulse, PulseSum, PulseTimes } from "./pulse-types.js";

export function sumOfPulses(processes: readonly Pulse[]): PulseSum {
  const total = (of: (one: Pulse) => number) => processes.reduce((sum, one) => sum + of(one), 0);
  const most = (of: (one: Pulse) => number) => processes.reduce((max, one) => Math.max(max, of(one)), 0);
  const [find, save] = [slowest(processes.map((one) => one.find)), slowest(processes.map((one) => one.save))];
  return {
    processes: processes.length,
    withoutRedis: total(({ redis }) => (redis.isAvailable ? 0 : 1)),
    counts: sumOf(processes.map(({ counts }) => counts)),
    perSecond: sumOf(processes.map(({ perSecond }) => perSecond)),
    total: sumOf(processes.map((one) => one.total)),
    ...(find && { find }),
    ...(save && { save }),
    inFlight: total(({ redis }) => redis.inFlight),
    eventLoop: {
      delay: most(({ eventLoop }) => eventLoop.delay),
      utilization: most(({ eventLoop }) => eventLoop.utilization),
    },
    memory: { rss: total(({ memory }) => memory.rss), heapUsed: total(({ memory }) => memory.heapUsed) },
  };
}

/** Percentiles cannot be added up. */
function slowest(all: readonly (PulseTimes | undefined)[]): PulseTimes | undefined {
  const known = all.filter((times) => times !== undefined);
  if (known.length === 0) return undefined;
  const most = (name: keyof PulseTimes) => Math.max(...known.map((times) => times[name]));
  return { p50: most("p50"), p95: most("p95"), p99: most("p99") };
}
