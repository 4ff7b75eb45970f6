/** How this process is: its event loop and its memory. */
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Pulse } from "./pulse-types.js";

/** Milliseconds between two samples: twenty a second cost nothing that can be measured. */
const resolution = 50;

export class Vitals {
  readonly #delay = monitorEventLoopDelay({ resolution });
  #before = performance.eventLoopUtilization();

  constructor() {
    this.#delay.enable();
  }

  /** Since this was last called. */
  take(): Pick<Pulse, "eventLoop" | "memory"> {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#before);
    this.#before = now;
    // What is recorded is the time from one sample to the next.
    const delay = this.#delay.count === 0 ? 0 : this.#delay.percentile(99) / 1e6 - resolution;
    this.#delay.reset();
    const { heapUsed, rss } = process.memoryUsage();
    return {
      eventLoop: { delay: rounded(Math.max(delay, 0)), utilization: rounded(utilization) },
      memory: { rss, heapUsed },
    };
  }

  stop(): void {
    this.#delay.disable();
  }
}

const rounded = (value: number) => Math.round(value * 1000) / 1000;
