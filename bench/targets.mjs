// What is to be reached, as ratios to express-session with connect-redis in the same run, and whether it was. Pure.

const atMost = (limit) => ({ text: `≤ ${limit}`, isReached: (value) => value <= limit });
const atLeast = (limit) => ({ text: `≥ ${limit}`, isReached: (value) => value >= limit });
/** A count of things that happen once a request; what is refreshed once a minute comes on top. */
const exactly = (limit) => ({ text: String(limit), isReached: (value) => Math.abs(value - limit) <= 0.02 });

const read = (cost, trips) => ({
  costRatio: atMost(cost),
  rateRatio: atLeast(1.4),
  commands: atMost(1.02),
  trips: exactly(trips),
  bytesRatio: atMost(0.05),
});
const write = (cost, rate, bytes, trips) => ({
  costRatio: atMost(cost),
  rateRatio: atLeast(rate),
  commands: exactly(trips),
  trips: exactly(trips),
  bytesRatio: atMost(bytes),
});

const targets = {
  json: { read: read(0.5, 1), write: write(0.65, 1.25, 1.1, 2), updates: { rateRatio: atLeast(0.95) } },
  hash: { read: read(0.5, 1), write: write(0.55, 1.3, 0.15, 2), updates: { rateRatio: atLeast(1.5) } },
  "json+near": { read: read(0.4, 0), write: write(0.65, 1.25, 1.1, 1) },
  "hash+near": { read: read(0.4, 0), write: write(0.55, 1.3, 0.15, 1) },
};

const figures = {
  costRatio: "CPU of a session",
  rateRatio: "throughput",
  commands: "commands",
  trips: "round trips",
  bytesRatio: "AOF bytes",
};

/** One row for each target of each variant that was measured. */
export function compare(results) {
  const rows = [];
  for (const [variant, pages] of Object.entries(targets)) {
    for (const [page, wanted] of Object.entries(pages)) {
      for (const [figure, { text, isReached }] of Object.entries(wanted)) {
        const value = results[page]?.[variant]?.[figure];
        if (value === undefined || Number.isNaN(value)) continue;
        const what = page === "updates" ? "updates without HTTP" : figures[figure];
        rows.push({ variant, page, what, toReach: text, measured: value, reached: isReached(value) });
      }
    }
  }
  return rows;
}
