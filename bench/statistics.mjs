// Medians over rounds, and ratios that are taken within a round. Pure.

export function median(numbers) {
  const known = numbers.filter((number) => number !== undefined);
  if (known.length === 0) return undefined;
  const sorted = known.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The bounds of the middle half. */
export function middleHalf(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return [median(sorted.slice(0, half)), median(sorted.slice(-half))];
}

/**
 * What a request costs, as `{ median, middle }`.
 *
 * @param rounds one object a round, which holds the measurement of a slice by the variant's name
 */
export function summarizePages(rounds, names, { base, reference, floor }) {
  const cost = (round, name) => round[name].cpu - round[base].cpu;
  const costOver = (round, name, other) =>
    cost(round, other) > 0 ? cost(round, name) / cost(round, other) : undefined;
  const rows = {};
  for (const name of names) {
    const over = (figure) => spread(rounds.map((round) => figure(round)));
    rows[name] = {
      cpu: over((round) => round[name].cpu),
      ...(name !== base && {
        cost: over((round) => cost(round, name)),
        costRatio: over((round) => costOver(round, name, reference)),
        floorRatio: over((round) => costOver(round, name, floor)),
      }),
      rate: over((round) => round[name].rate),
      rateRatio: over((round) => round[name].rate / round[reference].rate),
    };
  }
  return rows;
}

export function summarizeUpdates(rounds, names, { reference }) {
  const rows = {};
  for (const name of names) {
    const over = (figure) => spread(rounds.map((round) => figure(round)));
    rows[name] = {
      rate: over((round) => round[name].rate),
      rateRatio: over((round) => round[name].rate / round[reference].rate),
      cpu: over((round) => round[name].cpu),
    };
  }
  return rows;
}

/** Leaves out what could not be computed: a ratio to a variant that cost nothing more than no sessions in that slice. */
export function spread(numbers) {
  const known = numbers.filter((number) => number !== undefined);
  return known.length < 2 ? undefined : { median: median(known), middle: middleHalf(known) };
}
