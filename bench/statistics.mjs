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

/** `rounds`: one object a round, which holds a measurement by the variant's name. */
export function summarizePages(rounds, names, { base, reference, floor }) {
  const cost = (round, name) => round[name].cpu - round[base].cpu;
  const rows = {};
  for (const name of names) {
    const over = (figure) => median(rounds.map((round) => round[name] && figure(round)));
    const ratiosMiddle = (figure) => middleHalf(rounds.map(figure));
    const mean = (figure) => sum(rounds.map((round) => round[name]?.[figure])) / rounds.length;
    rows[name] = {
      cpu: over((round) => round[name].cpu),
      cpuMiddle: middleHalf(rounds.map((round) => round[name].cpu)),
      cost: over((round) => cost(round, name)),
      costRatio: over((round) => cost(round, name) / cost(round, reference)),
      costRatioMiddle: ratiosMiddle((round) => cost(round, name) / cost(round, reference)),
      floorRatio: floor && over((round) => cost(round, name) / cost(round, floor)),
      floorRatioMiddle: floor && ratiosMiddle((round) => cost(round, name) / cost(round, floor)),
      rate: over((round) => round[name].rate),
      rateRatio: over((round) => round[name].rate / round[reference].rate),
      commands: mean("commands"),
      bytes: mean("bytes"),
    };
  }
  for (const row of Object.values(rows)) row.bytesRatio = row.bytes / rows[reference].bytes;
  return rows;
}

export function summarizeUpdates(rounds, names, { reference }) {
  const rows = {};
  for (const name of names) {
    const over = (figure) => median(rounds.map((round) => round[name] && figure(round)));
    rows[name] = {
      rate: over((round) => round[name].rate),
      rateRatio: over((round) => round[name].rate / round[reference].rate),
      cpu: over((round) => round[name].cpu),
    };
  }
  return rows;
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + (number ?? NaN), 0);
}
