/** What `--json` prints: one object for each view. Pure. */
import { sorted, type ColumnName } from "./columns.js";
import { shareOf } from "./figures.js";
import { sumOfMemory } from "../../ops/redis-memory.js";
import type { Shown } from "./view.js";

/** While nothing can be read, there is only the error: nobody should take old numbers for new ones. */
export function inJson({ view, problem }: Shown, sort: ColumnName): object {
  if (problem) {
    const { age, code, message } = problem;
    return { at: Date.now(), age: Math.round(age * 10) / 10, error: { code, message } };
  }
  const { processes, sum } = view.pulses;
  const { requests, found, nearCacheHits, nearCacheMisses } = sum.counts;
  const memory = sumOfMemory(view.memory.servers);
  return {
    at: view.at,
    sum: {
      ...sum,
      foundRatio: shareOf(found, requests) ?? null,
      nearCacheRatio: shareOf(nearCacheHits, nearCacheHits + nearCacheMisses) ?? null,
    },
    memory: memory ? { ...memory, servers: view.memory.servers.length, silent: view.memory.silent.length } : null,
    processes: sorted(processes, sort),
  };
}
