/** What the option `compress` would bring: a few sessions are compressed here, and nothing is written. Pure. */
import { compressionThreshold } from "../../../express-session/index.js";
import { packed } from "../../../session/index.js";
import type { StoredValues } from "./stored-values.js";

export interface PackingTrial {
  /** The number of sessions that were tried. */
  readonly tried: number;
  /** The memory that they take in Redis, and how much of it would be saved; none where they are compressed already. */
  readonly bytes: number;
  readonly saved: number;
}

const mostTried = 20;
const threshold = compressionThreshold(true)!;

/** `undefined` if none could be read. */
export function packingTrial(values: readonly StoredValues[]): PackingTrial | undefined {
  const tried = values.slice(0, mostTried);
  if (tried.length === 0) return undefined;
  const bytes = tried.reduce((sum, one) => sum + one.bytes, 0);
  const saved = tried.flatMap(({ texts }) => texts).reduce((sum, text) => sum + savingOf(text), 0);
  return { tried: tried.length, bytes, saved };
}

/** Only JSON is compressed, and nothing twice. */
function savingOf(text: string): number {
  const smaller = /^["[{]/.test(text) ? packed(text, threshold) : undefined;
  return smaller === undefined ? 0 : Buffer.byteLength(text) - smaller.length;
}
