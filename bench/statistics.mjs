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
  const rows = {};
  for (const name of names) {
    const over = (figure) => spread(rounds.map((round) => figure(round)));
    rows[name] = {
      cpu: over((round) => round[name].cpu),
      ...(name !== base && {
        cost: over((round) => cost(round, name)),
        costRatio: over((round) => cost(round, name) / cost(round, reference)),
        floorRatio: over((round) => cost(round, name) / cost(round, floor)),
      }),
      rate: over((round) => round[name].rate),
      rateRatio: over((round) => round[name].rate / round[reference].rate),
      commands: mean(rounds.map((round) => round[name].commands)),
      bytes: mean(rounds.map((round) => round[name].bytes)),
    };
  }
  const { bytes } = rows[reference];
  for (const row of Object.values(rows)) row.bytesRatio = row.bytes === undefined ? undefined : row.bytes / bytes;
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

/** A ratio to nothing is left out. */
function spread(numbers) {
  const known = numbers.filter((number) => Number.isFinite(number));
  return known.length < 2 ? undefined : { median: median(known), middle: middleHalf(known) };
}

function mean(numbers) {
  const total = numbers.reduce((sum, number) => sum + number, 0);
  return Number.isFinite(total) ? total / numbers.length : undefined;
}
