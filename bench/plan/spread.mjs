// The median of slices, and the bounds of their middle half, to three digits. Pure.
import { median, middleHalf } from "../statistics.mjs";

const rounded = (value) => (value >= 1000 ? Math.round(value) : Number(value.toPrecision(3)));

export function spread(numbers) {
  const [low, high] = middleHalf(numbers).map(rounded);
  return { median: rounded(median(numbers)), low, high };
}
