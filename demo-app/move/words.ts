/** The facts of the migration in words and figures, by the name of the place where each is shown. Pure. */
import { storeNames } from "../session-at-rest.js";
import type { MoveFacts } from "./facts.js";
import { number } from "./operator.js";
import { window } from "./rates.js";

export interface ProcessLine {
  readonly name: string;
  readonly follows: string;
  readonly pending: string;
  readonly heard: string;
}

/** From 1 to 4, as in the list of phases; 0 before it begins. */
export function phaseNumber({ status: { phase, dial, other } }: MoveFacts): number {
  if (phase === "off") return 0;
  if (phase === "finished") return 4;
  const position = Math.max(dial, other ?? dial);
  return position === 100 ? 3 : position > 10 ? 2 : 1;
}

export const phaseNames = ["Not begun", "Parallel running", "Gradual", "Full", "Clean up"];

export function wordsOf(facts: MoveFacts): Record<string, string> {
  const { status, rate, inDatabase, inRedis, own } = facts;
  return {
    phase: phaseNames[phaseNumber(facts)]!,
    dial: String(dialOf(facts)),
    label: dialLabel(facts),
    home: storeNames[own.home],
    bucket: bucketWords(facts),
    inDatabase: inDatabase === undefined ? "no answer" : number(inDatabase),
    inRedis: inRedis === undefined ? "no answer" : number(inRedis),
    writes: rate.requests === 0 ? "–" : (rate.writes / rate.requests).toFixed(1),
    writesHint: `${number(rate.writes)} in the ${number(rate.requests)} requests of the last ${window} s`,
    pending: number(Math.max(status.pending, status.unmirrored)),
    verified: verifiedWords(facts),
    doubt: status.doubt ?? "",
  };
}

/** The position of the pointer. */
export function dialOf({ status: { phase, dial } }: MoveFacts): number {
  return phase === "finished" ? 100 : dial;
}

export function processLines({ status }: MoveFacts): ProcessLine[] {
  return status.processes.map(({ pid, version, pending, overflowed, silentFor }) => ({
    name: `Process ${pid}`,
    follows: version >= status.version ? "follows" : "one step behind",
    pending: overflowed ? "more than it can remember" : number(pending),
    heard: silentFor < 1.5 ? "just now" : `${Math.floor(silentFor)} s ago`,
  }));
}

function dialLabel({ status: { phase, dial, other } }: MoveFacts): string {
  if (phase === "off") return "all sessions in PostgreSQL";
  if (phase === "finished") return "all sessions in Redis";
  return other === undefined
    ? "of 100 sessions in Redis"
    : `turning from ${Math.min(dial, other)} to ${Math.max(dial, other)}`;
}

function bucketWords({ own, status: { phase } }: MoveFacts): string {
  if (phase !== "moving") return "";
  return own.home === "redis"
    ? `It is at ${own.bucket} on the dial, which has passed it.`
    : `It is at ${own.bucket} on the dial, and moves when the dial passes it.`;
}

function verifiedWords({ status: { phase, verified, version } }: MoveFacts): string {
  if (phase !== "moving") return "–";
  if (verified === undefined) return "not yet";
  return verified === version ? "yes, no differences" : "not since the last step";
}
