// What a session may cost, as ratios to the floor and to express-session with connect-redis in the same run. Pure.

const atMost = (limit) => ({ text: `≤ ${limit}`, isReached: (value) => value <= limit });
const atLeast = (limit) => ({ text: `≥ ${limit}`, isReached: (value) => value >= limit });
/** A count of things that happen once a request; what is refreshed once a minute comes on top. */
const exactly = (limit) => ({ text: String(limit), isReached: (value) => Math.abs(value - limit) <= 0.02 });

const read = (cost, trips) => ({
  floorRatio: atMost(cost),
  rateRatio: atLeast(1.6),
  commands: atMost(1.02),
  trips: exactly(trips),
  bytesRatio: atMost(0.05),
});
const write = (cost, trips, bytes) => ({
  floorRatio: atMost(cost),
  rateRatio: atLeast(1.6),
  commands: exactly(trips),
  trips: exactly(trips),
  bytesRatio: atMost(bytes),
});

const targets = {
  json: { read: read(1.4, 1), write: write(1.8, 2, 1.1), updates: { rateRatio: atLeast(1) } },
  hash: { read: read(1.6, 1), write: write(1.8, 2, 0.15), updates: { rateRatio: atLeast(1.2) } },
  "json+near": { read: read(0.8, 0), write: write(1.4, 1, 1.1) },
  "hash+near": { read: read(0.8, 0), write: write(1.4, 1, 0.15) },
};

/** One row for each target of each variant that was measured. @returns rows with `middle` where a figure has a spread */
export function compare(results) {
  const rows = [];
  for (const [variant, pages] of Object.entries(targets)) {
    for (const [page, wanted] of Object.entries(pages)) {
      for (const [figure, { text, isReached }] of Object.entries(wanted)) {
        const measured = results[page]?.[variant]?.[figure];
        if (measured === undefined || measured === null) continue;
        const { median: value, middle } = typeof measured === "number" ? { median: measured } : measured;
        rows.push({ variant, page, figure, target: text, value, middle, reached: isReached(value) });
      }
    }
  }
  return rows;
}
