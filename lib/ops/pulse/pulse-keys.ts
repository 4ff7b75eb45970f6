/**
 * Where pulses are in Redis:
 *
 *     GET {holdfast:pulse}:<id>          the pulse of one process, as JSON; it lives for seconds
 *     ZRANGE {holdfast:pulse} 0 -1       the ids of all processes, so that reading needs no SCAN
 *
 * All keys are in one slot, so that one script can write them, and one command read them.
 */

/** The index, unless the app names another key. */
export const pulseKey = "{holdfast:pulse}";

export function keyOfPulse(index: string, id: string): string {
  return `${index}:${id}`;
}
