/** Counts what happens to the sessions of one store, per interval and in total. */
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { listenerOf } from "../own-signals.js";
import { noCounts, sumOf, type Counts } from "./counts.js";
import type { PulseCounts, PulseTimes } from "./pulse-types.js";

export interface Taken {
  readonly counts: PulseCounts;
  readonly total: PulseCounts;
  readonly find: PulseTimes | undefined;
  readonly save: PulseTimes | undefined;
}

export class Tally {
  readonly #find = microseconds();
  readonly #save = microseconds();
  readonly #stops: (() => void)[];
  #counts = noCounts();
  #total: Counts = noCounts();

  constructor(stores: readonly unknown[], hasNearCache: boolean) {
    const on = listenerOf(stores);
    this.#stops = [
      on("session:found", ({ duration, from }) => {
        this.#counts.requests++;
        this.#counts.found++;
        if (from === "memory") this.#counts.nearCacheHits++;
        else this.#looked(duration, hasNearCache);
      }),
      on("session:missing", ({ duration }) => {
        this.#counts.requests++;
        this.#counts.missing++;
        this.#looked(duration, hasNearCache);
      }),
      on("session:saved", ({ duration, rounds }) => {
        this.#counts.saves++;
        if (rounds > 0) this.#counts.merged++;
        record(this.#save, duration);
      }),
      on("session:gone", ({ duration }) => {
        this.#counts.gone++;
        record(this.#save, duration);
      }),
      on("session:too-large", () => void this.#counts.refused++),
      on("session:failed", ({ duration, operation }) => {
        this.#counts.failures++;
        if (operation === "find") record(this.#find, duration);
        if (operation === "save") record(this.#save, duration);
      }),
    ];
  }

  /** What has happened since this was last called. */
  take(): Taken {
    const counts = this.#counts;
    this.#total = sumOf([this.#total, counts]);
    this.#counts = noCounts();
    return { counts, total: this.#total, find: timesOf(this.#find), save: timesOf(this.#save) };
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #looked(duration: number, hasNearCache: boolean): void {
    if (hasNearCache) this.#counts.nearCacheMisses++;
    record(this.#find, duration);
  }
}

const longest = 60_000_000;

/** Two digits are enough for a percentile, and take a few kilobytes. */
const microseconds = () => createHistogram({ lowest: 1, highest: longest, figures: 2 });

function record(histogram: RecordableHistogram, milliseconds: number): void {
  histogram.record(Math.min(Math.max(Math.round(milliseconds * 1000), 1), longest));
}

function timesOf(histogram: RecordableHistogram): PulseTimes | undefined {
  if (histogram.count === 0) return undefined;
  const at = (share: number) => histogram.percentile(share) / 1000;
  const times = { p50: at(50), p95: at(95), p99: at(99) };
  histogram.reset();
  return times;
}
