/** How sessions are named here: by the beginning of the SHA-256 of their id, as in all messages. Pure. */
import { sessionDigest, setupInvalid } from "../../errors/index.js";

/** All 64 digits; of the id, or of what stands for it with the option `hashIds`. */
export const hashOf = sessionDigest;

/** Digits that are shown unless more are needed; as `sessionLabel`. */
export const shownDigits = 8;

/**
 * The beginning of a hash, as someone has typed it.
 *
 * @throws HoldfastError `HOLDFAST_OPTION_INVALID`
 */
export function checkedHash(text: string): string {
  if (/^[\da-f]{8,64}$/i.test(text)) return text.toLowerCase();
  throw setupInvalid(
    "A session is named by the first 8 or more digits of the SHA-256 of its id, such as e2b33c50, " +
      "never by the id itself.",
  );
}

/** So many digits that these hashes differ. */
export function digitsToTell(hashes: readonly string[]): number {
  for (let digits = shownDigits; digits < 64; digits++) {
    if (new Set(hashes.map((one) => one.slice(0, digits))).size === hashes.length) return digits;
  }
  return 64;
}
