/** Times at an axis, as exact as they must be to differ. Pure. */

/** @param step seconds between two of them */
export function axisTime(seconds: number, step: number): string {
  const exact = step < 60 ? ({ second: "2-digit" } as const) : {};
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", ...exact });
}
