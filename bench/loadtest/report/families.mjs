// What is drawn in which color: a store has the same one in every chart and bar of the report. Pure.

const families = [
  ["hash", /\bhash\b/],
  ["ours", /\b(Holdfast|json)\b/],
  ["theirs", /connect-redis/],
  ["database", /connect-pg-simple|PostgreSQL/],
];

/** `ours`, `hash` (our other layout), `theirs`, `database`, or `other`. */
export function familyOf(name) {
  return families.find(([, pattern]) => pattern.test(name))?.[0] ?? "other";
}

/** How a line is told from others of its color: undefined is a solid one. */
export function dashOf(name) {
  if (/store only|100 visitors/.test(name)) return [2, 4];
  return /\b1 process\b|meanwhile/.test(name) ? [9, 5] : undefined;
}
