/** Finds the session that a short hash names, by the ids alone. */
import { codes, HoldfastError, isHashedName } from "../../errors/index.js";
import { checkedHash, digitsToTell, hashOf } from "./session-hash.js";
import type { Found, SessionReader } from "./session-reader.js";

/** Of so many that share the digits, the message names each. */
const mostNamed = 20;

export interface Search {
  /** Undefined if there is no such session. */
  readonly found: Found | undefined;
  /** Some keys have a hash of the id: while `hashIds` is being switched, a session may be brought to its other key. */
  readonly mayMove: boolean;
}

/** How often a session is looked for that may be on its way from one key to the other. */
const mostSearches = 10;

/** @throws HoldfastError `HOLDFAST_SESSION_AMBIGUOUS`, `HOLDFAST_OPTION_INVALID` */
export async function findSession(reader: SessionReader, hash: string, signal?: AbortSignal): Promise<Search> {
  const digits = checkedHash(hash);
  const sids = new Map<string, string>(); // by their hash; the id where it is known, which tells both keys
  for (let search = 1; ; search++) {
    const mayMove = await collect(reader, digits, sids, signal);
    const found: Found[] = []; // tombstones and other things are not
    for (const sid of sids.values()) {
      const one = await reader.readOne(sid, mayMove);
      if (one) found.push(one);
    }
    if (found.length > 1) throw ambiguous(digits, found);
    if (found.length > 0 || !mayMove || search === mostSearches || signal?.aborted) return { found: found[0], mayMove };
  }
}

/** @returns whether there are keys with a hash of the id */
async function collect(
  reader: SessionReader,
  digits: string,
  sids: Map<string, string>,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  let mayMove = false;
  for await (const batch of reader.ids(signal)) {
    for (const sid of batch) {
      const isName = isHashedName(sid);
      mayMove ||= isName;
      const whole = hashOf(sid);
      if (whole.startsWith(digits) && !(isName && sids.has(whole))) sids.set(whole, sid);
    }
  }
  return mayMove;
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
