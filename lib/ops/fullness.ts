/** How full a Redis is, and from when on that matters: the same in the doctor, in `holdfast top` and in the console. Pure. */

/** Shares of the limit: from the first on, little is left; from the second on, writes are refused or about to be. */
export const fullFrom = { warning: 0.75, bad: 0.95 } as const;

/** From 0 to 1; 0 without a limit. */
export function fullness({ used, limit }: { readonly used: number; readonly limit: number }): number {
  return limit > 0 ? used / limit : 0;
}
