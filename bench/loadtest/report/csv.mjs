// The results as CSV: one file of all figures, and one of each second of those that have a course.

export function csvFiles(results) {
  const figures = [["scenario", "row", "figure", "value"]];
  const seconds = [["scenario", "row", "second", "sent", "answered", "failed", "p50_ms", "p95_ms", "p99_ms"]];
  for (const [scenario, { rows }] of Object.entries(results)) {
    for (const row of rows) {
      const name = nameOf(row);
      for (const [figure, value] of flat(row)) figures.push([scenario, name, figure, value]);
      const timeline = row.timeline ?? row.meanwhile?.timeline ?? [];
      for (const { second, sent, answered, failed, p50, p95, p99 } of timeline) {
        seconds.push([scenario, name, second, sent, answered, failed, p50, p95, p99]);
      }
    }
  }
  return { "figures.csv": text(figures), "seconds.csv": text(seconds) };
}

export function nameOf({ name, crowd, storm, what, by, value, variant, site }) {
  return [name ?? crowd ?? storm ?? what ?? (by && `${by} ${value}`), variant ?? site].filter(Boolean).join(", ");
}

/** Every number in it, with its path. */
function* flat(value, path = "") {
  if (typeof value === "number") yield [path, value];
  else if (value && typeof value === "object" && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) yield* flat(inner, path ? `${path}.${key}` : key);
  }
}

function text(lines) {
  return lines.map((line) => line.map(cell).join(",") + "\n").join("");
}

function cell(value) {
  const plain = String(value ?? "");
  return /[",\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
