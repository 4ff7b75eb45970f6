/** A quantity as typed: the number that it is, or the rule that it breaks. Pure. */

export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** What the largest one is the limit of, such as `can be added at once`. */
  readonly most: string;
}

export type Quantity = { readonly value: number } | { readonly problem: string };

export function readQuantity(typed: string, { min, max, most }: Bounds): Quantity {
  const text = typed.trim();
  if (text === "") return { problem: "Please type how many." };
  const shown = text.length > 20 ? `${text.slice(0, 20)}…` : text;
  const isNegative = /^[-−]\d+([.,]\d+)?$/.test(text);
  if (isNegative || /^\d+$/.test(text)) {
    const value = Number(text);
    if (isNegative || value < min) return { problem: `${shown} is too few: at least ${min}.` };
    return value > max ? { problem: `${shown} is too many: at most ${max} ${most}.` } : { value };
  }
  if (/^\d*[.,]\d+$/.test(text)) return { problem: `${shown} is not possible: whole pieces only.` };
  return { problem: `“${shown}” is not a whole number.` };
}
