// Latencies of all scenarios: kept in Node.js' own HDR histogram in microseconds, told in milliseconds.
import { createHistogram } from "node:perf_hooks";

/** Microseconds: an hour. A histogram drops what is longer, and the percentiles would look better than they were. */
const longest = 3.6e9;

export function histogram() {
  return createHistogram({ lowest: 1, highest: longest, figures: 3 });
}

export function record(latencies, milliseconds) {
  latencies.record(Math.min(longest, Math.max(1, Math.round(milliseconds * 1000))));
}

/** Milliseconds. */
export function summary(latencies) {
  if (latencies.count === 0) return { mean: null, p50: null, p95: null, p99: null, p999: null, longest: null };
  const at = (percentile) => latencies.percentile(percentile) / 1000;
  const mean = Math.round(latencies.mean) / 1000;
  return { mean, p50: at(50), p95: at(95), p99: at(99), p999: at(99.9), longest: latencies.max / 1000 };
}
