/** What is said when nothing was found: "there is nothing" must not be taken for "looked in the wrong place". */
import { scanKeys, type RedisClient } from "../../redis/index.js";

export interface Places {
  readonly client: RedisClient;
  readonly prefix: string;
  readonly redisName: string;
  readonly signal: AbortSignal;
}

/**
 * Why there may be nothing; undefined if sessions are there, of which none was asked for.
 *
 * @throws HoldfastError if Redis cannot be asked
 */
export async function whyNothing({ client, prefix, redisName, signal }: Places): Promise<string | undefined> {
  const hasAny = async (begin: string) => {
    for await (const keys of scanKeys(client, begin, 500, { remembered: 500, signal }))
      if (keys.length > 0) return true;
    return false;
  };
  if ((await hasAny(prefix)) || signal.aborted) return undefined;
  if (await hasAny("")) return `${redisName}: no key begins so, but others are there. Check --prefix.`;
  return `${redisName}: there are no keys at all. Check the address, and the number of the database at its end.`;
}

/** Nobody is said to have no session because the id was looked for in the wrong place. */
export const ofNoSession =
  "None of the sessions that can be read has this user. `holdfast sessions list` shows which users they have; if your " +
  "app keeps the id elsewhere, use --user-key.";
