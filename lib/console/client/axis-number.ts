/** Numbers at an axis. Pure. */
import { bytes, milliseconds, percent } from "../views/amounts.js";
import type { Chart } from "../now/charts.js";

export function axisNumber(value: number, unit: Chart["unit"]): string {
  if (unit === "bytes") return bytes(value);
  if (unit === "percent") return percent(value);
  if (unit === "milliseconds") return milliseconds(value);
  return value.toLocaleString("en", { notation: "compact" });
}
