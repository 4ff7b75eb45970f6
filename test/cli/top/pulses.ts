/** Pulses as processes leave them, without the processes. */
import type { Pulse, Pulses } from "../../../lib/ops/index.js";
import { noCounts, perSecondOf, type Counts } from "../../../lib/ops/pulse/counts.js";
import { sumOfPulses } from "../../../lib/ops/pulse/sum-of-pulses.js";

export type Some = Partial<Omit<Pulse, "counts" | "total" | "perSecond">> & {
  counts?: Partial<Counts>;
  total?: Partial<Counts>;
};

let made = 0;

export function pulseOf({ counts, total, ...some }: Some = {}): Pulse {
  const seconds = some.seconds ?? 5;
  const all = { ...noCounts(), ...counts };
  made++;
  return {
    id: `id-${String(made).padStart(4, "0")}`,
    name: "sessions",
    host: "web-1",
    pid: 4000 + made,
    version: "1.4.2",
    started: 1_000_000,
    at: 2_000_000,
    seconds,
    counts: all,
    perSecond: perSecondOf(all, seconds),
    total: { ...all, ...total },
    redis: { isAvailable: true, inFlight: 0, outages: 0 },
    eventLoop: { delay: 1.25, utilization: 0.125 },
    memory: { rss: 100 * 1024 ** 2, heapUsed: 50 * 1024 ** 2 },
    ...some,
  };
}

export function pulsesOf(...processes: Pulse[]): Pulses {
  return { processes, sum: sumOfPulses(processes) };
}

/** A client of one server or of a cluster. */
interface Writer {
  zAdd(key: string, member: { score: number; value: string }): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
}

/** Writes them to Redis, where they stay. */
export async function leave(client: Writer, ...pulses: Pulse[]): Promise<void> {
  for (const { perSecond: _, ...stored } of pulses) {
    await client.zAdd("{holdfast:pulse}", { score: Date.now(), value: stored.id });
    await client.set(`{holdfast:pulse}:${stored.id}`, JSON.stringify(stored));
  }
}
