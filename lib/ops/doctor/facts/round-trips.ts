/** The time that a PING takes, from this process. */
import type { Problem } from "./answer.js";
import type { Server } from "../../../redis/index.js";
import type { Asker } from "./asker.js";

export interface RoundTrips {
  /** Milliseconds of each answered PING, in ascending order. */
  readonly times: readonly number[];
  /** Why there are not more. */
  readonly problem: Problem | undefined;
}

export const pingsWanted = 200;
/** Milliseconds. On a slow connection, fewer PINGs must do. */
const longest = 2000;

/** One after the other, as the commands of one request. */
export async function pingTimes(asker: Asker, server: Server): Promise<RoundTrips> {
  const times: number[] = [];
  const endsAt = performance.now() + longest;
  let problem: Problem | undefined;
  while (times.length < pingsWanted && performance.now() < endsAt) {
    const sentAt = performance.now();
    ({ problem } = await asker.ask(server, "PING"));
    if (problem) break;
    times.push(performance.now() - sentAt);
  }
  return { times: times.toSorted((a, b) => a - b), problem };
}

/** @param share from 0 to 1 */
export function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0;
}
