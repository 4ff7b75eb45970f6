/** Arithmetic with counts. Pure. */
import type { PulseCounts } from "./pulse-types.js";

export type Counts = { -readonly [Name in keyof PulseCounts]: number };

/** Each count from what `of` returns for its name. */
function countsOf(of: (name: keyof PulseCounts) => number): Counts {
  return {
    requests: of("requests"),
    found: of("found"),
    missing: of("missing"),
    saves: of("saves"),
    merged: of("merged"),
    gone: of("gone"),
    refused: of("refused"),
    failures: of("failures"),
    nearCacheHits: of("nearCacheHits"),
    nearCacheMisses: of("nearCacheMisses"),
  };
}

export const noCounts = (): Counts => countsOf(() => 0);

export const sumOf = (all: readonly PulseCounts[]): Counts =>
  countsOf((name) => all.reduce((sum, counts) => sum + counts[name], 0));

/** From what is stored, in which some may be missing or be no number. */
export const countsIn = (stored: object): Counts =>
  countsOf((name) => {
    const count: unknown = Reflect.get(stored, name);
    return typeof count === "number" && Number.isSafeInteger(count) && count > 0 ? count : 0;
  });

/** With three digits after the point. */
export const perSecondOf = (counts: PulseCounts, seconds: number): Counts =>
  countsOf((name) => (seconds > 0 ? Math.round((counts[name] / seconds) * 1000) / 1000 : 0));
