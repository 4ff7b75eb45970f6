/** Finds the session that a short hash names, by the ids alone. */
import { codes, HoldfastError } from "../../errors/index.js";
import { checkedHash, digitsToTell, hashOf } from "./session-hash.js";
import type { Found, SessionReader } from "./session-reader.js";

/** Of so many that share the digits, the message names each. */
const mostNamed = 20;

/**
 * @returns undefined if there is no such session
 * @throws HoldfastError `HOLDFAST_SESSION_AMBIGUOUS`, `HOLDFAST_OPTION_INVALID`
 */
export async function findSession(
  reader: SessionReader,
  hash: string,
  signal?: AbortSignal,
): Promise<Found | undefined> {
  const digits = checkedHash(hash);
  const sids = new Set<string>();
  for await (const batch of reader.ids(signal)) {
    for (const sid of batch) if (hashOf(sid).startsWith(digits)) sids.add(sid);
  }
  const found: Found[] = []; // tombstones and other things are not
  for (const sid of sids) {
    const one = await reader.readOne(sid);
    if (one) found.push(one);
  }
  if (found.length > 1) throw ambiguous(digits, found);
  return found[0];
}

function ambiguous(digits: string, found: readonly Found[]): HoldfastError {
  const hashes = found.map(({ sid }) => hashOf(sid)).sort();
  const length = digitsToTell(hashes);
  const names = hashes.slice(0, mostNamed).map((hash) => hash.slice(0, length));
  return new HoldfastError(
    codes.SESSION_AMBIGUOUS,
    `${found.length} sessions have a hash that begins with ${digits}, so nothing was done. ` +
      `Name one with more digits: ${names.join(", ")}.`,
    { status: 409 },
  );
}
