// The median of slices, and the bounds of their middle half, to three digits; and the medians alone. Pure.
import { median, middleHalf } from "../statistics.mjs";

const rounded = (value) => (value >= 1000 ? Math.round(value) : Number(value.toPrecision(3)));

export function spread(numbers) {
  const [low, high] = middleHalf(numbers).map(rounded);
  return { median: rounded(median(numbers)), low, high };
}

/** The same with the median in the place of each spread, at any depth. */
export function mediansOf(value) {
  if (Array.isArray(value)) return value.map(mediansOf);
  if (typeof value !== "object") return value;
  if ("median" in value) return value.median;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mediansOf(inner)]));
}
