/** Says that Redis is away: once for each outage, and when it comes and goes, no more than every ten seconds. */
import { allowAgain, codes, warnOnce } from "../errors/index.js";

const quiet = 10_000;
const outages = new Map<string, { said: Set<string>; saidAt: number; isOver: boolean }>();

/**
 * Each reason is said once in an outage: the first is often only that the connection was closed.
 *
 * @param subject tells the things that can be away apart
 */
export function warnOfOutage(subject: string, message: string): void {
  const outage = outages.get(subject) ?? { said: new Set(), saidAt: -Infinity, isOver: false };
  outages.set(subject, outage);
  const now = performance.now();
  if (outage.isOver && now - outage.saidAt >= quiet) outage.said.clear();
  outage.isOver = false;
  if (outage.said.has(message)) return;
  outage.said.add(message);
  outage.saidAt = now;
  allowAgain(codes.REDIS_CONNECTION_LOST, subject);
  warnOnce(codes.REDIS_CONNECTION_LOST, message, subject);
}

export function outageIsOver(subject: string): void {
  const outage = outages.get(subject);
  if (outage) outage.isOver = true;
}
